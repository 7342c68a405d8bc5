"""values against field types and rules, errors by field"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dougong.access import ceilings, scope
from dougong.access import fields as field_rights
from dougong.base.errors import InvalidRecord, InvalidValue
from dougong.base.names import hint_to, is_id, new_id
from dougong.base.sql_types import Key
from dougong.base.text import Message, Verbatim
from dougong.catalog.expressions import compiled
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.expressions.check import references
from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluator
from dougong.expressions.numbers import rounded
from dougong.expressions.types import BOOLEAN
from dougong.records import defaults, hierarchy, offered, people, states
from dougong.records.query import Parsed, Record, Values
from dougong.records.reach import Reach, formula
from dougong.records.source import Source, asked_by, rights
from dougong.sdk.field_type import FieldType, Reading
from dougong.storage.database import GATE

Errors = dict[str, list[Message]]
Evaluator = Callable[[Any, Any], Any]

MOST_LINES = 2000


@dataclass
class LineChange:
    """What happens to one line: it comes, changes, stays or goes."""

    op: str
    """`create`, `update`, `keep` or `delete`."""
    id: str
    values: dict[str, Any]
    """The whole line as it will be."""
    before: Record | None = None


@dataclass
class Changes:
    """A record as it will be, checked, and what is new in it."""

    values: dict[str, Any]
    """Every field with columns, by name."""
    changed: frozenset[str]
    lines: dict[str, list[LineChange]] = field(default_factory=dict)
    """Only for the children that were given."""
    transition: str | None = None
    """The transition that the change is, where it is one."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.changed and all(line.op == "keep" for lines in self.lines.values() for line in lines)


@dataclass(frozen=True)
class FieldRule:
    """A condition on one field: required, or read-only, when it holds."""

    name: str
    holds: Evaluator
    reads: frozenset[str] = frozenset()
    """The fields of the record itself that it looks at."""


@dataclass(frozen=True)
class RecordRule:
    """A rule of the object."""

    that: Evaluator
    when: Evaluator | None
    otherwise: Message
    field: str
    reads: frozenset[str] = frozenset()
    """The fields of the record itself that it looks at."""


@dataclass(frozen=True)
class Checks:
    """What is checked of every record of an object, compiled once in a catalog's life."""

    required: tuple[str, ...]
    required_when: tuple[FieldRule, ...]
    read_only_when: tuple[FieldRule, ...]
    rules: tuple[RecordRule, ...]
    stored_formulas: tuple[tuple[str, Evaluator, Any], ...]
    lookups: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


def checks_of(catalog: Catalog, model: ObjectModel) -> Checks:
    """Give what is checked of an object's records."""
    return catalog.memo(_checks, model.name)


def _checks(catalog: Catalog, object_name: str) -> Checks:
    model = catalog.object(object_name)
    own = list(model.own_fields())

    def compile_(text: str) -> Evaluator:
        return evaluator(compiled(catalog, object_name, text, expect=BOOLEAN))

    return Checks(
        required=tuple(each.name for each in own if each.required and not each.is_computed),
        required_when=tuple(
            FieldRule(each.name, compile_(each.required_when), reads_of(catalog, object_name, each.required_when))
            for each in own
            if each.required_when
        ),
        read_only_when=tuple(
            FieldRule(each.name, compile_(each.read_only_when)) for each in own if each.read_only_when
        ),
        rules=tuple(
            RecordRule(
                compile_(rule.that),
                compile_(rule.when) if rule.when else None,
                Verbatim(rule.otherwise, code=f"rule.{rule.name}"),
                rule.field or "",
                reads_of(catalog, object_name, rule.that, rule.when),
            )
            for rule in model.definition.rules
        ),
        stored_formulas=_stored_formulas(catalog, model),
        lookups=tuple(
            (each.name, target) for each in model.fields.values() if (target := _entered_lookup(each)) is not None
        ),
        lines=tuple(each.name for each in own if each.type.lines() is not None),
    )


def reads_of(catalog: Catalog, object_name: str, *texts: str | None) -> frozenset[str]:
    """Name the fields of an object that expressions read, also through its formulas."""
    found: set[str] = set()
    for text in texts:
        node = compiled(catalog, object_name, text) if text else None
        for other, name in references(node, catalog, object_name) if node is not None else ():
            if other == object_name:
                found.add(name)
                inner = catalog.object(object_name).field(name).type.computed_by()
                found |= reads_of(catalog, object_name, inner) if inner else set()
    return frozenset(found)


