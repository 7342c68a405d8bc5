"""addresses of electronic mail"""

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

_LONGEST = 254
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


class Email(FieldType[str]):
    """One address of electronic mail. Its domain is kept in lower case."""

    name = "email"
    label = Text({"en": "E-mail", "zh-CN": "电子邮箱"})
    widget = "email"
    comparisons = ("is", "is_not", "contains", "starts_with", "any_of", "is_blank", "is_not_blank")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        local, _, domain = narrow(read_text(raw, longest=_LONGEST)).rpartition("@")
        labels = domain.lower().split(".")
        fits = len(local) <= 64 and _LOCAL.fullmatch(local) and len(labels) > 1
        if not fits or not all(_LABEL.fullmatch(label) for label in labels):
            example = "name@example.com"
            raise InvalidValue(
                Message("Enter an e-mail address, such as {example}.", code="email_unclear", example=example)
            )
        return f"{local}@{domain.lower()}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "idn-email", "maxLength": _LONGEST}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Email]
