"""default values, and what a record of this unit of work begins with"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dougong.catalog.expressions import compiled
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.expressions.evaluate import evaluator
from dougong.records import people
from dougong.records.reach import Reach
from dougong.sdk.field_type import Reading, Showing
from dougong.storage import tables
from dougong.storage.database import GATE


def reading(ctx: Context) -> Reading:
    """What field types may know while they read values in this unit of work."""
    return Reading(
        locale=ctx.locale,
        by_hand=ctx.door == "screen",
        zone=ctx.actor.zone,
        today=ctx.today(),
        base_currency=ctx.base_currency,
        rate=lambda currency, day: ctx.memo(_rate, currency, day),
        options=ctx.catalog.options,
    )


def showing(ctx: Context) -> Showing:
    """How values are shown to the actor."""
    return Showing(locale=ctx.locale, zone=ctx.actor.zone, base_currency=ctx.base_currency, options=ctx.catalog.options)


def _rate(ctx: Context, currency: str, day: dt.date) -> decimal.Decimal | None:
    """The newest known rate of a currency on a day."""
    if "exchange_rate" not in ctx.catalog.objects:
        return None
    held = tables.of(ctx.database, ctx.catalog, "exchange_rate")
    on = held.column("date")
    query = (
        sa.select(held.column("rate"))
        .where(held.column("currency") == currency, on <= day)
        .order_by(on.desc())
        .limit(1)
    )
    found: decimal.Decimal | None = ctx.connection.execute(query, execution_options=GATE).scalar()
    return found


def blank(catalog: Catalog, model: ObjectModel) -> Mapping[str, Any]:
    """A record of an object before anything is entered: every field with columns, blank or what stands for blank."""
    return catalog.memo(_blank, model.name)


def _blank(catalog: Catalog, object_name: str) -> Mapping[str, Any]:
    fields = catalog.object(object_name).fields.values()
    return {each.name: each.type.blank() for each in fields if each.type.columns()}


def initial_states(catalog: Catalog, model: ObjectModel) -> tuple[str, ...]:
    """Give the states a new record may begin in, the one it begins in by itself first; none where there are none."""
    return catalog.memo(_initial_states, model.name)


def _initial_states(catalog: Catalog, object_name: str) -> tuple[str, ...]:
    model = catalog.object(object_name)
    states = model.definition.states
    if states is None:
        return ()
    field = model.field(states.field)
    options = field.type.choices(Showing(options=catalog.options))
    return states.begins_in(field.default, options[0].value if options else None)


def _constants(catalog: Catalog, object_name: str) -> tuple[Field, ...]:
    return tuple(each for each in catalog.object(object_name).own_fields() if each.default is not None)


def _formulas(catalog: Catalog, object_name: str) -> tuple[tuple[Field, Any], ...]:
    own = catalog.object(object_name).own_fields()
    return tuple(
        (each, evaluator(compiled(catalog, object_name, each.default_expr))) for each in own if each.default_expr
    )


def for_line(ctx: Context, model: ObjectModel, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record what its definition says where nothing was entered."""
    values = {**blank(ctx.catalog, model), **entered}
    for field in ctx.catalog.memo(_constants, model.name):
        if field.name not in entered:
            values[field.name] = field.type.parse(field.default, ctx.memo(reading))
    for field, evaluate in ctx.catalog.memo(_formulas, model.name):
        if field.name not in entered:
            value = evaluate(Reach(ctx, model, values), ctx.setting())
            values[field.name] = None if value is None else field.type.parse(value, ctx.memo(reading))
    return values


def for_new(ctx: Context, model: ObjectModel, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Give a new record its defaults, its owner and its unit."""
    values = for_line(ctx, model, entered)
    if model.nature == "record":
        if "owner" not in entered and not ctx.actor.is_system:
            values["owner"] = ctx.actor.id
        if "unit" not in entered:
            owner = values.get("owner")
            values["unit"] = people.main_unit(ctx, owner) if owner else None
    states = model.definition.states
    if states is not None and values.get(states.field) is None:
        values[states.field] = next(iter(initial_states(ctx.catalog, model)), None)
    return values
