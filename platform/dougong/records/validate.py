"""values against field types and rules, errors by field"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dougong.access import fields as field_rights
from dougong.access import scope
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
from dougong.records import defaults, hierarchy, people
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

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.changed and all(line.op == "keep" for lines in self.lines.values() for line in lines)


@dataclass(frozen=True)
class FieldRule:
    """A condition on one field: required, or read-only, when it holds."""

    name: str
    holds: Evaluator


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
        required_when=tuple(FieldRule(each.name, compile_(each.required_when)) for each in own if each.required_when),
        read_only_when=tuple(
            FieldRule(each.name, compile_(each.read_only_when)) for each in own if each.read_only_when
        ),
        rules=tuple(
            RecordRule(
                compile_(rule.that),
                compile_(rule.when) if rule.when else None,
                Verbatim(rule.otherwise, code=f"rule.{rule.name}"),
                rule.field or "",
                _reads(catalog, object_name, rule.that, rule.when),
            )
            for rule in model.definition.rules
        ),
        stored_formulas=_stored_formulas(catalog, model),
        lookups=tuple(
            (each.name, target) for each in model.fields.values() if (target := _entered_lookup(each)) is not None
        ),
        lines=tuple(each.name for each in own if each.type.lines() is not None),
    )


def _reads(catalog: Catalog, object_name: str, *texts: str | None) -> frozenset[str]:
    """Name the fields of an object that expressions read, also through its formulas."""
    found: set[str] = set()
    for text in texts:
        node = compiled(catalog, object_name, text) if text else None
        for other, name in references(node, catalog, object_name) if node is not None else ():
            if other == object_name:
                found.add(name)
                inner = catalog.object(object_name).field(name).type.computed_by()
                found |= _reads(catalog, object_name, inner) if inner else set()
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


def new(ctx: Context, model: ObjectModel, values: Values) -> Changes:
    """Check a record that is to be created, or raise `InvalidRecord` with all that is wrong."""
    errors: Errors = {}
    entered, lines = _entered(ctx, model, values, errors, verb="create", before=None)
    after = defaults.for_new(ctx, model, entered)
    _relate(ctx, model, after, set(entered), errors)
    changes = Changes(after, frozenset(after), lines)
    _finish(ctx, model, changes, None, errors)
    return changes


def changed(ctx: Context, model: ObjectModel, before: Record, values: Values) -> Changes:
    """Check what is to change in a record, or raise `InvalidRecord` with all that is wrong."""
    errors: Errors = {}
    entered, lines = _entered(ctx, model, values, errors, verb="update", before=before)
    different = {name: value for name, value in entered.items() if before.values.get(name) != value}
    after = {**before.values, **different}
    if "owner" in different and "unit" not in different and after["owner"] is not None:
        after["unit"] = people.main_unit(ctx, after["owner"])
    _relate(ctx, model, after, set(different), errors)
    changes = Changes(after, frozenset(different), lines)
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
    lines_after = {
        name: [Record("", line.id, None, line.values) for line in lines if line.op != "delete"]
        for name, lines in changes.lines.items()
    }
    seen = {**after, **lines_after}
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
    _require(ctx, model, checks, seen, reach, errors)
    if before is not None:
        _keep_read_only(ctx, model, checks, before, changes, errors)
    _obey(ctx, checks.rules, reach, errors)
    if errors:
        raise InvalidRecord(errors)


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
        checks = checks_of(ctx.catalog, child)
        for position, line in enumerate(each for each in lines if each.op != "delete"):
            inner: Errors = {}
            line_reach = Reach(ctx, child, line.values, parent=reach)
            line.values.update(_compute(ctx, checks, line_reach, line.values, inner))
            _relate(ctx, child, line.values, set(line.values), inner)
            _require(ctx, child, checks, line.values, line_reach, inner)
            _obey(ctx, checks.rules, line_reach, inner)
            for name, messages in inner.items():
                errors[f"{field_name}[{position}].{name}" if name else f"{field_name}[{position}]"] = messages


def _require(
    ctx: Context, model: ObjectModel, checks: Checks, seen: Mapping[str, Any], reach: Reach, errors: Errors
) -> None:
    missing = [name for name in checks.required if _is_blank(seen.get(name))]
    if checks.required_when and not errors:
        missing += [
            rule.name
            for rule in checks.required_when
            if _is_blank(seen.get(rule.name)) and rule.holds(reach, ctx.setting())
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
    unread = {name.partition("[")[0] for name in errors}
    for rule in rules:
        if rule.reads & unread:
            continue  # what it looks at has to be mended first
        try:
            applies = rule.when is None or rule.when(reach, ctx.setting())
            if applies and not rule.that(reach, ctx.setting()):
                errors.setdefault(rule.field, []).append(rule.otherwise)
        except Overflow as wrong:
            errors.setdefault(rule.field, []).append(wrong.message)


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
