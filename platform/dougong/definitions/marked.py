"""data that remembers where each of its values stands"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dougong.base.problems import Place

Path = tuple[str | int, ...]
"""Keys and positions from the top of a definition: `("fields", 3, "to")`."""


class Spot(NamedTuple):
    """Where a key and its value stand, from 1; for an item of a list both are the item's."""

    file: str
    key_line: int
    key_column: int
    line: int
    column: int

    def of_key(self) -> Place:
        """The place of the key."""
        return Place(self.file, self.key_line, self.key_column)

    def of_value(self) -> Place:
        """The place of the value."""
        return Place(self.file, self.line, self.column)


class MarkedMap(dict[str, Any]):
    """A mapping whose keys and values have places."""

    __slots__ = ("spot", "spots")

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot
        self.spots: dict[str, Spot] = {}

    def put(self, key: str, value: Any, spot: Spot) -> None:
        """Set a value and say where it stands."""
        self[key] = value
        self.spots[key] = spot

    def copy(self) -> MarkedMap:
        """Give another mapping with the same content."""
        other = MarkedMap(self.spot)
        other.update(self)
        other.spots.update(self.spots)
        return other


class MarkedList(list[Any]):
    """A list whose items have places."""

    __slots__ = ("spot", "spots")

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot
        self.spots: list[Spot] = []

    def put(self, value: Any, spot: Spot) -> None:
        """Add an item and say where it stands."""
        self.append(value)
        self.spots.append(spot)

    def copy(self) -> MarkedList:
        """Give another list with the same items."""
        other = MarkedList(self.spot)
        other.extend(self)
        other.spots.extend(self.spots)
        return other


Marked = MarkedMap | MarkedList


def spot_of(data: Any, path: Sequence[str | int]) -> Spot:
    """Say where the value at a path stands, or the nearest one around it that is there."""
    spot = data.spot
    for step in path:
        try:
            spot, data = data.spots[step], data[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    found: Spot = spot
    return found


def place_of(data: Any, path: Sequence[str | int], *, key: bool = False) -> Place:
    """Say where the value at a path stands, or its key."""
    spot = spot_of(data, path)
    return spot.of_key() if key else spot.of_value()


def place_within(place: Place, value: str, offset: int, source: str) -> Place:
    """Say where a character of a scalar stands in its file; the scalar's own place where it cannot be told.

    The scalar may be quoted, folded or a block: blanks and line ends are matched loosely, the rest exactly.
    """
    lines = source.split("\n")
    start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
    at = _skip_opening(source, start)
    for wanted in value[:offset]:
        if wanted.isspace():
            continue
        at = _skip_blank(source, at)
        if source[at : at + 1] != wanted:
            return place
        at += 2 if wanted == "'" and source[at : at + 2] == "''" else 1
    at = _skip_blank(source, at) if value[offset : offset + 1].strip() else at
    line = source.count("\n", 0, at)
    return Place(place.path, line + 1, at - source.rfind("\n", 0, at))


def _skip_opening(source: str, at: int) -> int:
    """Go past a quote, or past the first line of a block."""
    first = source[at : at + 1]
    if first in ("|", ">"):
        end = source.find("\n", at)
        return end if end >= 0 else at
    return at + 1 if first in ("'", '"') else at


def _skip_blank(source: str, at: int) -> int:
    while source[at : at + 1].isspace():
        at += 1
    return at
