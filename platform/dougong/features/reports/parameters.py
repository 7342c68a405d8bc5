"""what a reader chose for the parameters of a report, read by their field types"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dougong.base.errors import BadRequest, InvalidRecord, InvalidValue
from dougong.base.names import hint_to, is_id
from dougong.base.text import Message
from dougong.catalog.expressions import compiled
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.report import Parameter
from dougong.expressions import parameters as expressions
from dougong.expressions.evaluate import evaluate
from dougong.expressions.parameters import Parameters
from dougong.expressions.setting import NO_RECORD
from dougong.records import defaults, keys
from dougong.records import service as records

WHERE = "where"
"""A further condition, which every report takes."""


class InvalidParameters(InvalidRecord):
    """What was chosen for some parameters cannot be, with messages by parameter."""

    summary = Message("The report cannot run with these values.")
    detailed = Message("The report cannot run with these values: {reasons}")


@dataclass(frozen=True)
class Chosen:
    """What was chosen: values of the field types, with what is wrong where one could not be read."""

    values: Mapping[str, Any]
    """By parameter; None is blank."""
    errors: Mapping[str, Sequence[Message]]


def names(report: Report) -> tuple[str, ...]:
    """Give all that a caller may say of a report."""
    return (WHERE, *(each.name for each in report.parameters))


def refuse_unknown(report: Report, given: Mapping[str, Any]) -> None:
    """Raise `BadRequest` for a parameter that the report does not have."""
    known = names(report)
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise BadRequest(
            Message(
                "The report {report} has no parameter '{name}'; {hint}",
                code="unknown_parameter",
                report=report.shown_label(),
                name=unknown[:100],
                hint=hint_to(unknown[:100], known),
            )
        )


def choose(ctx: Context, report: Report, given: Mapping[str, Any]) -> Chosen:
    """Read what was given. What was not given has its default; what was given blank is blank."""
    values: dict[str, Any] = {}
    errors: dict[str, list[Message]] = {}
    for each in report.parameters:
        try:
            values[each.name] = _value(ctx, each, given)
        except InvalidValue as wrong:
            values[each.name] = None
            errors[each.name] = [wrong.message]
    return Chosen(values, errors)


def bound(report: Report, chosen: Chosen) -> Parameters:
    """Give the chosen values to expressions, or raise `InvalidParameters`."""
    if chosen.errors:
        raise InvalidParameters(chosen.errors)
    types = {each.name: each.type for each in report.named().each}
    return Parameters(
        tuple(
            expressions.Parameter(each.name, types[each.name], _computed(each, chosen.values[each.name]))
            for each in report.parameters
            if each.name in types
        )
    )


def _value(ctx: Context, each: Parameter, given: Mapping[str, Any]) -> Any:
    reading = defaults.reading(ctx)
    kind = each.type
    if each.name in given:
        raw = _by_words(ctx, each, given[each.name])
        value = kind.blank() if kind.is_blank(raw) else kind.parse(raw, reading)
    elif each.default_expr is not None:
        node = compiled(ctx.catalog, None, each.default_expr, expect=kind.expression_type())
        found = evaluate(node, NO_RECORD, ctx.instance_setting())
        value = None if found is None else kind.compute(found)
    else:
        blank = each.default is None or kind.is_blank(each.default)
        # A definition is written in one way, whoever looks.
        value = kind.blank() if blank else kind.parse(each.default, replace(reading, by_hand=False))
    if value is None and each.required:
        raise InvalidValue(Message("Choose a value for {parameter}.", code="required", parameter=each.shown_label()))
    return value


def _by_words(ctx: Context, each: Parameter, raw: Any) -> Any:
    """Give the id of the record that a lookup means: an id that is visible, a unique value, or a title."""
    target = each.type.lookup()
    if target is None or each.type.is_blank(raw):
        return raw
    said = str(raw).strip()
    model = ctx.catalog.object(target)
    found: list[str] = []
    if records.may(ctx, "read", target):
        if is_id(said):
            found = keys.find_by(ctx, target, ("id",), [(said,)]).get((said,), [])
        else:
            readable = {field.name for field in records.readable(ctx, target)}
            named = (field for field in model.own_fields() if field.unique or field.name == model.title)
            worded = [field.name for field in named if field.name in readable and _is_text(field)]
            by_field = (keys.find_by(ctx, target, (name,), [(said,)]).get((said,), []) for name in worded)
            found = next((ids for ids in by_field if ids), [])
    label = model.definition.shown_label()
    if not found:
        raise InvalidValue(Message("There is no {object} '{value}'.", code="no_such", object=label, value=said[:100]))
    if len(found) > 1:
        said_so = "There are several {object} '{value}'. Give the id of one."
        raise InvalidValue(Message(said_so, code="several_such", object=label, value=said[:100]))
    return found[0]


def _is_text(field: Field) -> bool:
    kind = field.type.expression_type()
    return kind is not None and kind.sort == "text" and bool(field.type.columns())


def _computed(each: Parameter, value: Any) -> Any:
    """Give a value as expressions compute with it."""
    if value is None:
        return None
    found = each.type.number(value)
    return decimal.Decimal(found) if isinstance(found, int) and not isinstance(found, bool) else found
