"""get, list, create, update, delete: the gate, the only way to business data"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa

from dougong.access import ceilings, scope
from dougong.access import fields as field_rights
from dougong.base.errors import BadRequest, InvalidRecord, InvalidValue, NotAllowed, Stale, VersionMissing
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds import Automation, Flow
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.states import Transition
from dougong.expressions.tree import Node
from dougong.records import (
    clashes,
    defaults,
    deletion,
    hierarchy,
    numbering,
    paging,
    people,
    read,
    states,
    validate,
    write,
)
from dougong.records import offered as offering
from dougong.records.aggregate import aggregate
from dougong.records.events import RecordsChanged
from dougong.records.history import Version, VersionPage, history, history_page
from dougong.records.lanes import Lane, lanes
from dougong.records.query import Outcome, Page, Query, Record, Values
from dougong.records.reach import Reach, with_columns
from dougong.records.references import Titles
from dougong.records.states import Offered

# The names that edges and features use; the rest of `records` is for the gate itself.
__all__ = [
    "Lane", "Offered", "Outcome", "Page", "Query", "Record", "Values", "Version", "VersionPage",
    "aggregate", "create", "create_many", "delete", "expect", "find", "find_lock", "get", "history",
    "history_page", "initial_states", "lanes", "list", "may", "may_ask", "may_record", "new_values", "offered",
    "onward", "readable", "transition", "transitions", "update", "writable",
]  # fmt: skip


def get(ctx: Context, object_name: str, record_id: str, *, fields: Sequence[str] | None = None) -> Record:
    """Give one record with its lines, or raise `NotFound`; `fields` may name paths over lookups."""
    model = ctx.catalog.object(object_name)
    asked = readable_names(ctx, model) if fields is None else tuple(fields)
    names, labels = read.asked_names(ctx, model, asked)
    record = read.one(ctx, model, record_id, names=names)
    read.as_asked(record.values, labels, asked)
    read.attach(ctx, model, [record], asked)
    return record


def readable_names(ctx: Context, model: ObjectModel) -> tuple[str, ...]:
    """All that the actor may read of a record, lines too, in the object's order."""
    return ctx.catalog.memo(_readable_names, model.name, field_rights.readable(ctx, model))


def _readable_names(catalog: Catalog, object_name: str, readable: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in catalog.object(object_name).fields if name in readable)


def list(ctx: Context, object_name: str, query: Query | None = None) -> Page:  # noqa: A001 -- the verb people use
    """Give a sorted page of the records that the actor may read and asked for."""
    return paging.many(ctx, ctx.catalog.object(object_name), query or Query())


def readable(ctx: Context, object_name: str) -> tuple[Field, ...]:
    """The fields the actor may read, in the object's order."""
    model = ctx.catalog.object(object_name)
    return tuple(model.fields[name] for name in readable_names(ctx, model))


def writable(ctx: Context, object_name: str, verb: str = "update") -> tuple[Field, ...]:
    """The fields the actor may enter with `create` or `update`, in the object's order."""
    model = ctx.catalog.object(object_name)
    names = field_rights.writable(ctx, model, verb)
    return tuple(field for field in model.fields.values() if field.name in names)


def may(ctx: Context, verb: str, object_name: str) -> bool:
    """Whether the actor has a verb on some records of an object at all."""
    return bool(scope.rules(ctx, ctx.catalog.object(object_name), verb))


def may_ask(ctx: Context, object_name: str, expression: str) -> bool:
    """Whether the actor may read all that a condition is about."""
    try:
        read.condition(ctx, ctx.catalog.object(object_name), expression)
    except BadRequest:
        return False
    return True


def onward(ctx: Context, object_name: str, state: str) -> tuple[Transition, ...]:
    """Give the transitions that the actor's roles may do from a state; a single record may stand against them."""
    return states.onward(ctx, ctx.catalog.object(object_name), state)


