"""what is announced after a change: rows of the outbox, written in the same transaction

An event carries ids and the names of what changed, never values: whoever hears it reads under rights of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from dougong.base.names import new_id
from dougong.context import Context, Subscriber

Happening = Literal["created", "updated", "deleted", "restored"]


@dataclass(frozen=True)
class RecordsChanged:
    """Some records of one object were created, updated or deleted by one unit of work."""

    object: str
    happened: Happening
    ids: tuple[str, ...]
    changed: tuple[str, ...] = ()
    """Names of the fields that changed; empty where records came or went as a whole."""
    transition: str | None = None
    """The transition that changed it, by name."""


def wanting(ctx: Context, event: RecordsChanged) -> list[Subscriber]:
    """Give who hears of an event after the commit."""
    known = ctx.subscribers.get(f"record.{event.happened}", ())
    return [each for each in known if each.wants(ctx.catalog, event)]


def outbox_rows(ctx: Context, event: RecordsChanged, change_id: str) -> list[dict[str, Any]]:
    """Give the outbox rows of an event: one for each record and each subscriber who wants it, so none if nobody does.

    Those of one record and one subscriber are of one lane: they are handled in order.
    """
    rows = []
    now = ctx.now()
    for subscriber in wanting(ctx, event):
        for record_id in event.ids:
            rows.append(
                {
                    "id": new_id(),
                    "at": now,
                    "queue": "now",
                    "topic": f"record.{event.happened}",
                    "body": orjson.dumps(body(ctx, event, record_id, change_id)).decode(),
                    "attempts": 0,
                    "handler": subscriber.name,
                    "lane": f"{subscriber.name} {event.object} {record_id}",
                    "not_before": now,
                }
            )
    return rows


def body(ctx: Context, event: RecordsChanged, record_id: str, change_id: str) -> dict[str, Any]:
    """Give what is told of one record."""
    told = {
        "object": event.object,
        "ids": [record_id],
        "changed": event.changed,
        "change": change_id,
        "actor": ctx.actor.id,
    }
    if event.transition:
        told["transition"] = event.transition
    if ctx.chain:
        told["chain"] = list(ctx.chain)
    return told
