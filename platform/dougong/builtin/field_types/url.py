"""web addresses"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Reading,
    Text,
    hookimpl,
    read_text,
    text_column,
    types,
)

_LONGEST = 2000
_BREAKS_OUT = re.compile(r"[\s\\<>\"]")


class Url(FieldType[str]):
    """A web address of http or https. Nothing else: `javascript:` would run in the reader's browser."""

    name = "url"
    label = Text({"en": "Web address", "zh-CN": "网址"})
    widget = "url"
    comparisons = ("is", "is_not", "contains", "starts_with", "is_blank", "is_not_blank")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        said = read_text(raw, longest=_LONGEST)
        if not _is_web_address(said):
            example = "https://example.com"
            raise InvalidValue(Message("Enter a web address, such as {example}.", code="url_unclear", example=example))
        return said

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _LONGEST, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}


def _is_web_address(said: str) -> bool:
    if _BREAKS_OUT.search(said):
        return False
    try:
        parts = urlsplit(said)
        _ = parts.port
    except ValueError:
        return False
    # A user before the host (https://bank.com@evil.example) only ever misleads.
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Url]
