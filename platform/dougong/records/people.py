"""what follows for a person from the units they belong to"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.storage import tables
from dougong.storage.database import GATE

MEMBERSHIP = "membership"


def main_unit(ctx: Context, user_id: str) -> str | None:
    """The main unit of a person."""
    return ctx.actor.unit if user_id == ctx.actor.id else ctx.memo(_main_unit, user_id)


def _main_unit(ctx: Context, user_id: str) -> str | None:
    found: str | None = ctx.connection.execute(_asked(ctx, user_id), execution_options=GATE).scalar()
    return found


def _asked(ctx: Context, user_id: str) -> sa.Select[Any]:
    held = tables.of(ctx.database, ctx.catalog, MEMBERSHIP)
    main, since = held.column("main"), held.table.c.id
    query = sa.select(held.column("unit")).where(held.column("user") == user_id)
    return query.order_by(main.desc(), since).limit(1)


def is_followed(model: ObjectModel) -> bool:
    """Whether records of an object say to which unit a person belongs."""
    return model.name == MEMBERSHIP


def follow(ctx: Context, model: ObjectModel, users: Iterable[str | None]) -> None:
    """Keep the unit of people where their memberships say: `customer.owner.unit` is the unit of a person.

    It is computed from the memberships, which have the history; so it makes no version of the user.
    """
    if not is_followed(model):
        return
    held = tables.of(ctx.database, ctx.catalog, "user")
    for user_id in {user for user in users if user}:
        unit = ctx.connection.execute(_asked(ctx, user_id), execution_options=GATE).scalar()
        change = sa.update(held.table).where(held.table.c.id == user_id).values({held.column("unit").name: unit})
        ctx.connection.execute(change, execution_options=GATE)