def initial_states(ctx: Context, object_name: str) -> tuple[str, ...]:
    """Give the states a new record may begin in, the one it begins in by itself first."""
    return defaults.initial_states(ctx.catalog, ctx.catalog.object(object_name))


def may_record(ctx: Context, verb: str, object_name: str, record_id: str) -> bool:
    """Whether the actor may `verb` this record."""
    return read.find(ctx, ctx.catalog.object(object_name), record_id, names=("id",), verb=verb) is not None


def new_values(ctx: Context, object_name: str, given: Values | None = None) -> dict[str, Any]:
    """Give what a form for a new record begins with: defaults, and what was given and can be read."""
    model = ctx.catalog.object(object_name)
    names = field_rights.writable(ctx, model, "create")
    reading = ctx.memo(defaults.reading)
    entered = {}
    for name, raw in (given or {}).items():
        if name in names and model.fields[name].type.lines() is None:
            try:
                entered[name] = validate.parse(model.fields[name], raw, reading)
            except InvalidValue:
                continue  # a wrong value in a link to a form is left out; the form says what it wants
    return {name: value for name, value in defaults.for_new(ctx, model, entered).items() if name in names}


def offered(
    ctx: Context,
    object_name: str,
    field_name: str,
    given: Values,
    *,
    above: Values | None = None,
    record_id: str | None = None,
) -> Node | None:
    """Give the condition (`Query.within`) for what a lookup offers on a form; None where every record is meant.

    `given` is what stands in the form so far, over the record that it changes; a lookup of a record that the actor may
    not see is blank. For a line, `above` is the same of the record that it belongs to.
    """
    model = ctx.catalog.object(object_name)
    if not offering.offers_of(ctx.catalog, model):
        return None
    if model.parent is None:
        return offering.condition(ctx, model, field_name, _entering(ctx, model, given, record_id))
    holder = _entering(ctx, ctx.catalog.object(model.parent), above or {}, record_id)
    return offering.condition(ctx, model, field_name, _entering(ctx, model, given, None, parent=holder))


def _entering(
    ctx: Context, model: ObjectModel, given: Values, record_id: str | None, *, parent: Reach | None = None
) -> Reach:
    """Give a record as it stands in a form, for conditions."""
    names = with_columns(ctx.catalog, model)
    values: dict[str, Any] = dict.fromkeys((*names, *validate.checks_of(ctx.catalog, model).lines))
    found = read.find(ctx, model, record_id, names=names) if record_id else None
    if found is not None:
        values = dict(found.values)
    writable_names = field_rights.writable(ctx, model, "create") | field_rights.writable(ctx, model, "update")
    for name, raw in given.items():
        field = model.fields.get(name)
        if field is None or name not in writable_names or field.type.lines() is not None:
            continue
        try:
            value = validate.parse(field, raw, ctx.memo(defaults.reading))
        except InvalidValue:
            value = None
        target = field.type.lookup()
        is_seen = target is None or value is None or value in validate.seen_ids(ctx, target, (value,))
        values[name] = value if is_seen else None
    # What is computed is computed from what stands in the form.
    entered = {name: value for name, value in values.items() if model.field(name).type.computed_by() is None}
    return Reach(ctx, model, entered, parent=parent)


def create(ctx: Context, object_name: str, values: Values) -> Record:
    """Create one record with its lines, or raise `InvalidRecord` or `NotAllowed`."""
    model = ctx.catalog.object(object_name)
    _must(ctx, model, "create")
    changes = validate.new(ctx, model, values)
    in_one = ctx.catalog.memo(_is_one_statement, model.name)
    must_check = not _surely_mine(ctx, model, changes)
    told = len(ctx.announced)
    with _whole(ctx, model, must_check=must_check, in_one=in_one, values=changes.values):
        _insert(ctx, model, [changes])
        write.announce(ctx, RecordsChanged(model.name, "created", (changes.values["id"],)))
    return _as_read(ctx, model, changes, told=told)


