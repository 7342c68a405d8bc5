"""who is meant by recipients: a list of people for one record"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.names import is_id
from dougong.base.sql_types import Key
from dougong.catalog.expressions import compiled
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.people import Recipient
from dougong.expressions.evaluate import evaluate
from dougong.records import people, read
from dougong.records.query import Record
from dougong.records.reach import Reach, with_columns
from dougong.storage import tables
from dougong.storage.database import GATE

MOST_LEVELS = 100
"""So far up we look for the head of a unit, or for a superior who is there."""


def resolve(
    ctx: Context,
    specs: Iterable[Recipient],
    object_name: str,
    record_id: str | None,
    *,
    applicant: str | None = None,
) -> tuple[str, ...]:
    """Give the ids of the active people who are meant, each once, in the order of the recipients.

    It reads in the system's name: who is meant does not depend on who asks. Without a record, or with one that is
    gone, what stands in its fields means nobody. `applicant` stands for its owner in `superior` and `of: unit`.
    """
    system = ctx.as_system("find out who is meant")
    found = _Found(system, ctx.catalog.object(object_name), record_id, applicant)
    meant: dict[str, None] = {}
    for spec in specs:
        meant.update(dict.fromkeys(found.of(spec)))
    return active(system, meant)


def active(ctx: Context, user_ids: Iterable[str]) -> tuple[str, ...]:
    """Give those of these people who are active, in their order. The system itself is nobody."""
    wanted = [each for each in dict.fromkeys(user_ids) if each != SYSTEM_USER]
    if not wanted:
        return ()
    user = tables.of(ctx.database, ctx.catalog, "user")
    query = sa.select(user.table.c.id).where(
        user.table.c.id.in_(sa.bindparam("wanted", wanted, expanding=True, type_=Key)),
        user.column("active").is_(sa.true()),
    )
    there = set(ctx.connection.execute(query, execution_options=GATE).scalars())
    return tuple(each for each in wanted if each in there)


def facts(ctx: Context, user_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Give what one has to know of active people to tell them something: id, name, language, zone, address."""
    user = tables.of(ctx.database, ctx.catalog, "user")
    names = ("id", "name", "locale", "timezone", "email")
    columns = [user.column(name).label(name) for name in names]
    wanted = sa.bindparam("wanted", list(user_ids), expanding=True, type_=Key)
    is_there = sa.and_(user.column("active").is_(sa.true()), user.table.c.id != SYSTEM_USER)
    query = sa.select(*columns).where(user.table.c.id.in_(wanted), is_there)
    return [dict(row) for row in ctx.connection.execute(query, execution_options=GATE).mappings()]


class _Found:
    """One record, and the people around it."""

    def __init__(self, ctx: Context, model: ObjectModel, record_id: str | None, applicant: str | None) -> None:
        self._ctx = ctx
        self._model = model
        self._id = record_id
        self._applicant = applicant

    def of(self, spec: Recipient) -> Iterable[str]:
        """Give whom one recipient means, also those who are not active."""
        ctx = self._ctx
        if spec.role is not None:
            return _holders(ctx, spec.role, self._units() if spec.of == "unit" else None)
        if spec.user is not None:
            return _by_login(ctx, spec.user)
        if spec.unit_head is not None:
            return _one(_head(ctx, self._value(spec.unit_head)))
        if spec.superior is not None:
            return _one(superior(ctx, self._whose(), spec.superior))
        if spec.field is not None:
            return _one(self._value(spec.field))
        return _one(self._given(str(spec.expression)))

    def _read(self, names: tuple[str, ...]) -> Record | None:
        return read.find(self._ctx, self._model, self._id, names=names) if self._id is not None else None

    def _value(self, path: str) -> Any:
        record = self._read((path,))
        return record[path] if record is not None else None

    def _given(self, text: str) -> Any:
        record = self._read(with_columns(self._ctx.catalog, self._model))
        if record is None:
            return None
        node = compiled(self._ctx.catalog, self._model.name, text)
        return evaluate(node, Reach(self._ctx, self._model, record.values), self._ctx.instance_setting())

    def _whose(self) -> str | None:
        """The applicant, or else the owner of the record, or who made it."""
        if self._applicant is not None:
            return self._applicant
        known = [name for name in ("owner", "created_by", "by") if name in self._model.fields]
        record = self._read(tuple(known)) if known else None
        return next((record[name] for name in known if record[name]), None) if record is not None else None

    def _units(self) -> tuple[str, ...]:
        """The record's unit, or that of whose it is, and the units it is part of."""
        unit = self._value("unit") if "unit" in self._model.fields else None
        whose = self._whose() if unit is None else None
        if whose is not None:
            unit = people.main_unit(self._ctx, whose)
        return _upwards(self._ctx, unit) if unit is not None else ()


