"""telephone numbers"""

from __future__ import annotations

import re
from typing import Any

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Reading,
    Text,
    hookimpl,
    narrow,
    read_text,
    text_column,
    types,
)

_LONGEST = 50
_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]+\s*")
_NUMBER = re.compile(r"\+?[0-9(][0-9 ().-]*(?: ?(?:x|ext\.?|转|轉|#) ?[0-9]{1,6})?", re.IGNORECASE)


class Phone(FieldType[str]):
    """One telephone number, as people write it: `+86 138-0013-8000`, `010 6655 8888 转 801`.

    Dashes and spaces are made alike; a `+` in front is kept.
    """

    name = "phone"
    label = Text({"en": "Telephone", "zh-CN": "电话"})
    widget = "tel"
    comparisons = ("is", "is_not", "contains", "starts_with", "any_of", "is_blank", "is_not_blank")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        said = narrow(read_text(raw, longest=_LONGEST))
        number = " ".join(_DASHES.sub("-", said).split())
        digits = sum(letter.isdigit() for letter in number)
        if not _NUMBER.fullmatch(number) or not 5 <= digits <= 20:
            example = "+86 138 0013 8000"
            raise InvalidValue(
                Message("Enter a telephone number, such as {example}.", code="phone_unclear", example=example)
            )
        return number

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _LONGEST}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Phone]