def _entered_lookup(each: Field) -> str | None:
    if each.is_system and each.name not in field_rights.OWNERSHIP:
        return None
    return each.type.lookup()


def _stored_formulas(catalog: Catalog, model: ObjectModel) -> tuple[tuple[str, Evaluator, Any], ...]:
    """Formulas with columns. One that reads another computes it again, so their order does not matter."""
    found = []
    for each in model.own_fields():
        evaluate = formula(catalog, model.name, each.name) if each.type.columns() else None
        if evaluate is not None:
            found.append((each.name, evaluate, each.type))
    return tuple(found)


def new(ctx: Context, model: ObjectModel, values: Values, *, unread: Iterable[str] = ()) -> Changes:
    """Check a record that is to be created, or raise `InvalidRecord` with all that is wrong.

    `unread` are fields whose values could not be read: what needs them is not judged, and they stand among the errors.
    """
    errors: Errors = {name: [] for name in unread}
    entered, lines = _entered(ctx, model, values, errors, verb="create", before=None)
    after = defaults.for_new(ctx, model, entered)
    _relate(ctx, model, after, set(entered), errors)
    if model.definition.states is not None:
        states.begin(ctx, model, after, errors)
    changes = Changes(after, frozenset(after), lines)
    _finish(ctx, model, changes, None, errors)
    return changes


def changed(
    ctx: Context,
    model: ObjectModel,
    before: Record,
    values: Values,
    *,
    unread: Iterable[str] = (),
    transition: str | None = None,
) -> Changes:
    """Check what is to change in a record, or raise `InvalidRecord` with all that is wrong; `unread` as for `new`.

    A locked record raises `NotAllowed`. With `transition` the values are those that it asked for.
    """
    errors: Errors = {name: [] for name in unread}
    entered, lines = _entered(ctx, model, values, errors, verb="update", before=before)
    different = {name: value for name, value in entered.items() if before.values.get(name) != value}
    way = _led(ctx, model, before, different, lines, errors, transition)
    after = {**before.values, **different}
    if "owner" in different and "unit" not in different and after["owner"] is not None:
        after["unit"] = people.main_unit(ctx, after["owner"])
    _relate(ctx, model, after, set(different), errors)
    changes = Changes(after, frozenset(different), lines, way.transition.name if way is not None else None)
    errors |= hierarchy.refuse_circles(ctx, model, before.id, after, set(different))
    _finish(ctx, model, changes, before, errors)
    return changes


def _entered(
    ctx: Context, model: ObjectModel, values: Values, errors: Errors, *, verb: str, before: Record | None
) -> tuple[dict[str, Any], dict[str, list[LineChange]]]:
    """Read raw values with their field types."""
    writable = field_rights.writable(ctx, model, verb)
    entered: dict[str, Any] = {}
    lines: dict[str, list[LineChange]] = {}
    reading = ctx.memo(defaults.reading)
    is_parsed = isinstance(values, Parsed)
    if is_parsed and values.keys() <= writable and values.keys().isdisjoint(checks_of(ctx.catalog, model).lines):
        return dict(values), lines
    for name, raw in values.items():
        field = model.fields.get(name)
        if field is None or name not in writable:
            # What one makes is one's own anyway: to say so needs no right to assign.
            if not (name == "owner" and verb == "create" and raw == ctx.actor.id and model.nature == "record"):
                _refuse(ctx, model, name, errors)
        elif field.type.lines() is not None:
            lines[name] = _entered_lines(ctx, field, raw, before, errors, verb)
        else:
            try:
                entered[name] = raw if is_parsed else _read(ctx, field, raw, before, reading)
            except InvalidValue as wrong:
                errors.setdefault(name, []).append(wrong.message)
    return entered, lines


