"""an import taken back: what it created is deleted, what it changed is put back, and what cannot be is left and told"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dougong.base.errors import Conflict, DougongError, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.exchange import batches
from dougong.features.exchange.batches import Batch
from dougong.features.exchange.importing import OnProgress, Work
from dougong.records import service as records
from dougong.records import traces
from dougong.records.query import Parsed
from dougong.records.traces import Trace
from dougong.records.write import piece

AT_ONCE = 200
"""So many records are taken back in one unit of work."""

BROKEN_OFF_AFTER = 60
"""An import that wrote nothing for so many seconds is not running any more."""

MOST_TOLD = 1000
"""So many of the records that were left are told one by one; all are counted."""


@dataclass(frozen=True)
class Left:
    """A record that stays as it is, and why."""

    id: str
    title: str
    message: Message

    def as_data(self, locale: str) -> dict[str, Any]:
        """Give it as JSON."""
        return {"id": self.id, "title": self.title, "code": self.message.code, "message": self.message.show(locale)}


@dataclass
class TakenBack:
    """What became of the records of an import: `records == deleted + restored + gone + left_count`."""

    batch: str
    object: str
    deleted: int = 0
    """Created by the import, and deleted now."""
    restored: int = 0
    """Changed by the import, and as before again."""
    gone: int = 0
    """Taken back or deleted before."""
    left_count: int = 0
    left: list[Left] = field(default_factory=list)
    """The first thousand that stay, with reasons."""

    @property
    def records(self) -> int:
        """How many records the import wrote."""
        return self.deleted + self.restored + self.gone + self.left_count

    def as_data(self, locale: str) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "batch": self.batch,
            "object": self.object,
            "records": self.records,
            "deleted": self.deleted,
            "restored": self.restored,
            "gone": self.gone,
            "left_count": self.left_count,
            "left": [each.as_data(locale) for each in self.left],
        }


def undo_batch(
    work: Work,
    batch_id: str,
    *,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TakenBack:
    """Take an import back, in units of work opened by `work`; it may be done again, for what was left.

    A record that somebody changed since stays, and so does one that the gate refuses to delete or to change. Raises
    `NotFound` for an unknown batch and `Conflict` while it still runs.
    """
    with work() as ctx:
        taking = _TakingBack.of(ctx, batch_id)
        ids = traces.touched(ctx, taking.object_name, batch_id)
    # Of records that point to one another, some can be deleted only after others: what is in the way is tried again.
    waiting, is_stopped = ids, False
    while waiting and not is_stopped:
        in_the_way: list[str] = []
        for start in range(0, len(waiting), AT_ONCE):
            is_stopped = should_stop()
            if is_stopped:
                break
            with work() as ctx:
                in_the_way += taking.some(ctx, waiting[start : start + AT_ONCE])
            if on_progress is not None:
                on_progress(taking.done.records, len(ids), len(taking.left))
        waiting = in_the_way if len(in_the_way) < len(waiting) else []
    with work() as ctx:
        return taking.end(ctx, len(ids))


@dataclass(frozen=True)
class Foreseen:
    """What taking an import back would probably do."""

    batch: Batch
    deleted: int
    restored: int
    changed_since: int
    """Left as they are, because somebody changed them after the import."""
    gone: int
    more: int
    """Further records, which were not looked at."""


def foresee(ctx: Context, batch_id: str, *, most: int = 2_000) -> Foreseen:
    """Say what taking an import back would do, without doing it: for its first records one by one."""
    taking = _TakingBack.of(ctx, batch_id)
    ids = traces.touched(ctx, taking.object_name, batch_id)
    counts = {"deleted": 0, "restored": 0, "changed_since": 0, "gone": 0}
    for start in range(0, min(len(ids), most), AT_ONCE):
        for trace in traces.traces(ctx, taking.object_name, ids[start : start + AT_ONCE], taking.changes).values():
            counts[taking.fate_of(trace)] += 1
    return Foreseen(taking.batch, more=max(len(ids) - most, 0), **counts)


def _request(batch: Batch) -> str:
    """Under which request id a batch is taken back, so that its changes are found again."""
    return f"undo {batch.id}"


def _is_at_work(ctx: Context, batch: Batch) -> bool:
    """Whether a batch that says it runs does: one that was broken off says so for ever, but writes no more."""
    wrote = traces.last_at(ctx, batch.id) or batch.at
    return (ctx.now() - wrote).total_seconds() < BROKEN_OFF_AFTER


def _record_object(model: ObjectModel) -> str:
    """Lines are taken back with the records they belong to."""
    return str(model.parent) if model.nature == "child" else model.name


class _TakingBack:
    """One run of it."""

    def __init__(self, batch: Batch, object_name: str, changes: frozenset[str], undone_by: frozenset[str]) -> None:
        self.batch = batch
        self.object_name = object_name
        self.changes = changes
        self.undone_by = undone_by
        self.done = TakenBack(batch.id, object_name)
        self.left: dict[str, Left] = {}

    @classmethod
    def of(cls, ctx: Context, batch_id: str) -> _TakingBack:
        """Find out what there is to take back."""
        batch = batches.get(ctx, batch_id)
        if batch.state == "running" and _is_at_work(ctx, batch):
            raise Conflict(Message("This import is still running. Stop it, or wait until it is done.", code="running"))
        name = _record_object(ctx.catalog.object(batch.object))
        return cls(batch, name, traces.changes_of(ctx, batch.id), traces.changes_of(ctx, _request(batch)))

    def end(self, ctx: Context, count: int) -> TakenBack:
        """Keep with the batch what became of it."""
        is_whole = self.done.records == count and not self.left
        batches.end(ctx, self.batch.id, "taken_back" if is_whole else "partly_taken_back")
        self.done.left_count = len(self.left)
        self.done.left = list(self.left.values())[:MOST_TOLD]
        return self.done

    def some(self, ctx: Context, ids: Sequence[str]) -> list[str]:
        """Take some records back; the ids of those to try again, because others may point to them only until later."""
        ctx.door = "import"
        ctx.request_id = _request(self.batch)
        ctx.reason = f"import of {self.batch.file} taken back"
        found = traces.traces(ctx, self.object_name, ids, self.changes)
        again = []
        for record_id in ids:
            trace = found[record_id]
            self.left.pop(record_id, None)
            try:
                with piece(ctx):
                    self._take_back(ctx, trace)
            except Conflict as refused:
                again.append(record_id)
                self._leave(ctx, trace, refused.message)
            except DougongError as refused:
                self._leave(ctx, trace, refused.message)
        return again

    def fate_of(self, trace: Trace) -> Literal["gone", "changed_since", "deleted", "restored"]:
        """Say what becomes of a record, if the gate lets it."""
        if trace.last_change is None or trace.last_change in self.undone_by:
            return "gone"
        if trace.last_change not in self.changes:
            return "changed_since"
        return "deleted" if trace.was_created else "restored"

    def _take_back(self, ctx: Context, trace: Trace) -> None:
        match self.fate_of(trace):
            case "gone":
                self.done.gone += 1
            case "changed_since":
                self._leave(ctx, trace, Message("It was changed after the import.", code="changed_since"))
            case "deleted":
                records.delete(ctx, self.object_name, trace.id, last_write=True)
                self.done.deleted += 1
            case "restored":
                self._put_back(ctx, trace)
                self.done.restored += 1

    def _put_back(self, ctx: Context, trace: Trace) -> None:
        model = ctx.catalog.object(self.object_name)
        now, before = trace.now or {}, trace.before or {}
        entered = {each.name for each in model.fields.values() if not each.is_computed and not each.is_system}
        entered |= {"owner", "unit"} & set(before)
        different = {name for name in entered if name in before and before[name] != now.get(name)}
        writable = {each.name for each in records.writable(ctx, self.object_name)}
        for name in sorted(different - writable):
            field_ = model.fields[name]
            said = Message("You may not change {field}.", code="not_writable", field=field_.shown_label())
            raise NotAllowed(said)
        values = Parsed({name: before[name] for name in different})
        for name, lines in trace.lines_before.items():
            child = ctx.catalog.object(str(model.field(name).type.lines()))
            values[name] = [self._line(ctx, child, line) for line in lines]
        records.update(ctx, self.object_name, trace.id, values, last_write=True)

    def _line(self, ctx: Context, child: ObjectModel, before: dict[str, Any]) -> Parsed:
        names = {each.name for each in records.writable(ctx, child.name)}
        line = Parsed({name: value for name, value in before.items() if name in names})
        if before["id"] is not None:
            line["id"] = before["id"]
        return line

    def _leave(self, ctx: Context, trace: Trace, message: Message) -> None:
        values = trace.now or trace.before or {}
        title = values.get(ctx.catalog.object(self.object_name).title or "", "")
        self.left[trace.id] = Left(trace.id, "" if title is None else str(title), message)
