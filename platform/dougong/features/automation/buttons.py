"""buttons: what a person may do with a record now, and doing it"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dougong.base.errors import InvalidRecord, InvalidValue, NotFound
from dougong.base.names import hint_to
from dougong.base.text import Message, Text
from dougong.catalog.expressions import compiled
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.button import Button
from dougong.definitions.kinds.object import Field
from dougong.expressions.evaluate import evaluate
from dougong.features.automation.doing import Doing, holds
from dougong.records import defaults, reach, read, states, validate, write
from dougong.records import service as records
from dougong.records.query import Record, Values


@dataclass(frozen=True)
class Input:
    """What a button asks for: a field like those of records, which need not be one of them."""

    field: Field
    required: bool
    is_of_record: bool = False
    """It is the record's own field: what it holds is where the person begins."""


@dataclass(frozen=True)
class Shown:
    """A button as it is offered: a transition of the record, or one that is defined."""

    name: str
    label: Text
    inputs: tuple[Input, ...]
    style: str
    confirm: Text | None
    to: str | None = None
    """The state it leads to, where it is a transition."""
    reason_not: Message | None = None
    """Why it cannot be pressed now."""


@dataclass(frozen=True)
class Pressed:
    """What came of it."""

    record: Record | None
    """The record as it is now; None where it is gone, or not the person's to see any more."""
    opened: tuple[str, str] | None = None
    """The object and the record that the person is led to."""


def offered(ctx: Context, object_name: str, record: Record) -> tuple[Shown, ...]:
    """Give what is offered on a record: its transitions, then its buttons; not what is for others to do.

    Constant in statements: one for transitions and one for the conditions of buttons, none where there are none.
    """
    model = ctx.catalog.object(object_name)
    found = [
        _of_transition(model, each)
        for each in records.transitions(ctx, object_name, record)
        if each.reason_not is None or each.reason_not.code != "transition_role"
    ]
    mine = [each for each in buttons_of(ctx.catalog, object_name, "record") if _is_for(ctx, each)]
    if mine:
        held = _whole_record(ctx, model, record.id)
        found += [_of_button(ctx, model, each) for each in mine if held is None or _allows(ctx, model, each, held)]
    return tuple(found)


def on_list(ctx: Context, object_name: str) -> tuple[Shown, ...]:
    """Give what is offered above the list of an object."""
    model = ctx.catalog.object(object_name)
    mine = (each for each in buttons_of(ctx.catalog, object_name, "list") if _is_for(ctx, each))
    return tuple(_of_button(ctx, model, each) for each in mine)


def buttons_of(catalog: Catalog, object_name: str, where: str) -> tuple[Button, ...]:
    """Give the buttons of an object, on its records or its list, in their order."""
    return catalog.memo(_buttons_of, object_name, where)


def _buttons_of(catalog: Catalog, object_name: str, where: str) -> tuple[Button, ...]:
    found = (each for each in catalog.of(Button).values() if each.object == object_name and each.on == where)
    return tuple(sorted(found, key=lambda each: (each.position, each.name)))


def _is_for(ctx: Context, button: Button) -> bool:
    return not button.roles or not ctx.actor.roles.isdisjoint(button.roles)


def _whole_record(ctx: Context, model: ObjectModel, record_id: str) -> Record | None:
    system = ctx.as_system("see which buttons a record allows")
    return read.find(system, model, record_id, names=reach.with_columns(ctx.catalog, model))


def _allows(ctx: Context, model: ObjectModel, button: Button, held: Record) -> bool:
    if button.when is None:
        return True
    node = compiled(ctx.catalog, model.name, button.when)
    return bool(evaluate(node, reach.Reach(ctx, model, held.values), ctx.setting()))


def _of_transition(model: ObjectModel, each: records.Offered) -> Shown:
    names = dict.fromkeys((*each.requires, *each.asks))
    inputs = tuple(Input(model.field(name), name in each.requires, is_of_record=True) for name in names)
    return Shown(each.name, each.label, inputs, each.style, each.confirm, each.to, each.reason_not)


def _of_button(ctx: Context, model: ObjectModel, button: Button) -> Shown:
    inputs = ctx.catalog.memo(_inputs, button.name)
    return Shown(button.name, button.shown_label(), inputs, button.style, button.confirm)


def _inputs(catalog: Catalog, name: str) -> tuple[Input, ...]:
    button = catalog.get(Button, name)
    model = catalog.object(button.object)
    found = []
    for each in button.inputs:
        like = model.field(each.field) if each.field else None
        kind = each.type or (like.type if like else None)
        if kind is None:
            continue  # the model refuses an input with neither
        label = each.label or (like.shown_label() if like else None) or each.shown_label()
        given = {"name": each.name, "type": kind, "label": label, "help": each.help, "required": each.required}
        field = Field.model_construct(**{**_FIELD, **given, "default": each.default, "default_expr": each.default_expr})
        found.append(Input(field, each.required))
    return tuple(found)


