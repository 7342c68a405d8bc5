"""people by their logins and names, as far as the actor may see them"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.context import Context
from dougong.records.references import titles
from dougong.storage import tables
from dougong.storage.database import GATE

MOST = 200


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    login: str
    name: str


def called(ctx: Context, said: Sequence[str]) -> tuple[Person, ...]:
    """Give the active people whose login or name is one of these, by name."""
    user = tables.of(ctx.database, ctx.catalog, "user")
    among = [user.column(name).in_(sa.bindparam(name, list(said), expanding=True)) for name in ("login", "name")]
    return _people(ctx, sa.or_(*among))


def with_part(ctx: Context, words: str) -> tuple[Person, ...]:
    """Give active people with these words in their login or name, by name; A and a are alike."""
    user = tables.of(ctx.database, ctx.catalog, "user")
    columns = [sa.func.lower(user.column(name)) for name in ("login", "name")]
    return _people(ctx, sa.or_(*(each.contains(words.casefold(), autoescape=True) for each in columns)))


def _people(ctx: Context, condition: sa.ColumnElement[bool]) -> tuple[Person, ...]:
    user = tables.of(ctx.database, ctx.catalog, "user")
    login, name = user.column("login"), user.column("name")
    query = (
        sa.select(user.table.c.id, login, name)
        .where(condition, user.column("active").is_(sa.true()), user.table.c.id != SYSTEM_USER)
        .order_by(name, login)
        .limit(MOST)
    )
    rows = ctx.connection.execute(query, execution_options=GATE).all()
    seen = titles(ctx, "user", [row[0] for row in rows])
    return tuple(Person(key, its_login or "", its_name or "") for key, its_login, its_name in rows if key in seen)