def create_many(
    ctx: Context, object_name: str, many: Sequence[Values], *, atomic: bool = True, brief: bool = False
) -> tuple[Outcome, ...]:
    """Create many records; an answer for each. `atomic`: all or none; `brief`: only ids and versions are told."""
    model = ctx.catalog.object(object_name)
    _must(ctx, model, "create")
    validate.expect_lookups(ctx, model, many)
    outcomes: dict[int, Outcome] = {}
    good: dict[int, validate.Changes] = {}
    for position, values in enumerate(many):
        try:
            good[position] = validate.new(ctx, model, values)
        except InvalidRecord as wrong:
            outcomes[position] = Outcome(errors=wrong.by_field)
    for position, errors in clashes.among(ctx, model, good).items():
        del good[position]
        outcomes[position] = Outcome(errors=errors)
    if good and not (atomic and outcomes):
        if not atomic:
            _insert_doubtful(ctx, model, good, outcomes, brief=brief)
        _insert_all(ctx, model, good, outcomes, brief=brief)
    return tuple(outcomes.get(position, Outcome()) for position in range(len(many)))


def _insert_doubtful(
    ctx: Context,
    model: ObjectModel,
    good: dict[int, validate.Changes],
    outcomes: dict[int, Outcome],
    *,
    brief: bool,
) -> None:
    """Insert one by one what may turn out not to be the creator's, so that it does not take the others with it."""
    is_heard = _is_heard(ctx, model)
    doubtful = [position for position, changes in good.items() if is_heard or not _surely_mine(ctx, model, changes)]
    for position in doubtful:
        changes = good.pop(position)
        try:
            _insert_all(ctx, model, {position: changes}, outcomes, brief=brief)
        except NotAllowed as refused:
            outcomes[position] = Outcome(errors={"": [refused.message]})
        except InvalidRecord as refused:
            outcomes[position] = Outcome(errors=refused.by_field)


def _insert_all(
    ctx: Context,
    model: ObjectModel,
    good: Mapping[int, validate.Changes],
    outcomes: dict[int, Outcome],
    *,
    brief: bool = False,
) -> None:
    if not good:
        return
    told = len(ctx.announced)
    with _whole(ctx, model, must_check=not _surely_all_mine(ctx, model, good.values())):
        _insert(ctx, model, [*good.values()])
        ids = tuple(changes.values["id"] for changes in good.values())
        write.announce(ctx, RecordsChanged(model.name, "created", ids))
    for position, changes in good.items():
        outcomes[position] = Outcome(_shortly(model, changes) if brief else _as_read(ctx, model, changes, told=told))


def _insert(ctx: Context, model: ObjectModel, many: Sequence[validate.Changes]) -> None:
    for changes in many:
        write.stamp_new(ctx, model, changes.values)
    numbering.give_numbers(ctx, model, [changes.values for changes in many])
    write.insert(ctx, model, [changes.values for changes in many])
    for name in validate.checks_of(ctx.catalog, model).lines:
        child = ctx.catalog.object(str(model.field(name).type.lines()))
        lines = [
            {**line.values, "id": line.id, "parent": changes.values["id"]}
            for changes in many
            for line in changes.lines.get(name, ())
        ]
        write.insert(ctx, child, lines)
    people.follow(ctx, model, (changes.values.get("user") for changes in many))
    if hierarchy.trees(ctx.catalog, model) or not _surely_all_mine(ctx, model, many):
        for changes in many:
            _check_new(ctx, model, changes)


def _check_new(ctx: Context, model: ObjectModel, changes: validate.Changes) -> None:
    """Hold a new record to the creator's scope, by the clause that every read has."""
    values = changes.values
    if hierarchy.trees(ctx.catalog, model):
        hierarchy.place(ctx, model, values["id"], values, is_new=True)
    if _surely_mine(ctx, model, changes):
        return
    if read.find(ctx, model, values["id"], names=("id",), verb="create") is None:
        said = Message("You may not create this {object}: it would not be yours.", object=read.label(model))
        raise NotAllowed(said)


