"""the batches of imports: one row for each, and which changes are its"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from dougong.base.errors import NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import service as records
from dougong.storage.platform_tables import import_batch

State = Literal["running", "done", "stopped", "failed", "taken_back", "partly_taken_back"]

COUNTED = ("rows", "created", "updated", "unchanged", "errors")


@dataclass(frozen=True)
class Batch:
    """One import: what, by whom, when, from which file, and what came of it so far."""

    id: str
    object: str
    by: str
    at: dt.datetime
    file: str
    state: State
    rows: int
    created: int
    updated: int
    unchanged: int
    errors: int
    done_at: dt.datetime | None

    def as_data(self) -> dict[str, Any]:
        """Give it as JSON."""
        moments = {"at": self.at.isoformat(), "done_at": self.done_at.isoformat() if self.done_at else None}
        return {**self.__dict__, **moments}


def begin(ctx: Context, batch_id: str, object_name: str, file: str) -> None:
    """Write down that an import begins."""
    row = {"id": batch_id, "object": object_name, "by": ctx.actor.id, "at": ctx.now(), "file": file, "state": "running"}
    ctx.connection.execute(import_batch.insert(), row)


def count(ctx: Context, batch_id: str, counts: Mapping[str, int]) -> None:
    """Keep what became of the rows so far."""
    ctx.connection.execute(import_batch.update().where(import_batch.c.id == batch_id).values(dict(counts)))


def end(ctx: Context, batch_id: str, state: State) -> None:
    """Say how it ended, or what became of it later."""
    values = {"state": state, "done_at": ctx.now()}
    ctx.connection.execute(import_batch.update().where(import_batch.c.id == batch_id).values(values))


def list_batches(ctx: Context, object_name: str | None = None, *, limit: int = 50) -> tuple[Batch, ...]:
    """Give the newest imports first: those of objects that the actor may import into."""
    query = sa.select(import_batch).order_by(import_batch.c.at.desc(), import_batch.c.id.desc()).limit(limit)
    names = [name for name in ctx.catalog.objects if records.may(ctx, "import", name)]
    query = query.where(import_batch.c.object.in_([object_name] if object_name in names else names))
    if object_name is not None and object_name not in names:
        return ()
    return tuple(Batch(**row) for row in ctx.connection.execute(query).mappings())


def find(ctx: Context, batch_id: str) -> Batch | None:
    """Give an import whatever the actor may see, or None."""
    row = ctx.connection.execute(sa.select(import_batch).where(import_batch.c.id == batch_id)).mappings().one_or_none()
    return Batch(**row) if row is not None else None


def get(ctx: Context, batch_id: str) -> Batch:
    """Give an import, or raise `NotFound`."""
    query = sa.select(import_batch).where(import_batch.c.id == batch_id)
    row = ctx.connection.execute(query).mappings().one_or_none() if is_id(batch_id) else None
    if row is None or row["object"] not in ctx.catalog.objects or not records.may(ctx, "import", row["object"]):
        raise NotFound(
            Message("There is no import '{batch}', or it is not yours to see.", code="no_batch", batch=batch_id)
        )
    return Batch(**row)
