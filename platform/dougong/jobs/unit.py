"""a unit of work outside the web, in the system's name: what jobs, commands and tests begin with"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER, Actor
from dougong.base.clock import Clock
from dougong.base.names import new_id
from dougong.base.settings import Settings
from dougong.catalog.model import Catalog
from dougong.context import Context, Listener, Performer, Subscriber
from dougong.sdk.extensions import Extensions
from dougong.storage.database import Database

log = logging.getLogger(__name__)


class Installation(Protocol):
    """What an engine gives to those below it."""

    @property
    def settings(self) -> Settings:
        """What the environment says."""

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

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """What features do inside the transaction of a change."""

    @property
    def performers(self) -> Mapping[str, Performer]:
        """What features do for each other, by topic."""

    @property
    def subscribers(self) -> Mapping[str, tuple[Subscriber, ...]]:
        """Who hears of what happened after the commit, by topic."""

    def current(self, connection: sa.Connection, fingerprint: str | None = None) -> Catalog:
        """Give the published catalog; `fingerprint` where the opening statement has read it."""


@contextmanager
def opened(engine: Installation, *, write: bool, door: str, reason: str | None) -> Iterator[Context]:
    """Open one unit of work in the system's name: committed at the end, rolled back on any exception.

    Who acts for somebody else sets `ctx.actor` before anything is done.
    """
    announced: list[Any] = []
    with engine.database.open(write=write) as connection:
        yield Context(
            actor=system(engine, reason),
            catalog=engine.current(connection),
            connection=connection,
            database=engine.database,
            clock=engine.clock,
            base_currency=engine.base_currency,
            zone=engine.zone,
            door=door,
            request_id=new_id(),
            reason=reason,
            announced=announced,
            listeners=engine.listeners,
            performers=engine.performers,
            subscribers=engine.subscribers,
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
