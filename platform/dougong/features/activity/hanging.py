"""what hangs on a record: who may see it, and which part of it is asked for"""

from __future__ import annotations

import sqlalchemy as sa

from dougong.access import ceilings
from dougong.base.errors import NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import service as records
from dougong.records.history import Span, narrowed


def within(span: Span, table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """Give a span as conditions on a table with `at`, `id` and `by`."""
    return narrowed(span, table.c.at, table.c.id, table.c.by)


def may_see(ctx: Context, object_name: str, record_id: str) -> None:
    """Raise `NotFound` unless the actor may read the record: then they may read what hangs on it."""
    model = ctx.catalog.objects.get(object_name)
    if model is None or model.nature == "child" or not is_id(record_id) or not _reads(ctx, object_name, record_id):
        raise NotFound(Message("There is no such record, or it is not yours to see.", code="not_found"))


def _reads(ctx: Context, object_name: str, record_id: str) -> bool:
    return ctx.memo(_asked, object_name, record_id)


def _asked(ctx: Context, object_name: str, record_id: str) -> bool:
    return records.may_record(ctx, "read", object_name, record_id)


def hold(ctx: Context, object_name: str, verb: str = "update") -> None:
    """Raise `NotAllowed` where a ceiling, such as a token that may only read, forbids to add to a record."""
    ceilings.hold(ctx.actor, object_name, verb)
