"""the types of expressions"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

Sort = Literal["text", "number", "boolean", "date", "moment", "span", "codes", "record", "children", "list", "blank"]


@dataclass(frozen=True)
class Type:
    """What sort of value an expression gives.

    `number` carries a scale (decimal places; 0 is a whole number). `record` is a lookup and `children` the lines of a
    record, both with the object they lead to. `codes` is the value of a multi_choice. `span` is what `days(3)` gives.
    `list` is a literal list on the right of `in`. Money is a number here: its amount in base currency.
    """

    sort: Sort
    scale: int = 0
    object: str | None = None

    def __str__(self) -> str:
        return f"{self.sort} of {self.object}" if self.object else self.sort


TEXT = Type("text")
BOOLEAN = Type("boolean")
DATE = Type("date")
MOMENT = Type("moment")
SPAN = Type("span")
CODES = Type("codes")
BLANK = Type("blank")
WHOLE = Type("number", 0)
LIST = Type("list")


def number(scale: int) -> Type:
    """Give the type of numbers with so many decimal places."""
    return Type("number", scale)


def record(object_name: str) -> Type:
    """Give the type of a lookup to an object."""
    return Type("record", object=object_name)


def children(object_name: str) -> Type:
    """Give the type of the lines of a record."""
    return Type("children", object=object_name)


class Scope(Protocol):
    """What names mean: the fields of objects, as the catalog has them."""

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field (system fields too), or None where the object has no such field."""

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names of an object's fields, for did-you-mean."""
