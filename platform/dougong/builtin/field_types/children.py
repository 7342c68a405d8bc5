"""the lines that belong to a record"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Name,
    Reading,
    Showing,
    Text,
    hookimpl,
    types,
)

Line = dict[str, Any]


class Children(FieldType[tuple[Line, ...]]):
    """The lines of a record, such as the positions of an order: records of an object of nature `child`.

    Here only their shape is read; the gate reads each line by the fields of its object.
    """

    name = "children"
    label = Text({"en": "Lines", "zh-CN": "明细"})
    widget = "lines"
    comparisons = ()

    of: Name = Field(description="The object of nature `child` that its lines are records of.")

    def columns(self) -> tuple[Column, ...]:
        return ()

    def expression_type(self) -> types.Type:
        return types.children(self.of)

    def parse(self, raw: Any, reading: Reading) -> tuple[Line, ...]:
        if not isinstance(raw, (list, tuple)) or not all(_is_line(line) for line in raw):
            raise InvalidValue(Message("Enter the lines as a list of objects.", code="lines_unclear"))
        return tuple(dict(line) for line in raw)

    def format(self, value: tuple[Line, ...], showing: Showing) -> str:
        count = len(value)
        message = Message("1 line") if count == 1 else Message("{count} lines", count=count)
        return message.show(showing.locale)

    def dump(self, value: tuple[Line, ...]) -> list[Line]:
        return list(value)

    def store(self, value: tuple[Line, ...]) -> tuple[Any, ...]:
        return ()

    def restore(self, stored: Sequence[Any]) -> tuple[Line, ...]:
        return ()

    def read_cell(self, text: str, reading: Reading) -> tuple[Line, ...]:
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raw = None
        return self.parse(raw, reading)

    def write_cell(self, value: tuple[Line, ...]) -> str:
        return json.dumps(value, ensure_ascii=False, default=str)

    def sort_column(self) -> str | None:
        return None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "object"}}

    def lines(self) -> str | None:
        return self.of


def _is_line(raw: Any) -> bool:
    return isinstance(raw, Mapping) and all(isinstance(name, str) for name in raw)


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Children]
