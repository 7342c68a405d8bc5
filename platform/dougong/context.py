"""who asks, with which catalog, in which transaction"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER, Actor
from dougong.base.clock import Clock
from dougong.catalog.model import Catalog
from dougong.expressions.evaluate import Setting
from dougong.storage import tables
from dougong.storage.database import GATE, Database

T = TypeVar("T")

Listener = Callable[["Context", Any], None]
"""Hears of a change inside the transaction, after the write and before the commit: (ctx, event)."""

Performer = Callable[..., Any]
"""Does for one feature what another asks for, inside the same unit of work: (ctx, **what)."""

Handle = Callable[[Any, Mapping[str, Any], Any], None]
"""Carries out what was promised, after the commit: (engine, body, call). See `jobs.call.Call`."""


def _always(catalog: Catalog, event: Any) -> bool:
    return True


@dataclass(frozen=True)
class Subscriber:
    """Someone who hears of what happened after the commit, from a promise of its own: once, with retries."""

    name: str
    """Names it in the outbox: steady from version to version."""
    handle: Handle
    wants: Callable[[Catalog, Any], bool] = _always
    """Whether an event is of any interest: (catalog, event). Asked in the writer's transaction, so it has to be quick;
    what nobody wants is not written down."""


@dataclass
class Context:
    """One unit of work: one actor, one catalog, one transaction.

    Whoever opens it commits or rolls back; services never do. `memo` keeps what was computed for this request.
    """

    actor: Actor
    catalog: Catalog
    connection: sa.Connection
    database: Database
    clock: Clock
    base_currency: str = "CNY"
    zone: str = "UTC"
    """The instance's zone: automations, reports and stored values."""
    door: str = "system"
    """Through what the request came: screen, api, import, command, job …"""
    request_id: str = ""
    reason: str | None = None
    announced: list[Any] = field(default_factory=list)
    listeners: tuple[Listener, ...] = ()
    """Who hears of changes before the commit: automations, flows, locks. The engine says who."""
    performers: Mapping[str, Performer] = field(default_factory=dict)
    """What features do for each other, by topic (`start_flow`, `notify`): they do not import each other."""
    subscribers: Mapping[str, tuple[Subscriber, ...]] = field(default_factory=dict)
    """Who hears of a topic (`record.created`) after the commit."""
    chain: tuple[str, ...] = ()
    """The automations that led to this, the first one first: so that a circle of them is seen."""
    memos: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def locale(self) -> str:
        """The actor's language."""
        return self.actor.locale

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """`sqlite` or `postgresql`."""
        return self.database.dialect

    def memo(self, build: Callable[..., T], *arguments: Hashable) -> T:
        """Give `build(ctx, *arguments)`, computed once in this unit of work."""
        key = (build, arguments)
        if key not in self.memos:
            self.memos[key] = build(self, *arguments)
        found: T = self.memos[key]
        return found

    def now(self) -> dt.datetime:
        """The moment of this unit of work: the same for all it writes."""
        return self.memo(_now)

    def today(self, zone: str | None = None) -> dt.date:
        """The date in the actor's zone, or in another."""
        return self.now().astimezone(zoneinfo.ZoneInfo(zone or self.actor.zone)).date()

    def setting(self) -> Setting:
        """What expressions know besides the record: who asks, and what day it is."""
        return self.memo(_setting)

    def instance_setting(self) -> Setting:
        """The same for stored values and reports, in the instance's zone: they must not depend on who looks."""
        return self.memo(_instance_setting)

    def announce(self, event: Any) -> None:
        """Promise that the world hears of something, once this unit of work is committed."""
        self.announced.append(event)

    def perform(self, topic: str, **what: Any) -> Any:
        """Have another feature do something in this unit of work; an engine without it does nothing."""
        performer = self.performers.get(topic)
        return performer(self, **what) if performer is not None else None

    def as_system(self, reason: str) -> Context:
        """Give the same unit of work in the system's name. The reason goes to the history."""
        actor = Actor(
            id=SYSTEM_USER,
            name="Dougong",
            locale=self.actor.locale,
            zone=self.zone,
            is_system=True,
            reason=reason,
        )
        return replace(self, actor=actor, reason=reason, memos={}, announced=self.announced)

    def in_instance_zone(self) -> Context:
        """Give the same unit of work with the instance's zone for the actor's: as reports read what they ask."""
        if self.actor.zone == self.zone:
            return self
        return replace(self, actor=replace(self.actor, zone=self.zone), memos={})

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A piece of the unit of work that may fail on its own."""
        # As plain SQL: the library's own way compiles both statements anew each time.
        self.connection.exec_driver_sql("SAVEPOINT piece")
        try:
            yield
        except BaseException:
            if not self.connection.invalidated:
                self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT piece")
                self.connection.exec_driver_sql("RELEASE SAVEPOINT piece")
            raise
        self.connection.exec_driver_sql("RELEASE SAVEPOINT piece")


def _now(ctx: Context) -> dt.datetime:
    return ctx.clock.now()


def _instance_setting(ctx: Context) -> Setting:
    return Setting(today=ctx.today(ctx.zone), now=ctx.now(), zone=ctx.zone, me=Facts(ctx))


def _setting(ctx: Context) -> Setting:
    return Setting(today=ctx.today(), now=ctx.now(), zone=ctx.actor.zone, me=Facts(ctx))


class Facts(Mapping[tuple[str, ...], Any]):
    """What `me`, `me.unit`, `me.superior.name` are for an actor; what the opening statement left out is read once."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def __getitem__(self, names: tuple[str, ...]) -> Any:
        actor = self._ctx.actor
        if names in ((), ("id",)):
            return actor.id
        if names == ("unit",):
            return actor.unit
        if names == ("superior",):
            return actor.superior
        return self._ctx.memo(_fact, names)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _fact(ctx: Context, names: tuple[str, ...]) -> Any:
    """Follow a path from the actor's own row, one look-up by key a step."""
    object_name, record_id = "user", ctx.actor.id
    for position, name in enumerate(names):
        held = tables.of(ctx.database, ctx.catalog, object_name)
        field = ctx.catalog.object(object_name).field(name)
        columns = held.columns[name]
        query = sa.select(*columns).where(held.table.c.id == record_id)
        row = ctx.connection.execute(query, execution_options=GATE).one_or_none()
        if row is None or row[0] is None:
            return None
        value = field.type.restore(tuple(row))
        target = field.type.lookup()
        if position == len(names) - 1 or target is None:
            return field.type.number(value)
        object_name, record_id = target, value
    return record_id
