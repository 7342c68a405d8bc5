"""what a caller asks for: fields, filters, sort, page"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.expressions.tree import Node

Values = Mapping[str, Any]
"""Raw values by field, as JSON or a form brought them."""


class Parsed(dict[str, Any]):
    """Values by field that were read by their field types already, as an import does; they are not parsed again."""


MOST_RECORDS = 1000
COUNTED_TO = 10_000


@dataclass(frozen=True)
class Query:
    """Which records of an object, in what order, and which page of them."""

    where: str | None = None
    """An expression over fields the caller may read."""
    q: str | None = None
    """Words to find."""
    sort: tuple[str, ...] = ()
    """Fields or paths over lookups; `-` for descending. Blanks are the smallest."""
    fields: tuple[str, ...] | None = None
    """Fields and paths to read (`customer.name`, `customer.title`); None: every readable field."""
    limit: int = 50
    cursor: str | None = None
    count: Literal["none", "to_limit", "exact"] = "none"
    within: Node | None = None
    """A checked condition that a definition gives, over every field: what a lookup offers."""
    verb: Literal["read", "export", "print"] = "read"
    """What the records are wanted for: those to export or to print are among those that may be read."""
    flags: tuple[str, ...] = ()
    """Expressions over fields the caller may read; of each record it is told which of them hold (`Record.flags`)."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_RECORDS:
            raise BadRequest(
                Message(
                    "Ask for 1 to {most} records, not {limit}.",
                    code="limit",
                    most=MOST_RECORDS,
                    limit=self.limit,
                )
            )


@dataclass
class Record:
    """One record as its reader may see it."""

    object: str
    id: str
    version: int | None
    values: dict[str, Any]
    """By field name or path: Python values of the field's type; None is blank. Children are lists of `Record`."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the records that its lookups point to, by id; shared by a page."""
    flags: tuple[bool, ...] = ()
    """For each of the expressions that `Query.flags` asked: whether it holds."""

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value, or the default where the field was not read."""
        return self.values.get(name, default)


@dataclass(frozen=True)
class Page:
    """Some records in their order, and how to get the next ones."""

    records: list[Record]
    next: str | None = None
    count: int | None = None
    more_than_count: bool = False
    """The count stopped at its limit: there are more."""

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


@dataclass(frozen=True)
class Outcome:
    """What became of one of many records."""

    record: Record | None = None
    errors: Mapping[str, Sequence[Message]] = field(default_factory=dict)

    @property
    def is_saved(self) -> bool:
        """Whether the record was saved."""
        return self.record is not None


# A cursor is the sort keys and id of the last record of a page, and what it was asked with: a cursor of another sort
# or filter is refused instead of giving a page that makes no sense. It grants nothing: rights are in every query.


def encode_cursor(asked: str, keys: Sequence[Any]) -> str:
    """Write the place after a record as opaque text."""
    body = orjson.dumps([asked, [_plain(key) for key in keys]])
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def decode_cursor(asked: str, cursor: str, length: int) -> list[Any]:
    """Read a cursor of ours that was made for the same question, or raise `BadRequest`."""
    try:
        body = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        before, keys = body
        if before != asked or len(keys) != length:
            raise ValueError
        return [_restored(key) for key in keys]
    except (ValueError, TypeError, decimal.InvalidOperation):
        raise BadRequest(
            Message("This cursor does not belong to this list. Start again from the first page.", code="cursor")
        ) from None


def asked_digest(*parts: object) -> str:
    """Name a question shortly, so that a cursor can say what it belongs to."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def _plain(key: Any) -> Any:
    match key:
        case None | str() | bool() | int():
            return key
        case decimal.Decimal():
            return ["n", str(key)]
        case dt.datetime():
            return ["m", key.isoformat()]
        case dt.date():
            return ["d", key.isoformat()]
        case _:
            return str(key)


def _restored(key: Any) -> Any:
    if not isinstance(key, list):
        return key
    sort, text = key
    return _READ[sort](text)


_READ: Mapping[str, Callable[[str], Any]] = {
    "n": decimal.Decimal,
    "m": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
}
