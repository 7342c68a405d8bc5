"""titles of related records without a query per row"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from dougong.access import scope
from dougong.base.sql_types import Key
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records.source import Source, asked_by, rights
from dougong.storage.database import GATE

if TYPE_CHECKING:
    from dougong.records.query import Record


class Titles(Mapping[str, str]):
    """Titles of the records that some records point to, read when first looked at: one query per object.

    A record that its reader may not see has no title here.
    """

    def __init__(self, ctx: Context, model: ObjectModel, records: Sequence[Record]) -> None:
        self._ctx = ctx
        self._model = model
        self._records = records
        self._found: dict[str, str] | None = None

    def _titles(self) -> dict[str, str]:
        if self._found is None:
            wanted: dict[str, set[str]] = {}
            for name, target in _pointing(self._ctx, self._model, self._records):
                ids = (record.values.get(name) for record in self._records)
                wanted.setdefault(target, set()).update(each for each in ids if each)
            self._found = {}
            for target, pointed_to in wanted.items():
                self._found |= titles(self._ctx, target, pointed_to)
        return self._found

    def __getitem__(self, key: str) -> str:
        return self._titles()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles())

    def __len__(self) -> int:
        return len(self._titles())


def _pointing(ctx: Context, model: ObjectModel, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Give the lookups among the values of records, with the objects they point to; paths too."""
    for name in records[0].values if records else ():
        at = model
        *steps, last = name.split(".")
        for step in steps:
            at = ctx.catalog.object(str(at.fields[step].type.lookup()))
        if last == "title" and last not in at.fields:
            continue
        target = at.fields[last].type.lookup() if last != "id" else None
        if target is not None:
            yield name, target


def titles(ctx: Context, object_name: str, ids: Iterable[str]) -> dict[str, str]:
    """Read the titles of records of one object that the actor may see; each is read once in a unit of work."""
    known: dict[str, str] = ctx.memo(_known, object_name)
    missing = sorted(set(ids) - set(known))
    for start in range(0, len(missing), 1000):
        known |= _read(ctx, ctx.catalog.object(object_name), missing[start : start + 1000])
    return known


def _known(ctx: Context, object_name: str) -> dict[str, str]:
    return {}


def _read(ctx: Context, model: ObjectModel, ids: Sequence[str]) -> dict[str, str]:
    if model.title is None:
        return {}
    source = Source(ctx, model)
    title = source.column((model.title,))
    conditions: list[Any] = [source.table.c.id.in_(sa.bindparam("ids", expanding=True, type_=Key))]
    allowed = rights(ctx, source, "read")
    if allowed is not None:
        conditions.append(allowed)
    statement = sa.select(source.table.c.id, title).select_from(source.joined()).where(*conditions)
    kind = model.field(model.title).type
    rows = ctx.connection.execute(
        statement, {"ids": list(ids), **scope.bind(ctx, asked_by(statement))}, execution_options=GATE
    )
    return {key: value if isinstance(value, str) else str(kind.dump(value)) for key, value in rows if value is not None}
