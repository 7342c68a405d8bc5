"""the states of records: every change of a state is a transition that somebody may do now"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dougong.access import ceilings
from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import InvalidValue, NotFound
from dougong.base.names import hint_to
from dougong.base.text import Message, Text, Verbatim
from dougong.catalog.expressions import compiled
from dougong.catalog.model import Catalog, ObjectModel, Role
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.states import Transition
from dougong.expressions.evaluate import Run, evaluator
from dougong.expressions.types import BOOLEAN
from dougong.records import defaults, read
from dougong.records.query import Record
from dougong.records.reach import Reach, with_columns
from dougong.sdk.field_type import Showing

CODE = "transition"
Errors = dict[str, list[Message]]


@dataclass(frozen=True)
class Way:
    """A transition, compiled."""

    transition: Transition
    when: Run | None
    effects: tuple[tuple[Field, Run], ...]
    writes: frozenset[str]
    """The fields that belong to it: the state, what it asks for and what it sets."""


@dataclass(frozen=True)
class Machine:
    """The states of an object, compiled."""

    field: Field
    initial: tuple[str, ...]
    ways: Mapping[str, Way]
    between: Mapping[tuple[str, str], Way]
    """The one way between two states."""


@dataclass(frozen=True)
class Offered:
    """A transition that leads on from where a record is."""

    name: str
    label: Text
    to: str
    asks: tuple[str, ...]
    requires: tuple[str, ...]
    style: str
    confirm: Text | None = None
    reason_not: Message | None = None
    """Why the actor cannot do it now, with code `transition_role` where it is for others; None where it is open."""


@dataclass(frozen=True)
class Stage:
    """A state on the way of a record."""

    label: Text
    mark: str
    """`past`, `current` or `ahead`, in the order of the options."""


def machine(catalog: Catalog, model: ObjectModel) -> Machine | None:
    """Give the states of an object; None for those that have none."""
    return catalog.memo(_machine, model.name) if model.definition.states is not None else None


def _machine(catalog: Catalog, object_name: str) -> Machine:
    model = catalog.object(object_name)
    states = model.definition.states
    assert states is not None  # noqa: S101 -- machine() asked
    ways = {each.name: _way(catalog, model, each) for each in states.transitions}
    between = {(state, way.transition.to): way for way in ways.values() for state in way.transition.from_}
    return Machine(
        model.field(states.field),
        defaults.initial_states(catalog, model),
        MappingProxyType(ways),
        MappingProxyType(between),
    )


def _way(catalog: Catalog, model: ObjectModel, transition: Transition) -> Way:
    when = evaluator(compiled(catalog, model.name, transition.when, expect=BOOLEAN)) if transition.when else None
    effects = tuple(
        (model.field(effect.field), evaluator(compiled(catalog, model.name, effect.value))) for effect in transition.set
    )
    states = model.definition.states
    own = {states.field} if states else set()
    writes = own | {*transition.requires, *transition.asks} | {field.name for field, _ in effects}
    return Way(transition, when, effects, frozenset(writes))


def way(catalog: Catalog, model: ObjectModel, name: str) -> Way:
    """Give a transition of an object by its name, or raise `NotFound` with the nearest there is."""
    held = machine(catalog, model)
    found = held.ways.get(name) if held else None
    if found is None:
        known = held.ways if held else ()
        hint = hint_to(name[:100], known)
        said = Message("There is no transition '{name}'; {hint}", code="no_transition", name=name[:100], hint=hint)
        raise NotFound(said)
    return found


def named(catalog: Catalog, model: ObjectModel, before: Any, after: Any) -> Transition | None:
    """Give the transition that led from one state to another, as far as it is defined today."""
    held = machine(catalog, model)
    found = held.between.get((before, after)) if held else None
    return found.transition if found else None


def of_change(catalog: Catalog, model: ObjectModel, changes: Iterable[Any]) -> Transition | None:
    """Give the transition that a change in the history (its `FieldChange`s) was, if it was one."""
    states = model.definition.states
    if states is None:
        return None
    return next(
        (named(catalog, model, each.before, each.after) for each in changes if each.field == states.field), None
    )


def onward(ctx: Context, model: ObjectModel, state: str) -> tuple[Transition, ...]:
    """Give the transitions that the actor's roles may do from a state, whatever a single record stands against."""
    held = machine(ctx.catalog, model)
    ways = (each.transition for each in held.ways.values()) if held else ()
    return tuple(
        each
        for each in ways
        if state in each.from_
        and each.by == "person"
        and (not each.roles or not ctx.actor.roles.isdisjoint(each.roles))
    )


