"""yes or no"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Reading,
    Showing,
    Text,
    hookimpl,
    narrow,
    types,
)

_WORDS = {"true": True, "yes": True, "y": True, "on": True, "1": True, "是": True}
_WORDS |= {"false": False, "no": False, "n": False, "off": False, "0": False, "否": False}
_LONGEST = 20


class Boolean(FieldType[bool]):
    """Yes or no. What nobody answered is no, unless the author wants to tell the two apart."""

    name = "boolean"
    label = Text({"en": "Yes or no", "zh-CN": "是否"})
    widget = "checkbox"
    comparisons = ("is", "is_blank", "is_not_blank")
    align = "center"

    may_be_blank: bool = Field(default=False, description="Whether it may stay unanswered.")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", sa.Boolean()),)

    def expression_type(self) -> types.Type:
        return types.BOOLEAN

    def blank(self) -> bool | None:
        return None if self.may_be_blank else False

    def parse(self, raw: Any, reading: Reading) -> bool:
        if isinstance(raw, bool):
            return raw
        word = narrow(raw).strip().casefold() if isinstance(raw, str) and len(raw) <= _LONGEST else ""
        if word not in _WORDS:
            raise InvalidValue(Message("Answer yes or no.", code="boolean_unclear"))
        return _WORDS[word]

    def compute(self, value: Any) -> bool:
        return bool(value)

    def format(self, value: bool, showing: Showing) -> str:  # noqa: FBT001 -- it is the value
        return Message("Yes" if value else "No").show(showing.locale)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Boolean]
