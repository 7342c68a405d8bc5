"""one deed done to many records: rehearsed first, and then told record by record; each passes the gate on its own"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from dougong.base.errors import BadRequest, Conflict, DougongError, InvalidRecord, NotAllowed, NotFound, Stale
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import keys
from dougong.records import service as records

MOST = 1000
"""Records in one request."""
Do = Literal["change", "transition", "delete"]
R = TypeVar("R")


@dataclass(frozen=True)
class Deed:
    """What is done to each record."""

    do: Do
    """Change a field, lead on by a transition, or delete."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """For a change: the new values; for a transition: what it asks for."""
    transition: str = ""
    """The transition's name."""


@dataclass(frozen=True)
class Result:
    """What became of one record."""

    id: str
    """Which."""
    title: Any
    """What names it; None where it is not to be seen."""
    reason: Message | None = None
    """Why nothing was done; None where it was."""

    @property
    def is_done(self) -> bool:
        """Whether the deed was done."""
        return self.reason is None


def hold(ids: Sequence[str]) -> tuple[str, ...]:
    """Give the records that were chosen, each once, or raise `BadRequest` where there are none or too many."""
    found = tuple(dict.fromkeys(each for each in ids if is_id(each)))
    if not found:
        raise BadRequest(Message("Choose at least one record.", code="none_chosen"))
    if len(found) > MOST:
        raise BadRequest(
            Message("At most {most} records are changed together; {count} were chosen.", code="too_many",
                    most=MOST, count=len(found))
        )  # fmt: skip
    return found


def rehearse(ctx: Context, object_name: str, ids: Sequence[str], deed: Deed) -> tuple[Result, ...]:
    """Say what would become of each record: everything is done, and taken back."""
    return taken_back(ctx, lambda: carry_out(ctx, object_name, ids, deed))


def carry_out(ctx: Context, object_name: str, ids: Sequence[str], deed: Deed) -> tuple[Result, ...]:
    """Do it to each record that allows it; what is refused stays as it was, and says why."""
    chosen = hold(ids)
    title = ctx.catalog.object(object_name).title
    titles = keys.values_by_id(ctx, object_name, title, chosen) if title else {}
    return tuple(Result(each, titles.get(each), _done(ctx, object_name, each, deed)) for each in chosen)


def _done(ctx: Context, object_name: str, record_id: str, deed: Deed) -> Message | None:
    told = len(ctx.announced)
    try:
        with ctx.savepoint():
            _do(ctx, object_name, record_id, deed)
    except (InvalidRecord, NotAllowed, Conflict, Stale, NotFound) as refused:
        del ctx.announced[told:]
        return _reason(refused)
    return None


def _do(ctx: Context, object_name: str, record_id: str, deed: Deed) -> None:
    match deed.do:
        case "change":
            records.update(ctx, object_name, record_id, deed.values, last_write=True)
        case "transition":
            records.transition(ctx, object_name, record_id, deed.transition, deed.values, last_write=True)
        case "delete":
            records.delete(ctx, object_name, record_id, last_write=True)


def _reason(refused: DougongError) -> Message:
    if isinstance(refused, InvalidRecord):
        return next((message for some in refused.by_field.values() for message in some), refused.message)
    return refused.message


class _TakenBack(Exception):
    """Ends a savepoint that must not stay."""


def taken_back(ctx: Context, run: Callable[[], R]) -> R:
    """Do something and take it back, so that only its result stays."""
    told = len(ctx.announced)
    found: list[R] = []
    try:
        with ctx.savepoint():
            found.append(run())
            raise _TakenBack
    except _TakenBack:
        del ctx.announced[told:]
    return found[0]
