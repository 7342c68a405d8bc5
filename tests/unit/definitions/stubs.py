"""field types that stand in for the built-in ones"""

from __future__ import annotations

import decimal
from typing import Any, ClassVar

from dougong.base.errors import InvalidValue
from dougong.base.registry import Registry
from dougong.base.sql_types import Key
from dougong.base.text import Text
from dougong.expressions import types
from dougong.sdk.extensions import Extensions
from dougong.sdk.field_type import Column, FieldType, Option, Reading


class TextType(FieldType[str]):
    """Words on one line."""

    name: ClassVar[str] = "text"
    label: ClassVar[Text] = Text({"en": "Text"})
    max_length: int = 200

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Key()),)

    def expression_type(self) -> types.Type | None:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        return str(raw)


class Number(TextType):
    name = "decimal"
    scale: int = 2
    minimum: decimal.Decimal | None = None

    def expression_type(self) -> types.Type | None:
        return types.number(self.scale)

    def parse(self, raw: Any, reading: Reading) -> Any:
        try:
            return decimal.Decimal(str(raw))
        except decimal.InvalidOperation:
            raise InvalidValue("Enter a number.") from None


class Lookup(TextType):
    name = "lookup"
    to: str

    def expression_type(self) -> types.Type | None:
        return types.record(self.to)

    def lookup(self) -> str | None:
        return self.to


class Choice(TextType):
    name = "choice"
    options: str | tuple[Option, ...]


class Children(TextType):
    name = "children"
    of: str

    def columns(self) -> tuple[Column, ...]:
        return ()

    def lines(self) -> str | None:
        return self.of

    def expression_type(self) -> types.Type | None:
        return types.children(self.of)


def extensions() -> Extensions:
    registry: Registry[type[FieldType[Any]]] = Registry("field type")
    for each in (TextType, Number, Lookup, Choice, Children):
        registry.add(each.name, each, source="tests")
    registry.freeze()
    return Extensions(registry)