def _read(ctx: Context, field: Field, raw: Any, before: Record | None, reading: Reading) -> Any:
    """Read a raw value. One that says what is there already stays as it is: a form brings back all it showed, also a
    choice that is no longer offered, and a moment in an hour that a clock shows twice."""
    value = before.values.get(field.name) if before is not None else None
    if value is not None:
        kind = field.type
        shown = kind.entry(value, ctx.memo(defaults.showing)) if reading.by_hand else kind.dump(value)
        if raw == shown:
            return value
    return parse(field, raw, reading)


def parse(field: Field, raw: Any, reading: Reading) -> Any:
    """Read one raw value: blank text is blank, and a value that is never blank gets what stands for blank."""
    if field.type.is_blank(raw):
        return field.type.blank()
    return field.type.parse(raw, reading)


def _refuse(ctx: Context, model: ObjectModel, name: str, errors: Errors) -> None:
    """Say why a field cannot be written; one that the actor may not read does not exist for them."""
    readable = field_rights.readable(ctx, model)
    if name in readable and name in model.fields:
        message = Message("You cannot change this field.", code="not_writable")
    else:
        hint = hint_to(name, readable)
        message = Message("There is no field '{name}'; {hint}", code="unknown_field", name=name, hint=hint)
    errors.setdefault(name, []).append(message)


def _entered_lines(
    ctx: Context, field: Field, raw: Any, before: Record | None, errors: Errors, verb: str
) -> list[LineChange]:
    """Read the lines of a record: with `id` changed, without added, absent removed."""
    if raw is None:
        raw = []
    if not isinstance(raw, (list, tuple)) or not all(isinstance(line, Mapping) for line in raw):
        errors.setdefault(field.name, []).append(Message("Give a list of lines.", code="lines_expected"))
        return []
    if len(raw) > MOST_LINES:
        said = Message("A record can have at most {most} lines.", code="too_many_lines", most=MOST_LINES)
        errors.setdefault(field.name, []).append(said)
        return []
    child = ctx.catalog.object(str(field.type.lines()))
    there = {line.id: line for line in (before.values.get(field.name) or [] if before else [])}
    left = dict(there)
    found: list[LineChange] = []
    for position, line in enumerate(raw):
        inner: Errors = {}
        found.append(_entered_line(ctx, child, copy(line), position, left, inner, verb))
        for name, messages in inner.items():
            errors[f"{field.name}[{position}].{name}" if name else f"{field.name}[{position}]"] = messages
    kept = {line.id for line in found}
    found += [LineChange("delete", key, dict(line.values), line) for key, line in there.items() if key not in kept]
    return found


def _entered_line(
    ctx: Context,
    child: ObjectModel,
    raw: dict[str, Any],
    position: int,
    there: dict[str, Record],
    errors: Errors,
    verb: str,
) -> LineChange:
    given = raw.pop("id", None)
    raw.pop("position", None)
    raw.pop("parent", None)
    before = there.pop(given, None) if isinstance(given, str) else None
    if given and before is None:
        errors[""] = [Message("This line is not one of the record's lines.", code="unknown_line")]
    entered, _ = _entered(ctx, child, raw, errors, verb=verb, before=before)
    if before is not None:
        values = {**before.values, **entered, "position": position}
        op = "keep" if values == before.values else "update"
        return LineChange(op, before.id, values, before)
    values = {**defaults.for_line(ctx, child, entered), "position": position}
    return LineChange("create", new_id(), values)


def _finish(ctx: Context, model: ObjectModel, changes: Changes, before: Record | None, errors: Errors) -> None:
    """Compute what is computed, then check what must hold of the record as it will be."""
    checks = checks_of(ctx.catalog, model)
    after = changes.values
    seen = {**after, **_as_lines(changes.lines)}
    if before is None:
        seen = {**dict.fromkeys(checks.lines, ()), **seen}
    reach = Reach(ctx, model, seen)
    if not errors:
        _finish_lines(ctx, model, changes, reach, errors)
    computed = _compute(ctx, checks, reach, seen, errors)
    for name, value in computed.items():
        if before is None or before.values.get(name) != value:
            changes.changed |= {name}
        after[name] = value
    offered.refuse(ctx, model, reach, errors, changed=None if before is None else changes.changed)
    if before is not None:
        unsent = (name for name in checks.lines if name not in changes.lines)
        offered.refuse_in_lines(ctx, model, reach, errors, names=unsent, above=changes.changed)
    _require(ctx, model, checks, seen, reach, errors)
    if before is not None:
        _keep_read_only(ctx, model, checks, before, changes, errors)
    _obey(ctx, checks.rules, reach, errors)
    if errors:
        raise InvalidRecord(errors)


