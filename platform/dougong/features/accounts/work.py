"""a unit of work outside the web: for commands, jobs and tests"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dougong.base.actor import Actor
from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.features.accounts import opening
from dougong.jobs import unit
from dougong.jobs.unit import Installation, system, tell

__all__ = ["Installation", "actor_of", "perform_actor", "system", "tell", "work"]


@contextmanager
def work(
    engine: Installation,
    *,
    write: bool = True,
    actor: Actor | None = None,
    login: str | None = None,
    door: str = "command",
    reason: str | None = None,
) -> Iterator[Context]:
    """Open one unit of work: committed at the end, rolled back on any exception.

    Without an actor and a login it is the system that acts; give the reason.
    """
    with unit.opened(engine, write=write, door=door, reason=reason) as ctx:
        if actor is not None:
            ctx.actor = actor
        elif login is not None:
            ctx.actor = actor_of(engine, ctx.connection, ctx.catalog, login=login)
        yield ctx


def actor_of(engine: Installation, connection: sa.Connection, catalog: Catalog, *, login: str) -> Actor:
    """Give an active user as an actor, or raise `NotFound`."""
    found = opening.find(
        connection,
        engine.database,
        catalog,
        proof="login",
        key=login,
        now=engine.clock.now(),
        locale=engine.locale,
        zone=engine.zone,
    )
    if found is None:
        raise NotFound(Message("There is no active user '{login}'.", code="no_user", login=login))
    return found.actor


def perform_actor(ctx: Context, *, user: str) -> Actor | None:
    """Give an active user as an actor, for a feature that has to know what somebody else may do."""
    found = opening.find(
        ctx.connection,
        ctx.database,
        ctx.catalog,
        proof="user",
        key=user,
        now=ctx.now(),
        locale=ctx.locale,
        zone=ctx.zone,
    )
    return found.actor if found is not None else None
