"""small bundles as texts, and rows put straight into their tables"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.names import new_id
from dougong.engine import Engine
from dougong.features.bundles import service
from dougong.storage import tables
from dougong.storage.database import GATE
from dougong.storage.plan import Plan

Texts = dict[str, str]


def bundle(name: str = "notes", version: str = "1.0.0", **objects: str) -> Texts:
    """Make a bundle of objects; each is given as the rest of its YAML."""
    files = {"bundle.yaml": f"kind: bundle\nname: {name}\nlabel: {name}\nversion: {version}\n"}
    for each, body in objects.items():
        files[f"objects/{each}.yaml"] = f"kind: object\nname: {each}\nlabel: {each}\n{body}"
    return files


def fields(*lines: str, head: str = "") -> str:
    """Write fields, each as flow YAML: `name: title, type: text`."""
    listed = "".join(f"  - {{{line}}}\n" for line in lines)
    return f"{head}fields:\n{listed}"


def plan(engine: Engine, **layers: Mapping[str, str]) -> Plan:
    """Plan bundles."""
    return service.plan(engine, layers)


def apply(engine: Engine, *, allow_drop: bool = False, **layers: Mapping[str, str]) -> Plan:
    """Plan bundles and carry it out."""
    drafted = plan(engine, **layers)
    service.apply(engine, drafted, by=SYSTEM_USER, allow_drop=allow_drop)
    return drafted


def put(engine: Engine, object_name: str, **values: Any) -> str:
    """Write a row as the gate would, without its rules."""
    with engine.database.open(write=True) as connection:
        return put_in(connection, engine, object_name, **values)


def put_in(connection: sa.Connection, engine: Engine, object_name: str, **values: Any) -> str:
    catalog = engine.catalog()
    model, found = catalog.object(object_name), tables.of(engine.database, catalog, object_name)
    now = engine.clock.now()
    system = {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    row: dict[str, Any] = {"_change": new_id()}
    for name, value in {**{key: one for key, one in system.items() if key in model.fields}, **values}.items():
        if value is None:
            continue
        stored = model.field(name).type.store(value)
        row |= {column.name: one for column, one in zip(found.columns[name], stored, strict=True)}
    connection.execute(sa.insert(found.table), row, execution_options=dict(GATE))
    return str(row["id"])


def get(engine: Engine, object_name: str, record_id: str) -> dict[str, Any]:
    """Read a row as values by field."""
    catalog = engine.catalog()
    model, found = catalog.object(object_name), tables.of(engine.database, catalog, object_name)
    query = sa.select(found.table).where(found.column("id") == record_id)
    with engine.database.open(write=False) as connection:
        row = connection.execute(query, execution_options=dict(GATE)).mappings().one()
    values = {}
    for field in model.own_fields():
        stored = [row[column.name] for column in found.columns[field.name]]
        if stored:
            values[field.name] = None if stored[0] is None else field.type.restore(stored)
    return values


def run(engine: Engine, statement: str, **values: Any) -> list[Any]:
    """Run a statement around the gate."""
    with engine.database.open(write=True) as connection:
        result = connection.execute(sa.text(statement), values, execution_options=dict(GATE))
        return [tuple(row) for row in result] if result.returns_rows else []