# ---- the gate --------------------------------------------------------------------------------------------------------


def begin(ctx: Context, model: ObjectModel, values: Mapping[str, Any], errors: Errors) -> None:
    """Refuse a new record that begins in the middle; only the system and an administrator's import may do so."""
    held = machine(ctx.catalog, model)
    if held is None or held.field.name in errors or values.get(held.field.name) in held.initial:
        return
    if ctx.actor.is_system or (ctx.door == "import" and ADMINISTRATOR in ctx.actor.roles):
        return
    said = Message(
        "A new {object} begins as {states}.",
        code=CODE,
        object=model.definition.shown_label(),
        states=_labels(ctx, held, held.initial),
    )
    errors.setdefault(held.field.name, []).append(said)


def move(
    ctx: Context,
    model: ObjectModel,
    before: Record,
    different: dict[str, Any],
    lines: Mapping[str, Any],
    errors: Errors,
    *,
    name: str | None = None,
) -> Way | None:
    """Hold a change of the state against the transitions, and add to `different` what its transition does.

    `different` is what was entered and is new; `lines` the entered lines as they will be. With `name` it is this
    transition that is wanted, whatever was entered.
    """
    held = machine(ctx.catalog, model)
    if held is None or (name is None and held.field.name not in different):
        return None
    now = before.values.get(held.field.name)
    wanted = different.get(held.field.name)
    found = way(ctx.catalog, model, name) if name else held.between.get((str(now), str(wanted)))
    if found is None and now is None and wanted in held.initial:
        return None  # a record from before there were states takes its first one
    refused = _why_not(ctx, model, held, found, now, {**before.values, **different, **lines, held.field.name: now})
    if refused is not None or found is None:
        errors.setdefault(held.field.name, []).append(refused or _no_way(ctx, held, now))
        return None
    different[held.field.name] = found.transition.to
    _effects(ctx, model, found, before, different, lines, errors)
    for required in found.transition.requires:
        if (different[required] if required in different else before.values.get(required)) is None:
            label = model.field(required).shown_label()
            errors.setdefault(required, [Message("Enter {label}.", code="required", label=label)])
    if different[held.field.name] == now:
        del different[held.field.name]
    return found


def _why_not(
    ctx: Context, model: ObjectModel, held: Machine, found: Way | None, now: Any, values: Mapping[str, Any]
) -> Message | None:
    if found is None or now not in found.transition.from_:
        return _no_way(ctx, held, now, found)
    return _refused(ctx, found, _reach(ctx, model, values))


def _refused(ctx: Context, found: Way, reach: Reach) -> Message | None:
    """Say why the actor cannot do a transition that leads on from where the record is."""
    transition = found.transition
    if not ctx.actor.is_system:
        if transition.by == "system":
            return Message(
                "“{transition}” is not done by hand: it follows from an approval or an automation.",
                code=CODE,
                transition=transition.shown_label(),
            )
        if transition.roles and ctx.actor.roles.isdisjoint(transition.roles):
            roles = _joined(role_label(ctx.catalog, name) for name in transition.roles)
            return Message(
                "“{transition}” is not for you: it is done by {roles}.",
                code="transition_role",
                transition=transition.shown_label(),
                roles=roles,
            )
    if found.when is not None and not found.when(reach, ctx.setting()):
        if transition.otherwise is not None:
            return Verbatim(transition.otherwise, code=CODE)
        return Message(
            "“{transition}” is not possible for this record as it is.", code=CODE, transition=transition.shown_label()
        )
    return None


def _no_way(ctx: Context, held: Machine, now: Any, found: Way | None = None) -> Message:
    if found is not None:
        return Message(
            "“{transition}” is possible only from {states}; this record is “{state}”.",
            code=CODE,
            transition=found.transition.shown_label(),
            states=_labels(ctx, held, found.transition.from_),
            state=_labels(ctx, held, (now,)),
        )
    onward = [each.transition.to for (state, _), each in held.between.items() if state == now]
    if not onward:
        return Message(
            "“{state}” is a last state: nothing leads on from it.", code=CODE, state=_labels(ctx, held, (now,))
        )
    return Message(
        "Nothing leads there from “{state}”. It can become: {states}.",
        code=CODE,
        state=_labels(ctx, held, (now,)),
        states=_labels(ctx, held, dict.fromkeys(onward)),
    )


