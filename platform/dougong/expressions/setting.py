"""what an expression is evaluated with: the record it stands on, who asks, and when"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dougong.expressions.dates import to_the_millisecond
from dougong.expressions.tree import Value

Fact = Value | Callable[[], Value]
"""A fact about the person who asks, or how to find it out when an expression wants it."""


class Reach(Protocol):
    """A record, and what can be reached from it."""

    def get(self, names: tuple[str, ...], /) -> Value:
        """Give the value that a path leads to; None where it, or a lookup on the way, is blank."""

    def children(self, names: tuple[str, ...], /) -> Iterable[Reach]:
        """Give the child records that a path leads to."""


@dataclass(frozen=True)
class Setting:
    """What is the same for all records: the time, the zone, and the person who asks."""

    today: dt.date
    now: dt.datetime
    """With a zone of its own; UTC is best."""
    zone: str = "UTC"
    me: Mapping[tuple[str, ...], Fact] = field(default_factory=dict)
    """`()` is the id of the person, `("unit",)` that of their unit, and so on."""

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError(f"{self.now!r} has no zone")
        object.__setattr__(self, "now", to_the_millisecond(self.now))

    def fact(self, names: tuple[str, ...]) -> Value:
        """Give a fact about the person who asks."""
        fact = self.me[names]
        return fact() if callable(fact) else fact


class _NoRecord:
    """Where a constant stands."""

    def get(self, names: tuple[str, ...], /) -> Value:
        raise LookupError(f"there is no record that could have {names!r}")

    def children(self, names: tuple[str, ...], /) -> Iterable[Reach]:
        raise LookupError(f"there is no record that could have {names!r}")


NO_RECORD: Reach = _NoRecord()
"""What an expression stands on that was checked for no object."""
