"""which fields a record's conditions show, fix and require now"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.base.errors import DougongError, InvalidValue
from dougong.catalog.expressions import compiled
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions.evaluate import evaluate
from dougong.records import defaults
from dougong.records.query import Record
from dougong.records.reach import Reach


@dataclass(frozen=True)
class Conditions:
    """What the conditions of a record's fields come to."""

    hidden: frozenset[str] = frozenset()
    """`visible_when` does not hold."""
    fixed: frozenset[str] = frozenset()
    """`read_only_when` holds."""
    required: frozenset[str] = frozenset()
    """`required_when` holds."""


def of(ctx: Context, model: ObjectModel, values: Mapping[str, Any]) -> Conditions:
    """Evaluate the conditions of every field. A condition that cannot be evaluated yet hides and fixes nothing."""
    reach = Reach(ctx, model, dict.fromkeys(model.fields) | dict(values))
    own = list(model.own_fields())

    def holds(text: str | None, *, otherwise: bool) -> bool:
        if text is None:
            return otherwise
        try:
            return bool(evaluate(compiled(ctx.catalog, model.name, text), reach, ctx.setting()))
        except DougongError:
            return otherwise

    return Conditions(
        hidden=frozenset(each.name for each in own if not holds(each.visible_when, otherwise=True)),
        fixed=frozenset(each.name for each in own if holds(each.read_only_when, otherwise=False)),
        required=frozenset(each.name for each in own if holds(each.required_when, otherwise=False)),
    )


def entered(
    ctx: Context, model: ObjectModel, entries: Mapping[str, Any], record: Record | None = None
) -> dict[str, Any]:
    """Read what stands in a form, as far as it can be read, over the record as it is."""
    values = dict(record.values) if record else {}
    reading = ctx.memo(defaults.reading)
    for name, raw in entries.items():
        field = model.fields[name]
        if field.type.lines():
            continue
        try:
            values[name] = field.type.blank() if field.type.is_blank(raw) else field.type.parse(raw, reading)
        except InvalidValue:
            values[name] = None
    return values
