"""sign-ins that failed, by the address they came from

The lock of an account stops many guesses at one password; this one stops a few guesses at each of many accounts. It is
counted in the database, so it holds for all processes and machines.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dougong.base.settings import Settings
from dougong.base.sql_types import Moment
from dougong.storage import platform_tables

_HOME = 64
"""So many bits of an IPv6 address name a network that one person may have all of."""


@dataclass(frozen=True)
class Limits:
    """How many failures from one address are too many."""

    failures: int
    """In one window; 0 where there is no limit."""
    window: dt.timedelta


def limits(settings: Settings) -> Limits:
    """Read the limits from the settings."""
    return Limits(settings.sign_in_failures, dt.timedelta(minutes=settings.sign_in_window))


def known_as(address: str | None) -> str | None:
    """Give an address as it is counted: an IPv6 one by its network. None where nobody can be told from others."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _HOME), strict=False))


def count(connection: sa.Connection, address: str | None, now: dt.datetime, wanted: Limits) -> dt.datetime | None:
    """Count an attempt as failed until `forgive` takes it back; give until when the address is refused, if it is.

    One statement counts, so that many at once in several processes are not more attempts.
    """
    if address is None or not wanted.failures:
        return None
    table = platform_tables.sign_in_address
    is_over = table.c.since <= now - wanted.window
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(address=address, since=now, failed=1)
    counted = statement.on_conflict_do_update(
        index_elements=[table.c.address],
        set_={
            "failed": sa.case((is_over, 1), else_=table.c.failed + 1),
            "since": sa.case((is_over, sa.bindparam(None, now, Moment())), else_=table.c.since),
        },
    ).returning(table.c.failed, table.c.since)
    row = connection.execute(counted).one()
    return row.since + wanted.window if row.failed > wanted.failures else None


def forgive(connection: sa.Connection, address: str | None, now: dt.datetime, wanted: Limits) -> None:
    """Take the attempt back that succeeded, and forget windows that are over.

    Those that failed before it stay: they may have been someone else's.
    """
    if address is None or not wanted.failures:
        return
    table = platform_tables.sign_in_address
    connection.execute(sa.update(table).where(table.c.address == address).values(failed=table.c.failed - 1))
    # Rows that another one is at are left to it: two that wait for each other would both fail.
    over = sa.select(table.c.address).where(table.c.since <= now - wanted.window).with_for_update(skip_locked=True)
    connection.execute(sa.delete(table).where(table.c.address.in_(over)))
