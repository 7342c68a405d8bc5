"""records that are held while something runs on them: set and cleared by flows, read by the gate"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from dougong.base.text import Message, Text, Verbatim
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.storage.platform_tables import record_lock

FLOW = "flow"
"""The kind of definition whose `lock` holds records, and what holds them."""

_CODE = "approval_locked"


@dataclass(frozen=True)
class Held:
    """One thing that holds a record: why, and what may still be changed."""

    reason: Message
    except_fields: frozenset[str]


def are_possible(catalog: Catalog, object_name: str) -> bool:
    """Whether records of an object can be held at all: only then the gate looks."""
    return catalog.memo(_are_possible, object_name)


def _are_possible(catalog: Catalog, object_name: str) -> bool:
    return any(
        getattr(flow, "object", None) == object_name and bool(getattr(flow, "lock", True))
        for flow in catalog.definitions.get(FLOW, {}).values()
    )


def set(  # noqa: A001 -- the verb
    ctx: Context,
    object_name: str,
    record_id: str,
    *,
    holder_id: str,
    reason: Text | Message | None = None,
    except_fields: Iterable[str] = (),
    holder: str = FLOW,
) -> None:
    """Hold a record in the name of one holder, such as a flow instance; what it held before is replaced."""
    clear(ctx, object_name, record_id, holder_id=holder_id)
    row = {
        "object": object_name,
        "record": record_id,
        "holder": holder,
        "holder_id": holder_id,
        "reason": _written(reason),
        "except_fields": orjson.dumps(sorted(except_fields)).decode(),
        "at": ctx.now(),
    }
    ctx.connection.execute(record_lock.insert(), row)


_ONE = (record_lock.c.object == sa.bindparam("of")) & (record_lock.c.record == sa.bindparam("key"))
_DELETE = record_lock.delete().where(_ONE & (record_lock.c.holder_id == sa.bindparam("by")))
_FIND = sa.select(record_lock.c.reason, record_lock.c.except_fields).where(_ONE).order_by(record_lock.c.at)


def clear(ctx: Context, object_name: str, record_id: str, *, holder_id: str) -> None:
    """Let go of a record, as far as this holder is concerned."""
    ctx.connection.execute(_DELETE, {"of": object_name, "key": record_id, "by": holder_id})


def held(ctx: Context, object_name: str, record_id: str) -> tuple[Held, ...]:
    """Give what holds a record, the oldest first; nothing without asking where nothing can."""
    if not are_possible(ctx.catalog, object_name):
        return ()
    rows = ctx.connection.execute(_FIND, {"of": object_name, "key": record_id}).all()
    return tuple(Held(_read(row.reason), frozenset(orjson.loads(row.except_fields))) for row in rows)


def _written(reason: Text | Message | None) -> str | None:
    match reason:
        case None:
            return None
        case Text():
            return orjson.dumps({"said": reason.by_language}).decode()
        case Verbatim():
            return orjson.dumps({"said": reason.said.by_language}).decode()
        case Message():
            params = {name: str(value) for name, value in reason.params.items()}
            return orjson.dumps({"text": reason.text, "params": params}).decode()


def _read(written: str | None) -> Message:
    body = orjson.loads(written) if written else {}
    if "said" in body:
        return Verbatim(Text(body["said"]), code=_CODE)
    if "text" in body:
        return Message(body["text"], code=_CODE, **body["params"])
    return Message("This record is being approved and cannot be changed until that is over.", code=_CODE)
