"""rows into records together with their lines: a row is a line, and its record's columns are repeated beside it"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dougong.base.errors import DougongError, InvalidRecord
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.exchange.incoming import Incoming, read_lines, refuse_repeated
from dougong.features.exchange.into_lines import place_of
from dougong.features.exchange.into_records import Counted, Counts
from dougong.features.exchange.mapping import FilePlan
from dougong.records import complaints
from dougong.records import service as records
from dougong.records.keys import Key, find_by
from dougong.records.query import Parsed


@dataclass
class _Group:
    """The rows of one record."""

    rows: list[Incoming]
    lines: list[tuple[Incoming, Incoming]]
    """The rows that bring a line, each with its line; a record without lines has one row that brings none."""

    @property
    def first(self) -> Incoming:
        """The row whose columns are the record's."""
        return self.rows[0]

    @property
    def has_errors(self) -> bool:
        return any(row.errors for row in self.rows)


def write(ctx: Context, plan: FilePlan, rows: Sequence[Incoming], seen: set[Key]) -> Counts:
    """Write the records of some rows, each with the lines that the file has of it; the counts are of rows.

    All rows of a record are together. A record is written whole or, where one of its rows is wrong, not at all, so that
    all its rows stand in the file of errors.
    """
    groups = list(_grouped(ctx, plan, rows))
    refuse_repeated(plan, [group.first for group in groups if not group.first.is_broken], seen)
    there = _there(ctx, plan, groups)
    counts: Counts = {"created": 0, "updated": 0, "unchanged": 0}
    fresh = []
    for group in groups:
        record_id = there.get(group.first.key(plan.key))
        if group.has_errors:
            _complain(ctx, plan, group, record_id)
        elif record_id is None:
            fresh.append(group)
        else:
            _change(ctx, plan, group, record_id, counts)
    wanted = [Parsed({**group.first.values, plan.lines_field: _lines_of(group)}) for group in fresh]
    outcomes = records.create_many(ctx, plan.model.name, wanted, atomic=False, brief=True)
    for group, outcome in zip(fresh, outcomes, strict=True):
        if outcome.record is None:
            _refuse(plan, group, outcome.errors)
        else:
            counts["created"] += len(group.rows)
    for group in groups:
        _hold_together(group)
    return counts


def _grouped(ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> Iterator[_Group]:
    whole = [row for row in rows if not row.is_broken]
    lines = {id(row): line for row, line in zip(whole, read_lines(ctx, plan, whole), strict=True)}
    positions = plan.key_positions()
    said: tuple[str, ...] | None = None

    def of_record(row: Incoming) -> tuple[str, ...] | None:
        # Whose a row is that does not stand under its columns nobody can say: it is taken for one of the record above.
        nonlocal said
        if not row.is_broken:
            said = tuple(row.row.cells[at] for at in positions)
        return said

    for _, some in groupby(rows, of_record):
        group = _Group(list(some), [])
        group.rows.sort(key=lambda row: row.is_broken)  # the record is read from a row that can be read
        for row in group.rows:
            line = lines.get(id(row))
            if line is None:
                continue
            _refuse_different(plan, group.first, row)
            if _brings_line(plan, row):
                group.lines.append((row, line))
                row.errors += line.errors
        yield group


def _brings_line(plan: FilePlan, row: Incoming) -> bool:
    return plan.lines is not None and any(
        row.cell(column).strip() for column in (*plan.lines.columns, *plan.lines.known)
    )


def _refuse_different(plan: FilePlan, first: Incoming, row: Incoming) -> None:
    """Two rows of a record that say different things of it: which is right, only a person knows."""
    if row is first or first.is_broken:
        return
    for column in plan.columns:
        if row.cell(column) != first.cell(column):
            said = Message(
                "Row {row} is of the same record and says '{value}' here. Make them alike.",
                code="rows_differ", row=first.row.number, value=first.cell(column),
            )  # fmt: skip
            row.refuse(column, said)


def _there(ctx: Context, plan: FilePlan, groups: Sequence[_Group]) -> dict[Key, str]:
    found = find_by(ctx, plan.model.name, plan.key, (group.first.key(plan.key) for group in groups))
    return {key: ids[0] for key, ids in found.items()}


def _lines_of(group: _Group, there: Sequence[Any] = ()) -> list[Parsed]:
    """Give the lines that the record shall have. One is the line with its id; without such, the one in its place."""
    known = {line.id for line in there}
    said = [line.keys.get("id") for _, line in group.lines]
    left = [line.id for line in there if line.id not in said]
    wanted = []
    for (_, line), given in zip(group.lines, said, strict=True):
        line_id = given if given in known else left.pop(0) if left else None
        wanted.append(Parsed({**line.values, **({"id": line_id} if line_id else {})}))
    return wanted


def _change(ctx: Context, plan: FilePlan, group: _Group, record_id: str, counts: Counts) -> None:
    name = plan.model.name
    try:
        before = records.get(ctx, name, record_id, fields=("version", plan.lines_field))
        lines = _lines_of(group, before[plan.lines_field])
        values = Parsed({**group.first.values, plan.lines_field: lines})
        after = records.update(ctx, name, record_id, values, last_write=True)
    except InvalidRecord as refused:
        _refuse(plan, group, refused.by_field)
    except DougongError as refused:
        group.first.refuse_for(plan, refused)
    else:
        counted: Counted = "unchanged" if before.version == after.version else "updated"
        counts[counted] += len(group.rows)


def _refuse(plan: FilePlan, group: _Group, by_field: Any) -> None:
    """Put what was refused at the rows it is about."""
    for name, messages in by_field.items():
        position, inner = place_of(plan.lines_field, name)
        if position is None or plan.lines is None:
            group.first.refuse_fields(plan, {name: messages})
        else:
            group.lines[position][0].refuse_fields(plan.lines, {inner: messages})


def _complain(ctx: Context, plan: FilePlan, group: _Group, record_id: str | None) -> None:
    """Say what else is wrong with a record of which some cells cannot be read."""
    first = group.first
    if first.is_broken or plan.lines is None:
        return
    unread = {*first.unread, plan.lines_field}
    if record_id is None:
        (found,) = complaints.of_new(ctx, plan.model.name, [(first.values, unread)])
    else:
        found = complaints.of_changed(ctx, plan.model.name, record_id, first.values, unread)
    first.refuse_fields(plan, found)
    for row, line in group.lines:
        row.refuse_fields(plan.lines, complaints.of_line(ctx, plan.lines.model.name, line.values, line.unread))


def _hold_together(group: _Group) -> None:
    """Where one row is wrong the record is not written: say so at its other rows too."""
    wrong = next((row.row.number for row in group.rows if row.errors), None)
    if wrong is None:
        return
    for row in group.rows:
        if not row.errors:
            said = Message("Not imported: row {row} of the same record has errors.", code="same_record", row=wrong)
            row.refuse_whole(said)