def _effects(
    ctx: Context,
    model: ObjectModel,
    found: Way,
    before: Record,
    different: dict[str, Any],
    lines: Mapping[str, Any],
    errors: Errors,
) -> None:
    """Compute what a transition sets, one after the other, on the record as it will be."""
    for field, evaluate in found.effects:
        value = evaluate(_reach(ctx, model, {**before.values, **different, **lines}), ctx.setting())
        try:
            kept = field.type.blank() if value is None else field.type.parse(value, ctx.memo(defaults.reading))
        except InvalidValue as wrong:
            errors.setdefault(field.name, []).append(wrong.message)
            continue
        if kept != before.values.get(field.name):
            different[field.name] = kept
        else:
            different.pop(field.name, None)


def _reach(ctx: Context, model: ObjectModel, values: Mapping[str, Any]) -> Reach:
    """Give a record that is about to change as expressions see it: what is stored of formulas is computed anew."""
    stale = ctx.catalog.memo(_stored_formulas, model.name)
    return Reach(ctx, model, {name: value for name, value in values.items() if name not in stale})


def _stored_formulas(catalog: Catalog, object_name: str) -> frozenset[str]:
    own = catalog.object(object_name).own_fields()
    return frozenset(each.name for each in own if each.type.computed_by() and each.type.columns())


# ---- what is offered -------------------------------------------------------------------------------------------------


def offered(ctx: Context, model: ObjectModel, record_id: str) -> tuple[Offered, ...]:
    """Give the transitions that lead on from where a record is, with why each cannot be done where it cannot."""
    held = machine(ctx.catalog, model)
    if held is None:
        return ()
    system = ctx.as_system("see which transitions a record allows")
    record = read.find(system, model, record_id, names=with_columns(ctx.catalog, model))
    if record is None:
        return ()
    now = record.values.get(held.field.name)
    on = [each for each in held.ways.values() if now in each.transition.from_ and each.transition.by == "person"]
    reach = Reach(ctx, model, record.values)
    locked = ceilings.over_record(ctx, model, record.values, "update", frozenset({held.field.name}),
                                  by_transition=frozenset({held.field.name}))  # fmt: skip
    reason = locked[0].reason if locked else None
    return tuple(_offered(each, reason or _refused(ctx, each, reach)) for each in on)


def path(catalog: Catalog, model: ObjectModel, record: Record) -> tuple[Stage, ...]:
    """Give the states of an object in the order of its options, with the one that a record is in.

    There are none where the record was read without its state: its reader may not see it.
    """
    held = machine(catalog, model)
    if held is None or held.field.name not in record.values:
        return ()
    state = record.values[held.field.name]
    options = held.field.type.choices(Showing(options=catalog.options))
    at = next((position for position, each in enumerate(options) if each.value == state), -1)
    marks = ("ahead", "current", "past")
    return tuple(
        Stage(each.label, marks[(position <= at) + (position < at)])
        for position, each in enumerate(options)
        if each.active or position == at
    )


def _offered(found: Way, reason: Message | None) -> Offered:
    transition = found.transition
    return Offered(
        name=transition.name,
        label=transition.shown_label(),
        to=transition.to,
        asks=transition.asks,
        requires=transition.requires,
        style=transition.style,
        confirm=transition.confirm,
        reason_not=reason,
    )


def _labels(ctx: Context, held: Machine, states: Iterable[Any]) -> Text:
    """Name states in a row, in every language they have."""
    known = {each.value: each.label for each in held.field.type.choices(Showing(options=ctx.catalog.options))}
    return _joined(known.get(state, Text({"en": str(state or "—")})) for state in states)


def role_label(catalog: Catalog, name: str) -> Text:
    """Give what a role is called."""
    found = catalog.find(Role, name)
    return found.shown_label() if found else Text({"en": "administrator", "zh-CN": "系统管理员"})


def _joined(labels: Iterable[Text]) -> Text:
    several = tuple(labels)
    languages = {language for label in several for language in label.by_language}
    return Text({language: ", ".join(label.show(language) for label in several) for language in languages})