def _surely_all_mine(ctx: Context, model: ObjectModel, many: Iterable[validate.Changes]) -> bool:
    """Whether all new records are in their creator's scope; what differs between them is whose they are."""
    different = {(each.values.get("owner"), each.values.get("unit")): each for each in many}
    return all(_surely_mine(ctx, model, each) for each in different.values())


def _surely_mine(ctx: Context, model: ObjectModel, changes: validate.Changes) -> bool:
    owner = ctx.actor.id if model.nature != "record" else changes.values.get("owner")
    return scope.surely_reaches(ctx, model, "create", owner, changes.values.get("unit"))


@contextmanager
def _whole(
    ctx: Context,
    model: ObjectModel,
    *,
    must_check: bool = False,
    in_one: bool = False,
    values: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Write all of it or nothing, whatever the caller does with the error.

    PostgreSQL breaks a transaction off at a clash by itself; what we refuse after writing needs a savepoint there too.
    """
    try:
        is_in_doubt = must_check or (ctx.dialect == "sqlite" and not in_one) or _is_heard(ctx, model)
        with write.piece(ctx) if is_in_doubt else nullcontext():
            yield
    except sa.exc.IntegrityError as error:
        raise clashes.explained(ctx, model, error, values) from error


def _is_heard(ctx: Context, model: ObjectModel) -> bool:
    """Whether somebody listens to the changes of an object inside the transaction, and may refuse them."""
    return bool(ctx.listeners) and ctx.catalog.memo(_has_listeners, model.name)


def _has_listeners(catalog: Catalog, object_name: str) -> bool:
    heard = any(
        each.object == object_name and each.moment == "before_commit" for each in catalog.of(Automation).values()
    )
    return heard or any(each.object == object_name for each in catalog.of(Flow).values())


def _is_one_statement(catalog: Catalog, object_name: str) -> bool:
    """Whether one INSERT is all there is to a new record: it is whole by itself."""
    model = catalog.object(object_name)
    is_more = (
        validate.checks_of(catalog, model).lines
        or numbering.numbered(catalog, model)
        or hierarchy.trees(catalog, model)
        or people.is_followed(model)
    )
    return not is_more


def _owner(model: ObjectModel, values: Mapping[str, Any]) -> str | None:
    return values.get(scope.OWNER_FIELD.get(model.nature, ""))


def _must(ctx: Context, model: ObjectModel, verb: str) -> None:
    if model.nature == "child":
        said = Message("Lines are written with the record they belong to.", code="child")
        raise NotAllowed(said)
    if model.nature == "event" and verb != "create":
        raise NotAllowed(Message("What happened is only added to; it is never changed.", code="event"))
    if not scope.rules(ctx, model, verb):
        ceilings.hold(ctx.actor, model.name, verb)
        said = Message("You may not {verb} {object}.", code="not_allowed", verb=verb, object=read.label(model))
        raise NotAllowed(said)


def update(
    ctx: Context,
    object_name: str,
    record_id: str,
    values: Values,
    *,
    version: int | None = None,
    last_write: bool = False,
) -> Record:
    """Change some fields of one record; `version` is the one the caller read, unless `last_write` is wanted."""
    model = ctx.catalog.object(object_name)
    return _update(ctx, model, record_id, values, version=version, last_write=last_write)


def transition(
    ctx: Context,
    object_name: str,
    record_id: str,
    name: str,
    values: Values | None = None,
    *,
    version: int | None = None,
    last_write: bool = False,
) -> Record:
    """Lead a record from its state to another by a transition, in one write; `values` are what it asks for.

    Where it is not possible now, for this actor or with these values, it raises `InvalidRecord` with the reason.
    """
    model = ctx.catalog.object(object_name)
    asked = states.way(ctx.catalog, model, name).transition
    unknown = [each for each in values or () if each not in (*asked.requires, *asked.asks)]
    if unknown:
        said = Message("“{transition}” does not ask for this.", code="not_asked", transition=asked.shown_label())
        raise InvalidRecord({each: [said] for each in unknown})
    return _update(ctx, model, record_id, values or {}, version=version, last_write=last_write, transition=name)


def expect(
    ctx: Context, object_name: str, record_id: str, *, version: int | None = None, last_write: bool = False
) -> None:
    """Hold a record that something is done with: nobody writes it meanwhile, and it is the version the caller read."""
    _locked(ctx, ctx.catalog.object(object_name), record_id, "read", version=version, last_write=last_write)


def find(ctx: Context, object_name: str, record_id: str) -> Record | None:
    """Give one record with its lines, or None where there is none for the actor."""
    if not may_record(ctx, "read", object_name, record_id):
        return None
    return get(ctx, object_name, record_id)


def transitions(ctx: Context, object_name: str, record: Record) -> tuple[Offered, ...]:
    """Give the transitions that lead on from where a record is; `reason_not` says why the actor cannot do one now."""
    model = ctx.catalog.object(object_name)
    if model.definition.states is None or not may_record(ctx, "update", object_name, record.id):
        return ()
    return states.offered(ctx, model, record.id)


def find_lock(ctx: Context, object_name: str, record: Record, verb: str = "update") -> Message | None:
    """Say why the actor may change nothing of a record that is in their scope, or not delete it; None where they may.

    `record` has to hold its state, as every record does that was read without naming fields.
    """
    model = ctx.catalog.object(object_name)
    found = ceilings.over_record(ctx, model, {**record.values, "id": record.id}, verb)
    return found[0].reason if found else None


def _update(
    ctx: Context,
    model: ObjectModel,
    record_id: str,
    values: Values,
    *,
    version: int | None,
    last_write: bool,
    transition: str | None = None,
) -> Record:
    before = _locked(ctx, model, record_id, "update", version=version, last_write=last_write)
    lines = [name for name in validate.checks_of(ctx.catalog, model).lines if name in values]
    for name in lines:
        read.load_children(ctx.as_system("compare lines"), model, [before], name)
    told = len(ctx.announced)
    changes = validate.changed(ctx, model, before, values, transition=transition)
    if not changes.is_empty:
        with _whole(ctx, model, values=changes.values):
            _write(ctx, model, before, changes)
    return _as_read(ctx, model, changes, told=told)


def _locked(
    ctx: Context, model: ObjectModel, record_id: str, verb: str, *, version: int | None, last_write: bool
) -> Record:
    """Read a record to write it, or say why it may not be written."""
    if version is None and not last_write:
        raise VersionMissing(
            Message("Say which version you read (If-Match), or last_write=true.", code="version_missing")
        )
    if model.nature in ("child", "event"):
        _must(ctx, model, verb)
    before = read.find(ctx, model, record_id, names=with_columns(ctx.catalog, model), verb=verb, lock=True)
    if before is None:
        read.one(ctx, model, record_id, names=("id",))
        said = Message(
            "You can see this {object} but not {verb} it.",
            code="not_allowed",
            object=read.label(model),
            verb=verb,
        )
        raise NotAllowed(said)
    if not last_write and before.version is not None and before.version != version:
        raise Stale(_why_stale(ctx, model, before, version), current=before.version)
    return before


def _why_stale(ctx: Context, model: ObjectModel, record: Record, version: int | None) -> Message:
    """Say who was faster; where the version never was, only that."""
    if version is not None and not 1 <= version <= (record.version or 0):
        return Message(
            "There is no version {version} of this {object}; the newest is {newest}. Load it again.",
            code="stale",
            version=version,
            newest=record.version,
            object=read.label(model),
        )
    return _who_was_faster(ctx, model, record)


def _who_was_faster(ctx: Context, model: ObjectModel, record: Record) -> Message:
    titles = Titles(ctx, model, [record])
    who = titles.get(record.values.get("updated_by") or "", "")
    if who:
        return Message(
            "{who} changed this {object} meanwhile. Load it again to see what is new.",
            code="stale", who=who, object=read.label(model),
        )  # fmt: skip
    return Message(
        "This {object} was changed meanwhile. Load it again to see what is new.",
        code="stale",
        object=read.label(model),
    )


def _write(ctx: Context, model: ObjectModel, before: Record, changes: validate.Changes) -> None:
    values = changes.values
    touched = write.touch(ctx, model, values) if model.nature == "record" else ()
    write.update(ctx, model, values, {*changes.changed, *touched, *_moved(before, values)})
    for name, lines in changes.lines.items():
        child = ctx.catalog.object(str(model.field(name).type.lines()))
        write.write_lines(ctx, child, before.id, lines)
    if set(hierarchy.trees(ctx.catalog, model)) & changes.changed:
        hierarchy.place(ctx, model, before.id, values, is_new=False)
    people.follow(ctx, model, (before.values.get("user"), values.get("user")))
    names = tuple(sorted({*changes.changed, *changes.lines}))
    write.announce(ctx, RecordsChanged(model.name, "updated", (before.id,), names, changes.transition))


def _moved(before: Record, values: Mapping[str, Any]) -> set[str]:
    return {"unit"} if values.get("unit") != before.values.get("unit") else set()


def _as_read(ctx: Context, model: ObjectModel, changes: validate.Changes, *, told: int) -> Record:
    """Give a written record as its writer may read it: from memory where that is the same, else by reading it.

    `told` is how much was announced before the write: where more followed, the record may have been changed again.
    """
    if len(ctx.announced) - told <= 1 and _is_whole_in_memory(ctx, model, changes):
        return _seen_by_writer(ctx, model, changes, read.stored_names(ctx, model))
    if scope.rules(ctx, model, "read"):
        names = read.stored_names(ctx, model)
        if read.find(ctx, model, changes.values["id"], names=("id",)) is not None:
            return get(ctx, model.name, changes.values["id"], fields=(*names, *_lines_read(ctx, model)))
    return _shortly(model, changes)


def _shortly(model: ObjectModel, changes: validate.Changes) -> Record:
    return Record(model.name, changes.values["id"], changes.values.get("version"), {"id": changes.values["id"]})


def _lines_read(ctx: Context, model: ObjectModel) -> tuple[str, ...]:
    readable = field_rights.readable(ctx, model)
    return tuple(name for name in validate.checks_of(ctx.catalog, model).lines if name in readable)


def _is_whole_in_memory(ctx: Context, model: ObjectModel, changes: validate.Changes) -> bool:
    if validate.checks_of(ctx.catalog, model).lines or not ctx.catalog.memo(_is_plain, model.name):
        return False
    values = changes.values
    return scope.surely_reaches(ctx, model, "read", _owner(model, values), values.get("unit"))


def _is_plain(catalog: Catalog, object_name: str) -> bool:
    """Whether every field of an object has columns of its own, so that nothing must be computed by the database."""
    return all(each.type.columns() for each in catalog.object(object_name).fields.values())


def _seen_by_writer(ctx: Context, model: ObjectModel, changes: validate.Changes, names: tuple[str, ...]) -> Record:
    record = Record(
        model.name,
        changes.values["id"],
        changes.values.get("version"),
        {name: changes.values.get(name) for name in names},
    )
    record.titles = Titles(ctx, model, [record])
    return record


def delete(
    ctx: Context, object_name: str, record_id: str, *, version: int | None = None, last_write: bool = False
) -> None:
    """Move a record with its lines to the history, or raise `Conflict` saying what still points to it."""
    model = ctx.catalog.object(object_name)
    record = _locked(ctx, model, record_id, "delete", version=version, last_write=last_write)
    ceilings.hold_record(ctx, model, record.values, "delete")
    with _whole(ctx, model, must_check=True):
        deletion.delete(ctx, model, record)
        people.follow(ctx, model, (record.values.get("user"),))
