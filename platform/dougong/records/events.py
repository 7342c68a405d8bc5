"""what is announced after a change: rows of the outbox, written in the same transaction

An event carries ids and the names of what changed, never values: whoever hears it reads under rights of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from dougong.base.names import new_id
from dougong.context import Context

Happening = Literal["created", "updated", "deleted", "restored"]


@dataclass(frozen=True)
class RecordsChanged:
    """Some records of one object were created, updated or deleted by one unit of work."""

    object: str
    happened: Happening
    ids: tuple[str, ...]
    changed: tuple[str, ...] = ()
    """Names of the fields that changed; empty where records came or went as a whole."""


def outbox_row(ctx: Context, event: RecordsChanged, change_id: str) -> dict[str, Any]:
    """Give the outbox row of an event."""
    body = {"object": event.object, "ids": event.ids, "changed": event.changed, "change": change_id}
    return {
        "id": new_id(),
        "at": ctx.now(),
        "queue": "now",
        "topic": f"record.{event.happened}",
        "body": orjson.dumps(body).decode(),
        "attempts": 0,
    }