def _led(
    ctx: Context,
    model: ObjectModel,
    before: Record,
    different: dict[str, Any],
    lines: Mapping[str, Sequence[LineChange]],
    errors: Errors,
    transition: str | None,
) -> states.Way | None:
    """Hold a change against the states and the locks of its record; a transition adds to it what it does."""
    way = None
    if model.definition.states is not None:
        way = states.move(ctx, model, before, different, _as_lines(lines), errors, name=transition)
    if ceilings.may_lock(ctx.catalog, model):
        touched = {*different, *(name for name, some in lines.items() if any(line.op != "keep" for line in some))}
        own = way.writes if way is not None else ceilings.NOTHING
        ceilings.hold_record(ctx, model, before.values, "update", touched, by_transition=own)
    return way


def _as_lines(lines: Mapping[str, Sequence[LineChange]]) -> dict[str, list[Record]]:
    """Give entered lines as expressions see them: as they will be."""
    return {
        name: [Record("", line.id, None, line.values) for line in some if line.op != "delete"]
        for name, some in lines.items()
    }


def _compute(ctx: Context, checks: Checks, reach: Reach, seen: dict[str, Any], errors: Errors) -> dict[str, Any]:
    """Compute stored formulas. They are taken out of sight first, so that each is computed from what is new."""
    computed: dict[str, Any] = {}
    for name, _, _ in checks.stored_formulas:
        seen.pop(name, None)
    for name, evaluate, kind in checks.stored_formulas:
        try:
            value = evaluate(reach, ctx.instance_setting())
            computed[name] = None if value is None else settled(kind, value)
        except Overflow as wrong:
            errors.setdefault(name, []).append(wrong.message)
    seen.update(computed)
    return computed


def settled(kind: FieldType[Any], value: Any) -> Any:
    """Give a computed value as its field keeps it: a number with the field's decimal places, if it fits."""
    sort = kind.expression_type()
    if sort is None or sort.sort != "number":
        return value
    exact = rounded(decimal.Decimal(value), sort.scale)
    return exact if sort.scale else int(exact)


def _finish_lines(ctx: Context, model: ObjectModel, changes: Changes, reach: Reach, errors: Errors) -> None:
    for field_name, lines in changes.lines.items():
        child = ctx.catalog.object(str(model.field(field_name).type.lines()))
        for position, line in enumerate(each for each in lines if each.op != "delete"):
            inner: Errors = {}
            finish_line(ctx, child, line.values, reach, inner, before=line.before, above=changes.changed)
            for name, messages in inner.items():
                errors[f"{field_name}[{position}].{name}" if name else f"{field_name}[{position}]"] = messages


def finish_line(
    ctx: Context,
    child: ObjectModel,
    values: dict[str, Any],
    parent: Reach | None,
    errors: Errors,
    *,
    before: Record | None = None,
    above: frozenset[str] = frozenset(),
) -> None:
    """Compute what is computed in a line, then check what must hold of it; `above` changed in its record."""
    checks = checks_of(ctx.catalog, child)
    reach = Reach(ctx, child, values, parent=parent)
    values.update(_compute(ctx, checks, reach, values, errors))
    _relate(ctx, child, values, set(values), errors)
    different = None if before is None else _different(before.values, values)
    offered.refuse(ctx, child, reach, errors, changed=different, above=above)
    _require(ctx, child, checks, values, reach, errors)
    _obey(ctx, checks.rules, reach, errors)


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name, value in after.items() if before.get(name) != value)


def _require(
    ctx: Context, model: ObjectModel, checks: Checks, seen: Mapping[str, Any], reach: Reach, errors: Errors
) -> None:
    missing = [name for name in checks.required if _is_blank(seen.get(name))]
    unread = _unread(errors)
    missing += [
        rule.name
        for rule in checks.required_when
        if not rule.reads & unread and _is_blank(seen.get(rule.name)) and rule.holds(reach, ctx.setting())
    ]
    for name in dict.fromkeys(missing):
        if name not in errors:
            label = model.field(name).shown_label()
            errors[name] = [Message("Enter {label}.", code="required", label=label)]


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or value == ()


