"""assemble settings, plugins, catalog and services into one frozen Engine"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from dougong import plugin_manager
from dougong.base import settings as settings_module
from dougong.base.actor import Actor
from dougong.base.clock import Clock, SystemClock
from dougong.base.errors import DougongError, NotFound
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.catalog.holder import Holder
from dougong.catalog.model import Catalog
from dougong.context import Handle, Listener, Performer, Subscriber
from dougong.features.accounts import opening
from dougong.features.accounts.work import perform_actor
from dougong.features.activity import attachments, comments, mail, notifications
from dougong.features.automation import service as automation
from dougong.features.bundles import service as bundles
from dougong.features.exchange import later as imports
from dougong.features.flows import inbox, timers
from dougong.features.flows import service as flows
from dougong.jobs import worker
from dougong.jobs.call import Handling
from dougong.jobs.schedule import Schedule
from dougong.sdk.extensions import Extensions
from dougong.storage import platform_tables, upgrade
from dougong.storage.database import Database
from dougong.storage.upgrade import TablesLag


@dataclass(frozen=True)
class Engine:
    """One instance, assembled. It is a value: several may live in one process and share nothing."""

    settings: Settings
    extensions: Extensions
    database: Database
    holder: Holder
    clock: Clock = field(default_factory=SystemClock)
    listeners: tuple[Listener, ...] = ()
    """What features do inside the transaction of a change."""
    performers: Mapping[str, Performer] = field(default_factory=dict)
    """What features do for each other, by topic."""
    handlers: Mapping[str, Handle | Handling] = field(default_factory=dict)
    """Who carries out what was promised, by topic."""
    subscribers: Mapping[str, tuple[Subscriber, ...]] = field(default_factory=dict)
    """Who hears of what happened after the commit, by topic (`record.created`)."""
    schedules: tuple[Schedule, ...] = ()
    """What is promised again and again."""
    loading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held by the one thread that loads a catalog."""

    @property
    def locale(self) -> str:
        """The language of those who have chosen none."""
        return self.settings.locale

    @property
    def zone(self) -> str:
        """The instance's time zone."""
        return self.settings.timezone

    @property
    def base_currency(self) -> str:
        """The currency that sums are in."""
        return self.settings.base_currency

    def current(self, connection: sa.Connection, fingerprint: str | None = None) -> Catalog:
        """Give the published catalog; `fingerprint` where the opening statement has read it."""
        return bundles.current(self, connection, fingerprint)

    def catalog(self) -> Catalog:
        """Give the catalog this process holds, maybe not the newest: for what any catalog will do."""
        if not self.holder.is_empty:
            return self.holder.current
        with self.database.open(write=False) as connection:
            return bundles.current(self, connection)

    def actor(self, connection: sa.Connection, catalog: Catalog, user_id: str) -> Actor | None:
        """Give an active user as an actor: for what is done later in their name."""
        found = opening.find(
            connection,
            self.database,
            catalog,
            proof="user",
            key=user_id,
            now=self.clock.now(),
            locale=self.locale,
            zone=self.zone,
        )
        return found.actor if found is not None else None

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def assemble(settings: Settings, *, clock: Clock | None = None) -> Engine:
    """Put the parts together without asking the database: what `init` begins with."""
    folders = [settings.plugins] if settings.plugins.is_dir() else []
    return Engine(
        settings=settings,
        extensions=plugin_manager.load_extensions(folders),
        database=Database(
            settings.database_url,
            tripwire=settings.tripwire,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
        ),
        holder=Holder(),
        clock=clock or SystemClock(),
        listeners=(automation.heard, flows.heard),
        performers={
            **notifications.PERFORMERS,
            **comments.PERFORMERS,
            "start_flow": flows.perform_start,
            "inbox": inbox.perform_inbox,
            "actor": perform_actor,
        },
        handlers={
            **worker.HANDLERS,
            **notifications.HANDLERS,
            **mail.handlers(settings),
            **attachments.HANDLERS,
            **imports.handlers(settings),
            **timers.HANDLERS,
            **automation.HANDLERS,
        },
        subscribers=_joined(notifications.SUBSCRIBERS, automation.SUBSCRIBERS),
        schedules=(
            *worker.SCHEDULES,
            *notifications.SCHEDULES,
            *attachments.SCHEDULES,
            *imports.SCHEDULES,
            *timers.SCHEDULES,
            *automation.SCHEDULES,
        ),
    )


def _joined(*several: Mapping[str, tuple[Subscriber, ...]]) -> dict[str, tuple[Subscriber, ...]]:
    """Give all subscribers of each topic."""
    topics = dict.fromkeys(topic for each in several for topic in each)
    return {topic: tuple(one for each in several for one in each.get(topic, ())) for topic in topics}


def open_engine(settings: Settings | None = None, *, clock: Clock | None = None, upgrades: bool = True) -> Engine:
    """Open an instance that is there: bring the platform's tables up to this version, go on with an interrupted apply,
    and load the published catalog. With `upgrades` off, tables that lag are told instead: `TablesLag`.
    """
    read = settings or settings_module.read()
    _refuse_missing(read)
    engine = assemble(read, clock=clock)
    try:
        _bring_up(engine, upgrades=upgrades)
        bundles.recover(engine)
        with engine.database.open(write=False) as connection:
            bundles.current(engine, connection)
    except DougongError:
        engine.close()
        raise
    engine.extensions.moments.engine_started()
    return engine


def no_instance(settings: Settings) -> NotFound:
    """Say that there is no instance here."""
    return NotFound(
        Message("There is no instance in {home}. Make one with: dougong init", home=settings.home, code="no_instance")
    )


def _refuse_missing(settings: Settings) -> None:
    """Do not make an empty SQLite file by looking for one."""
    if not settings.may_have_database():
        raise no_instance(settings)


def _bring_up(engine: Engine, *, upgrades: bool) -> None:
    """See to it that the platform's tables are there and are those of this version."""
    with engine.database.open(write=False) as connection:
        if not platform_tables.exist(connection):
            raise no_instance(engine.settings)
        missing = [] if upgrades else upgrade.missing(connection)
        is_current = upgrade.is_current(connection)
    if missing:
        raise TablesLag(missing)
    if upgrades and not is_current:
        upgrade.upgrade(engine.database)
