"""the catalog as JSON, as far as the caller may see it"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.access.grants import ALL_VERBS
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.records import service as records
from dougong.sdk.field_type import Showing
from dougong.web.api import reading, showing
from dougong.web.api.records import known
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call) -> Response:
    """Give every object that the caller may do something with."""
    reading.parameters(call.request, ())
    return showing.answer({"objects": [_short(ctx, model) for model in visible(ctx)]})


def show(ctx: Context, call: Call, name: str) -> Response:
    """Give one object with the fields that the caller may read or enter."""
    reading.parameters(call.request, ())
    model = known(ctx, name)
    return showing.answer({**_short(ctx, model), "fields": fields(ctx, model)})


def visible(ctx: Context) -> list[ObjectModel]:
    """The objects that the caller may read or create, in the order of their names."""
    return [
        model
        for _, model in sorted(ctx.catalog.objects.items())
        if model.nature != "child" and any(records.may(ctx, verb, model.name) for verb in ("read", "create"))
    ]


def _short(ctx: Context, model: ObjectModel) -> dict[str, Any]:
    definition = model.definition
    return {
        "name": model.name,
        "label": definition.shown_label().show(ctx.locale),
        "plural": definition.shown_plural().show(ctx.locale),
        "nature": model.nature,
        "title": model.title,
        "verbs": sorted(verb for verb in ALL_VERBS if records.may(ctx, verb, model.name)),
    }


def fields(ctx: Context, model: ObjectModel) -> list[dict[str, Any]]:
    """Describe the fields that the caller may read or enter, lines with theirs."""
    readable = {field.name for field in records.readable(ctx, model.name)}
    created = {field.name for field in records.writable(ctx, model.name, "create")}
    updated = {field.name for field in records.writable(ctx, model.name, "update")}
    entered = created | updated
    return [
        {
            **one_field(ctx, field),
            "readable": field.name in readable,
            "on_create": field.name in created,
            "on_update": field.name in updated,
        }
        for field in model.fields.values()
        if field.name in readable | entered
    ]


def one_field(ctx: Context, field: Field) -> dict[str, Any]:
    """Describe one field, or what is entered like one."""
    kind = field.type
    shown: dict[str, Any] = {
        "name": field.name,
        "label": field.shown_label().show(ctx.locale),
        "type": kind.name,
        "required": field.required,
        "unique": field.unique,
        "computed": field.is_computed,
        "system": field.is_system,
        "schema": kind.in_base_currency(ctx.base_currency).json_schema(),
    }
    if field.help:
        shown["help"] = field.help.show(ctx.locale)
    if (target := kind.lookup()) is not None:
        shown["to"] = target
    if (lines := kind.lines()) is not None and lines in ctx.catalog.objects:
        shown["lines"] = {"object": lines, "fields": fields(ctx, ctx.catalog.object(lines))}
    options = kind.choices(Showing(locale=ctx.locale, zone=ctx.actor.zone, options=ctx.catalog.options))
    if options:
        shown["options"] = [{"value": each.value, "label": each.label.show(ctx.locale)} for each in options]
    return shown
