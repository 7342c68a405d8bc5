"""a unit of work outside the web: for commands, jobs and tests"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER, Actor
from dougong.base.clock import Clock
from dougong.base.errors import NotFound
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.features.accounts import opening
from dougong.sdk.extensions import Extensions
from dougong.storage.database import Database

log = logging.getLogger(__name__)


class Installation(Protocol):
    """What an engine gives to those below it."""

    @property
    def extensions(self) -> Extensions:
        """What the plugins added."""

    @property
    def database(self) -> Database:
        """Where everything is kept."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def locale(self) -> str:
        """The language of those who have chosen none."""

    @property
    def zone(self) -> str:
        """The instance's time zone."""

    @property
    def base_currency(self) -> str:
        """The currency that sums are in."""

    def current(self, connection: sa.Connection, fingerprint: str | None = None) -> Catalog:
        """Give the published catalog; `fingerprint` where the opening statement has read it."""


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
    announced: list[Any] = []
    with engine.database.open(write=write) as connection:
        catalog = engine.current(connection)
        who = actor
        if who is None and login is not None:
            who = actor_of(engine, connection, catalog, login=login)
        yield Context(
            actor=who or system(engine, reason),
            catalog=catalog,
            connection=connection,
            database=engine.database,
            clock=engine.clock,
            base_currency=engine.base_currency,
            zone=engine.zone,
            door=door,
            request_id=new_id(),
            reason=reason,
            announced=announced,
        )
    tell(engine, announced)


def tell(engine: Installation, announced: list[Any]) -> None:
    """Tell the plugins what was changed, now that it is committed; one that fails is logged and stops nothing."""
    if not announced:
        return
    try:
        engine.extensions.moments.records_changed(events=announced)
    except Exception:
        log.exception("a plugin failed at 'records_changed'")


def system(engine: Installation, reason: str | None = None) -> Actor:
    """Give the system as an actor."""
    return Actor(id=SYSTEM_USER, name="Dougong", locale=engine.locale, zone=engine.zone, is_system=True, reason=reason)


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