def _keep_read_only(
    ctx: Context, model: ObjectModel, checks: Checks, before: Record, changes: Changes, errors: Errors
) -> None:
    """Refuse a change of a field that is read-only in the state the record is in."""
    touched = [rule for rule in checks.read_only_when if rule.name in changes.changed]
    if not touched:
        return
    reach = Reach(ctx, model, before.values)
    for rule in touched:
        if rule.holds(reach, ctx.setting()):
            said = Message("This field cannot be changed now.", code="read_only_now")
            errors.setdefault(rule.name, []).append(said)


def _obey(ctx: Context, rules: Sequence[RecordRule], reach: Reach, errors: Errors) -> None:
    """Check the rules, also where another field is wrong, so that a person hears of everything at once."""
    unread = _unread(errors)
    for rule in rules:
        if rule.reads & unread:
            continue  # what it looks at has to be mended first
        try:
            applies = rule.when is None or rule.when(reach, ctx.setting())
            if applies and not rule.that(reach, ctx.setting()):
                errors.setdefault(rule.field, []).append(rule.otherwise)
        except Overflow as wrong:
            errors.setdefault(rule.field, []).append(wrong.message)


def _unread(errors: Errors) -> set[str]:
    """Give the fields that are wrong; those of lines by the field that holds them."""
    return {name.partition("[")[0] for name in errors}


def _relate(ctx: Context, model: ObjectModel, after: Mapping[str, Any], names: set[str], errors: Errors) -> None:
    """Refuse a lookup of a record that is not there, or that the actor may not see."""
    for name, target in checks_of(ctx.catalog, model).lookups:
        key = after.get(name)
        if name not in names or key is None or name in errors:
            continue
        if key == ctx.actor.id and target == "user":
            continue
        if key not in seen_ids(ctx, target, (key,)):
            label = ctx.catalog.object(target).definition.shown_label()
            said = Message("There is no such {object}, or it is not yours to see.", code="unknown_record", object=label)
            errors.setdefault(name, []).append(said)


def expect_lookups(ctx: Context, model: ObjectModel, rows: Iterable[Values]) -> None:
    """Look up at once what the lookups of many raw records point to, so that checking each asks nothing more."""
    wanted: dict[str, set[str]] = {}
    lookups = checks_of(ctx.catalog, model).lookups
    line_lookups = [
        (name, checks_of(ctx.catalog, ctx.catalog.object(str(model.field(name).type.lines()))).lookups)
        for name in checks_of(ctx.catalog, model).lines
    ]
    for row in rows:
        _collect(row, lookups, wanted)
        for name, inner in line_lookups:
            for line in row.get(name) or ():
                if isinstance(line, Mapping):
                    _collect(line, inner, wanted)
    for target, ids in wanted.items():
        seen_ids(ctx, target, ids)


def _collect(row: Mapping[str, Any], lookups: Iterable[tuple[str, str]], wanted: dict[str, set[str]]) -> None:
    for name, target in lookups:
        if is_id(row.get(name)):
            wanted.setdefault(target, set()).add(row[name])


def seen_ids(ctx: Context, object_name: str, ids: Iterable[str]) -> frozenset[str] | set[str]:
    """Which of these ids are records that the actor may see; asked once in a unit of work."""
    seen, asked = ctx.memo(_seen, object_name)
    missing = [key for key in set(ids) if key not in asked and is_id(key)]
    model = ctx.catalog.object(object_name)
    for start in range(0, len(missing), 1000):
        some = missing[start : start + 1000]
        source = Source(ctx, model)
        conditions: list[Any] = [source.table.c.id.in_(sa.bindparam("ids", expanding=True, type_=Key))]
        allowed = rights(ctx, source, "read")
        if allowed is not None:
            conditions.append(allowed)
        statement = sa.select(source.table.c.id).select_from(source.joined()).where(*conditions)
        bound = {"ids": some, **scope.bind(ctx, asked_by(statement))}
        seen.update(ctx.connection.execute(statement, bound, execution_options=GATE).scalars())
        asked.update(some)
    return seen


def _seen(ctx: Context, object_name: str) -> tuple[set[str], set[str]]:
    return set(), set()
