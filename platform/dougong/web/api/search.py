"""words in all objects at once, as JSON"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import across
from dougong.records import service as records
from dougong.records.across import Found, Hit
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call

USUAL = 5
MOST = 50


def show(ctx: Context, call: Call) -> Response:
    """Give the best records of each object that hold every word, as far as the caller may read them."""
    given = reading.parameters(call.request, ("q", "limit", "objects"))
    words = given.get("q", "").strip()
    if not words:
        raise BadRequest(Message("Say with 'q' what to look for.", code="parameter"))
    limit = reading.whole_number(given, "limit", default=USUAL, least=1, most=MOST)
    objects = _objects(ctx, given["objects"]) if "objects" in given else None
    found = across.find(ctx, words, limit=limit, objects=objects)
    return showing.answer({"groups": [_group(ctx, each) for each in found]})


def _objects(ctx: Context, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in ctx.catalog.objects or not records.may(ctx, "read", name):
            said = Message("There is no object '{name}' for you.", code="unknown_object", name=name[:100])
            raise BadRequest(said)
    return names


def _group(ctx: Context, found: Found) -> dict[str, Any]:
    definition = ctx.catalog.object(found.object).definition
    return {
        "object": found.object,
        "label": definition.shown_plural().show(ctx.locale),
        "records": [_hit(ctx, found, hit) for hit in found.hits],
        "more": found.more,
    }


def _hit(ctx: Context, found: Found, hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": _value(ctx, found.object, found.title, hit.title),
        "subtitle": _value(ctx, found.object, found.subtitle, hit.subtitle),
    }


def _value(ctx: Context, object_name: str, path: str | None, value: Any) -> Any:
    """Give a value at the end of a path over lookups as JSON."""
    *steps, last = (path or "").split(".")
    for step in steps:
        object_name = ctx.catalog.object(object_name).field(step).type.lookup() or object_name
    return showing.value(ctx, object_name, last, value)
