"""a value in SQL, with what is known of its digits"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.expressions.numbers import MOST
from dougong.expressions.types import Type

Element = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Operand:
    """One value in a statement.

    On SQLite a number is an integer that counts units of its last decimal place; on PostgreSQL it is `numeric`, or the
    integer column it came from.
    """

    element: Element
    type: Type
    most: int = MOST
    """The largest magnitude of a number, counted in units of its last decimal place."""
    is_plain: bool = False
    """Whether it is a column or a literal, which may stand in a statement twice."""


def numeric(operand: Operand) -> Element:
    """Give a number as `numeric`, on PostgreSQL: its integers would overflow early and divide to integers."""
    element = operand.element
    return sa.cast(element, sa.Numeric()) if isinstance(element.type, sa.Integer) else element
