"""rows into records of an object: created, or with a natural key changed"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from dougong.base.errors import DougongError
from dougong.context import Context
from dougong.features.exchange.incoming import Incoming, nothing_there
from dougong.features.exchange.mapping import ColumnPlan, FilePlan
from dougong.records import complaints
from dougong.records import service as records
from dougong.records.keys import Key, find_by
from dougong.records.query import Parsed

Counted = Literal["created", "updated", "unchanged"]
Counts = dict[Counted, int]


@dataclass
class Waiting:
    """A record whose lookups wait for rows further down."""

    record_id: str
    counted_as: Counted
    row: Incoming


def write(ctx: Context, plan: FilePlan, rows: Sequence[Incoming], waiting: list[Waiting]) -> Counts:
    """Write the rows without errors, and find out what else is wrong with the others."""
    there = _there(ctx, plan, rows)
    counts: Counts = {"created": 0, "updated": 0, "unchanged": 0}
    fresh = []
    for row in rows:
        if row.errors:
            continue
        record_id = there.get(row.key(plan.key))
        if record_id is None:
            fresh.append(row)
        else:
            _change(ctx, plan, row, record_id, counts, waiting)
    outcomes = records.create_many(ctx, plan.model.name, [row.values for row in fresh], atomic=False, brief=True)
    for row, outcome in zip(fresh, outcomes, strict=True):
        if outcome.record is None:
            row.refuse_fields(plan, outcome.errors)
            continue
        counts["created"] += 1
        if row.later:
            waiting.append(Waiting(outcome.record.id, "created", row))
    _complain(ctx, plan, [row for row in rows if row.unread and not row.is_broken], there)
    return counts


def _there(ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> dict[Key, str]:
    """Find the records that rows with a natural key are about."""
    if not plan.key:
        return {}
    found = find_by(ctx, plan.model.name, plan.key, (row.key(plan.key) for row in rows))
    return {key: ids[0] for key, ids in found.items()}


def _change(
    ctx: Context, plan: FilePlan, row: Incoming, record_id: str, counts: Counts, waiting: list[Waiting]
) -> None:
    """Change the record that a row is about."""
    try:
        before = records.get(ctx, plan.model.name, record_id, fields=("version",)).version
        after = records.update(ctx, plan.model.name, record_id, row.values, last_write=True).version
    except DougongError as refused:
        row.refuse_for(plan, refused)
        return
    counted: Counted = "unchanged" if before == after else "updated"
    counts[counted] += 1
    if row.later:
        waiting.append(Waiting(record_id, counted, row))


def _complain(ctx: Context, plan: FilePlan, rows: Sequence[Incoming], there: dict[Key, str]) -> None:
    """Say of rows with wrong cells what the gate would refuse besides, so that a person corrects them once."""
    fresh = []
    for row in rows:
        record_id = there.get(row.key(plan.key)) if plan.key else None
        if record_id is None:
            fresh.append(row)
        else:
            row.refuse_fields(plan, complaints.of_changed(ctx, plan.model.name, record_id, row.values, row.unread))
    found = complaints.of_new(ctx, plan.model.name, [(row.values, row.unread) for row in fresh])
    for row, by_field in zip(fresh, found, strict=True):
        told = {each.column for each in row.errors}
        row.refuse_fields(plan, {name: said for name, said in by_field.items() if plan.column_of(name) not in told})


# Lookups to rows further down.

SETTLED_AT_ONCE = 1000


def settle(
    unit: Callable[[], AbstractContextManager[Context]],
    plan: FilePlan,
    waiting: Sequence[Waiting],
    refused: Callable[[Context, Sequence[Waiting]], None],
) -> None:
    """Set the lookups that pointed to rows further down; a new record whose row never came is taken out again.

    `refused` hears of those that are records no longer as the row says, in the unit of work that settled them.
    """
    for start in range(0, len(waiting), SETTLED_AT_ONCE):
        some = waiting[start : start + SETTLED_AT_ONCE]
        with unit() as ctx:
            for name in {name for each in some for name in each.row.later}:
                column = next(each for each in plan.columns if each.field.name == name)
                _settle_column(ctx, plan, column, some)
            wrong = [each for each in some if each.row.errors]
            for each in wrong:
                if each.counted_as == "created":
                    records.delete(ctx, plan.model.name, each.record_id, last_write=True)
            refused(ctx, wrong)


def _settle_column(ctx: Context, plan: FilePlan, column: ColumnPlan, some: Sequence[Waiting]) -> None:
    name = column.field.name
    by = column.by.name if column.by else "id"
    keys = {(each.row.later[name],) for each in some if name in each.row.later}
    found = find_by(ctx, plan.model.name, (by,), keys)
    for each in some:
        row = each.row
        if name not in row.later:
            continue
        ids = found.get((row.later[name],), [])
        if len(ids) != 1:
            row.refuse(column, nothing_there(column))
            continue
        try:
            records.update(ctx, plan.model.name, each.record_id, Parsed({name: ids[0]}), last_write=True)
        except DougongError as refused:
            row.refuse_for(plan, refused)