_FIELD: Mapping[str, Any] = {
    name: info.get_default(call_default_factory=True)
    for name, info in Field.model_fields.items()
    if not info.is_required()
}


def beginnings(ctx: Context, object_name: str, shown: Shown, record: Record | None) -> dict[str, Any]:
    """Give what the dialog of a button begins with, by input: the record's own values, or defaults."""
    model = ctx.catalog.object(object_name)
    held = _whole_record(ctx, model, record.id) if record is not None else None
    found: dict[str, Any] = {}
    for each in shown.inputs:
        field = each.field
        if each.is_of_record:
            found[field.name] = record.get(field.name) if record is not None else None
        elif field.default_expr and held is not None:
            node = compiled(ctx.catalog, object_name, field.default_expr)
            found[field.name] = evaluate(node, reach.Reach(ctx, model, held.values), ctx.setting())
        elif field.default is not None:
            found[field.name] = field.type.parse(field.default, ctx.memo(defaults.reading))
    return found


def press(
    ctx: Context,
    object_name: str,
    record_id: str,
    name: str,
    inputs: Values | None = None,
    *,
    version: int | None = None,
    last_write: bool = False,
) -> Pressed:
    """Press a button of a record: a transition or one that is defined, all of it or nothing, or say why not."""
    model = ctx.catalog.object(object_name)
    machine = states.machine(ctx.catalog, model)
    if machine is not None and name in machine.ways:
        after = records.transition(ctx, object_name, record_id, name, inputs, version=version, last_write=last_write)
        return Pressed(after)
    button = _button(ctx, object_name, name, "record")
    records.expect(ctx, object_name, record_id, version=version, last_write=last_write)
    if not holds(ctx, object_name, record_id, button.when, by_person=True):
        said = Message("“{button}” is not possible for this record as it is.", code="button",
                       button=button.shown_label())  # fmt: skip
        raise InvalidRecord({"": [said]})
    doing = Doing(ctx, button, record_id, _given(ctx, button, inputs or {}))
    with write.piece(ctx):
        doing.run()
    return Pressed(records.find(ctx, object_name, record_id), doing.opened)


def press_on_list(ctx: Context, object_name: str, name: str, inputs: Values | None = None) -> Pressed:
    """Press a button of a list, which has no record."""
    button = _button(ctx, object_name, name, "list")
    doing = Doing(ctx, button, "", _given(ctx, button, inputs or {}))
    with write.piece(ctx):
        doing.run()
    return Pressed(None, doing.opened)


def _button(ctx: Context, object_name: str, name: str, where: str) -> Button:
    mine = [each for each in buttons_of(ctx.catalog, object_name, where) if _is_for(ctx, each)]
    found = next((each for each in mine if each.name == name), None)
    if found is None:
        model = ctx.catalog.object(object_name)
        ways = [each.name for each in model.definition.states.transitions] if model.definition.states else []
        hint = hint_to(name[:100], [*(each.name for each in mine), *ways])
        raise NotFound(
            Message("There is no button '{name}' for you; {hint}", code="no_button", name=name[:100], hint=hint)
        )
    return found


def _given(ctx: Context, button: Button, inputs: Values) -> dict[str, Any]:
    """Read what was entered, as expressions see it, or raise `InvalidRecord` with all that is wrong."""
    errors: dict[str, list[Message]] = {}
    known = {each.field.name: each for each in ctx.catalog.memo(_inputs, button.name)}
    found: dict[str, Any] = dict.fromkeys(known)
    for name in inputs:
        if name not in known:
            errors[name] = [Message("“{button}” does not ask for this.", code="not_asked", button=button.shown_label())]
    for name, each in known.items():
        kind = each.field.type
        try:
            value = validate.parse(each.field, inputs.get(name), ctx.memo(defaults.reading))
        except InvalidValue as wrong:
            errors[name] = [wrong.message]
            continue
        if each.required and value is None:
            errors[name] = [Message("Enter {label}.", code="required", label=each.field.shown_label())]
        target = kind.lookup()
        if target is not None and value is not None and value not in validate.seen_ids(ctx, target, (value,)):
            label = ctx.catalog.object(target).definition.shown_label()
            said = Message("There is no such {object}, or it is not yours to see.", code="unknown_record", object=label)
            errors[name] = [said]
        found[name] = None if value is None else kind.number(value)
    if errors:
        raise InvalidRecord(errors)
    return found
