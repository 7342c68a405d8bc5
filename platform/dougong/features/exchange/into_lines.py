"""rows into lines of the records they belong to"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dougong.base.errors import DougongError, InvalidRecord
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.exchange.incoming import Incoming
from dougong.features.exchange.into_records import Counts
from dougong.features.exchange.mapping import FilePlan
from dougong.records import complaints
from dougong.records import service as records
from dougong.records.keys import Key
from dougong.records.query import Parsed


def write(ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> Counts:
    """Add rows to the records they belong to; with a key, a line that is there is changed instead."""
    counts: Counts = {"created": 0, "updated": 0, "unchanged": 0}
    by_parent: dict[str, list[Incoming]] = {}
    for row in rows:
        if plan.parent is not None and not row.is_broken and row.values.get("parent", "") is None:
            row.refuse(plan.parent, Message("Say to which record this line belongs.", code="required"))
        if row.unread and not row.is_broken:
            row.refuse_fields(plan, complaints.of_line(ctx, plan.model.name, row.values, row.unread))
        if not row.errors:
            by_parent.setdefault(row.values["parent"], []).append(row)
    for parent_id, some in by_parent.items():
        created, updated, unchanged = _write_to(ctx, plan, parent_id, some)
        counts["created"] += created
        counts["updated"] += updated
        counts["unchanged"] += unchanged
    return counts


def _write_to(ctx: Context, plan: FilePlan, parent_id: str, rows: Sequence[Incoming]) -> tuple[int, int, int]:
    parent_name, field_name = str(plan.model.parent), str(plan.model.parent_field)
    record = records.get(ctx, parent_name, parent_id, fields=(field_name,))
    there = record[field_name]
    known = {tuple(line.values.get(name) for name in plan.key): line for line in there} if plan.key else {}
    while True:
        rows = [row for row in rows if not row.errors]
        if not rows:
            return 0, 0, 0
        wanted, counts = _wanted_lines(plan, there, known, rows)
        try:
            records.update(ctx, parent_name, parent_id, {field_name: [each for each, _ in wanted]}, last_write=True)
        except DougongError as refused:
            _blame(plan, field_name, wanted, rows, refused)
            continue
        return counts


def _wanted_lines(
    plan: FilePlan, there: Sequence[Any], known: dict[Key, Any], rows: Sequence[Incoming]
) -> tuple[list[tuple[Parsed, Incoming | None]], tuple[int, int, int]]:
    """Give the lines that the record shall have, each with the row it comes from."""
    by_id = {}
    fresh: list[tuple[Parsed, Incoming | None]] = []
    changed = 0
    for row in rows:
        values = Parsed({name: value for name, value in row.values.items() if name != "parent"})
        old = known.get(row.key(plan.key)) if plan.key else None
        if old is None:
            fresh.append((values, row))
        else:
            by_id[old.id] = (Parsed({**values, "id": old.id}), row)
            changed += any(old.values.get(name) != value for name, value in values.items())
    kept: list[tuple[Parsed, Incoming | None]] = [by_id.get(old.id, (Parsed({"id": old.id}), None)) for old in there]
    return [*kept, *fresh], (len(fresh), changed, len(by_id) - changed)


def _blame(
    plan: FilePlan,
    field_name: str,
    wanted: Sequence[tuple[Parsed, Incoming | None]],
    rows: Sequence[Incoming],
    refused: DougongError,
) -> None:
    """Put what was refused at the rows it is about; what is about the whole record is about every row."""
    if isinstance(refused, InvalidRecord):
        for name, messages in refused.by_field.items():
            position, inner = place_of(field_name, name)
            row = wanted[position][1] if position is not None else None
            if row is not None:
                row.refuse_fields(plan, {inner: messages})
    if not any(row.errors for row in rows):
        for row in rows:
            row.refuse_for(plan, refused)


def place_of(field_name: str, named: str) -> tuple[int | None, str]:
    """Read where in the lines of a field an error is: `lines[2].price` is line 2, `price`."""
    if not named.startswith(f"{field_name}["):
        return None, named
    position, _, inner = named.removeprefix(f"{field_name}[").partition("]")
    return int(position), inner.lstrip(".")
