"""what follows from what stands in a form: which fields its conditions show, fix and require, and what formulas give"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.base.errors import DougongError, InvalidValue
from dougong.catalog.expressions import compiled
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.expressions.evaluate import evaluate
from dougong.records import defaults, validate
from dougong.records import service as records
from dougong.records.query import Record
from dougong.records.reach import Reach, formula


@dataclass(frozen=True)
class Conditions:
    """What the conditions of a record's fields come to."""

    hidden: frozenset[str] = frozenset()
    """`visible_when` does not hold."""
    fixed: frozenset[str] = frozenset()
    """`read_only_when` holds."""
    required: frozenset[str] = frozenset()
    """`required_when` holds."""


@dataclass(frozen=True)
class Computed:
    """What the formulas of a record and of its lines give now, as far as the person may read them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By field; None where a formula cannot be computed yet."""
    lines: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """For every line, by the field that holds the lines."""


def of(ctx: Context, model: ObjectModel, values: Mapping[str, Any]) -> Conditions:
    """Evaluate the conditions of every field. A condition that cannot be evaluated yet hides and fixes nothing."""
    reach = _reach(ctx, model, values)
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


def led(ctx: Context, model: ObjectModel, *, is_new: bool) -> frozenset[str]:
    """Give the state where a form has no say in it: a record begins where it must, and goes on by its transitions."""
    states = model.definition.states
    if states is None or (is_new and len(defaults.initial_states(ctx.catalog, model)) != 1):
        return frozenset()
    return frozenset({states.field})


def compute(ctx: Context, model: ObjectModel, values: Mapping[str, Any]) -> Computed:
    """Compute the formulas of a record and of its lines from what `entered` gave."""
    reach = _reach(ctx, model, values)
    lines = {}
    for each in model.own_fields():
        child = ctx.catalog.object(each.type.lines() or "") if each.type.lines() else None
        if child is not None and formulas(ctx, child):
            lines[each.name] = tuple(_formulas_of(ctx, child, line) for line in reach.children((each.name,)))
    return Computed(_formulas_of(ctx, model, reach), lines)


def formulas(ctx: Context, model: ObjectModel) -> tuple[Field, ...]:
    """Give the fields of an object that an expression computes and that the person may read."""
    return tuple(each for each in records.readable(ctx, model.name) if each.type.computed_by() is not None)


def _formulas_of(ctx: Context, model: ObjectModel, reach: Reach) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in formulas(ctx, model):
        evaluator = formula(ctx.catalog, model.name, each.name)
        try:
            value = evaluator(reach, ctx.instance_setting() if each.type.columns() else ctx.setting())
            found[each.name] = None if value is None else each.type.compute(value)
        except DougongError:
            found[each.name] = None
    return found


def _reach(ctx: Context, model: ObjectModel, values: Mapping[str, Any]) -> Reach:
    """Let expressions reach values; a field that has none is blank, and a formula is computed when it is asked for."""
    blank = {name: None for name, each in model.fields.items() if each.type.computed_by() is None}
    return Reach(ctx, model, blank | dict(values))


def entered(
    ctx: Context, model: ObjectModel, entries: Mapping[str, Any], record: Record | None = None
) -> dict[str, Any]:
    """Read what stands in a form, as far as it can be read, over the record as it is: without what formulas give.

    A lookup of a record that the person may not see is blank: what stands there is not theirs to compute with.
    """
    before = record.values if record else {}
    lines_before = {
        name: {line.id: line.values for line in before.get(name) or ()}
        for name in entries
        if model.fields[name].type.lines()
    }
    validate.expect_lookups(ctx, model, [_fresh(entries, before, lines_before)])
    values = _entered(ctx, model, entries, before)
    for name, there in lines_before.items():
        child = ctx.catalog.object(model.fields[name].type.lines() or "")
        values[name] = _entered_lines(ctx, child, entries[name] or (), there)
    return values


def _fresh(
    entries: Mapping[str, Any], before: Mapping[str, Any], lines_before: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    """Leave out what stands there already: nobody need ask whether the person may see it."""
    fresh = {name: raw for name, raw in entries.items() if name not in lines_before and raw != before.get(name)}
    for name, there in lines_before.items():
        fresh[name] = [
            {key: raw for key, raw in line.items() if raw != there.get(str(line.get("id") or ""), {}).get(key)}
            for line in entries[name] or ()
        ]
    return fresh


def _entered_lines(
    ctx: Context, child: ObjectModel, lines: Iterable[Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]]
) -> list[Record]:
    found = []
    for line in lines:
        line_id = str(line.get("id") or "")
        fields = {name: raw for name, raw in line.items() if name in child.fields and name != "id"}
        found.append(Record(child.name, line_id, None, _entered(ctx, child, fields, before.get(line_id, {}))))
    return found


def _entered(ctx: Context, model: ObjectModel, entries: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    blank = {name: None for name, each in model.fields.items() if each.type.computed_by() is None}
    computed = model.fields.keys() - blank.keys()
    values = blank | {name: value for name, value in before.items() if name not in computed}
    reading = ctx.memo(defaults.reading)
    for name, raw in entries.items():
        each = model.fields[name]
        if each.type.lines() or name in computed:
            continue
        try:
            value = each.type.blank() if each.type.is_blank(raw) else each.type.parse(raw, reading)
        except InvalidValue:
            value = None
        target = each.type.lookup()
        if target and value not in (None, before.get(name), ctx.actor.id):
            value = value if value in validate.seen_ids(ctx, target, (value,)) else None
        values[name] = value
    return values