def superior(ctx: Context, user_id: str | None, levels: int) -> str | None:
    """Give the superior of a person, so many levels up; who is not active is passed over. None where there is none."""
    seen = {user_id}
    at = user_id
    for _ in range(MOST_LEVELS):
        at = _superior_of(ctx, at) if at is not None else None
        if at is None or at in seen:
            return None
        seen.add(at)
        if active(ctx, (at,)):
            levels -= 1
            if levels == 0:
                return at
    return None


def _superior_of(ctx: Context, user_id: str) -> str | None:
    user = tables.of(ctx.database, ctx.catalog, "user")
    query = sa.select(user.column("superior")).where(user.table.c.id == user_id)
    found: str | None = ctx.connection.execute(query, execution_options=GATE).scalar()
    return found


def _head(ctx: Context, unit_id: Any) -> str | None:
    """Give the head of a unit who is active, or that of the nearest unit above that has one."""
    unit = tables.of(ctx.database, ctx.catalog, "unit")
    for at in _upwards(ctx, unit_id) if is_id(unit_id) else ():
        query = sa.select(unit.column("head")).where(unit.table.c.id == at)
        head = ctx.connection.execute(query, execution_options=GATE).scalar()
        if head is not None and active(ctx, (head,)):
            return str(head)
    return None


def _upwards(ctx: Context, unit_id: str) -> tuple[str, ...]:
    """Give a unit and those it is part of, the nearest first."""
    unit = tables.of(ctx.database, ctx.catalog, "unit")
    found: list[str] = []
    at: str | None = unit_id
    while at is not None and at not in found and len(found) < MOST_LEVELS:
        found.append(at)
        query = sa.select(unit.column("parent")).where(unit.table.c.id == at)
        at = ctx.connection.execute(query, execution_options=GATE).scalar()
    return tuple(found)


def _holders(ctx: Context, role: str, units: tuple[str, ...] | None) -> list[str]:
    """Give who holds a role, by name; in some units where these are given."""
    held = tables.of(ctx.database, ctx.catalog, "role_assignment")
    user = tables.of(ctx.database, ctx.catalog, "user")
    whose = held.column("user")
    query = sa.select(whose).join(user.table, user.table.c.id == whose).where(held.column("role") == role)
    if units is not None:
        member = tables.of(ctx.database, ctx.catalog, people.MEMBERSHIP)
        inside = member.column("unit").in_(sa.bindparam("units", list(units), expanding=True, type_=Key))
        query = query.where(sa.exists().where(member.column("user") == whose, inside))
    query = query.order_by(user.column("name"), whose)
    return list(ctx.connection.execute(query, execution_options=GATE).scalars())


def _by_login(ctx: Context, login: str) -> Iterable[str]:
    user = tables.of(ctx.database, ctx.catalog, "user")
    query = sa.select(user.table.c.id).where(user.column("login") == login)
    return _one(ctx.connection.execute(query, execution_options=GATE).scalar())


def _one(user_id: Any) -> Iterable[str]:
    return (user_id,) if is_id(user_id) else ()
