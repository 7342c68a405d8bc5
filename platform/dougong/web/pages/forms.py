"""enter a new record, or change one"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import Conflict, InvalidRecord, NotAllowed, Stale
from dougong.base.names import is_id, new_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.features.accounts import repeats
from dougong.records import defaults
from dougong.records import service as records
from dougong.records.query import Query, Record
from dougong.web.pages import conditions, merging
from dougong.web.pages.frame import answer, back_to, crumbs, frame, go, is_administrator, look, may_change
from dougong.web.pages.lists import object_of
from dougong.web.pages.records import get_or_tell
from dougong.web.pages.route import Visit
from dougong.web.present import address, conflict, detail, form, layout, listing, posted
from dougong.web.present.form import FormPage, Sheet
from dougong.web.present.page import Link
from dougong.web.present.posted import Entries
from dougong.web.present.value import Look

FIRST_CHOICES = 50
MOST_TITLES = 200
MOST_VERSIONS = 100


# ---- create ----------------------------------------------------------------------------------------------------------


def new(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the form for a new record, with defaults and what the address gives."""
    model = _may_create(ctx, name)
    given = {key: value for key, value in visit.request.args.items() if key in model.fields}
    values = records.new_values(ctx, name, given)
    seen = look(ctx)
    entries = form.entries_of(seen, model, values)
    sheet = _sheet(ctx, seen, model, Entries(values=entries), purpose="new")
    return _new_form(ctx, visit, model, sheet, once=new_id())


def create(ctx: Context, visit: Visit, name: str) -> Response:
    """Create a record from its form."""
    model = _may_create(ctx, name)
    sent = visit.request.form
    names = [field.name for field in records.writable(ctx, name, "create")]
    entries = posted.read(ctx.catalog, name, names, sent, _begins(ctx, model, names))
    once = sent.get("once", "")
    asked = _asked_for_more(sent)
    if asked is not None:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="new", more=asked, sent=sent)
        return _new_form(ctx, visit, model, sheet, once=once)
    _match(ctx, model, entries)
    key = f"form:{once}" if is_id(once) else ""
    before = repeats.begin(ctx, key, f"{name} create") if key else None
    if before is not None:
        return _gone(visit, before.headers.get("Location", address.listing(name)))
    try:
        with _gate(ctx, entries):
            record = records.create(ctx, name, entries.values)
    except (InvalidRecord, NotAllowed, Conflict) as error:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="new", errors=_errors_of(error))
        return _new_form(ctx, visit, model, sheet, once=once, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    notice, href = "created", address.record(name, record.id)
    if name == "user" and is_administrator(ctx):
        notice, href = "user_created", address.password(record.id)
    else:
        href = back_to(visit, href)
    if key:
        repeats.finish(ctx, key, repeats.Answer(HTTPStatus.SEE_OTHER, b"", {"Location": href}))
    return _gone(visit, href, notice, detail.title_of(look(ctx).with_titles(record.titles), model, record))


def _gone(visit: Visit, href: str, notice: str = "", title: str = "") -> Response:
    """Send the browser on; a dialog over a page is told where, and goes itself."""
    response = go(href, notice, title)
    if _is_quick(visit):
        response.status_code = HTTPStatus.NO_CONTENT
        response.headers["X-Go-To"] = response.headers.pop("Location")
    return response


def _is_quick(visit: Visit) -> bool:
    """Whether the form stands in a dialog over a record's page."""
    return visit.request.headers.get("X-Quick-Add") == "true"


def _may_create(ctx: Context, name: str) -> ObjectModel:
    model = object_of(ctx, name)
    if not records.may(ctx, "create", name):
        raise NotAllowed(Message("You may see these records but not create new ones.", code="not_allowed"))
    return model


def _new_form(
    ctx: Context, visit: Visit, model: ObjectModel, sheet: Sheet, *, once: str, status: int = HTTPStatus.OK
) -> Response:
    seen = _seen(ctx, sheet)
    label = model.definition.shown_label().show(seen.locale)
    heading = Message("New {object}", object=label).show(seen.locale)
    writable = frozenset(field.name for field in records.writable(ctx, model.name, "create"))
    now = conditions.of(ctx, model, conditions.entered(ctx, model, sheet.entries))
    action = address.new(model.name)
    back = back_to(visit, "")
    sections = form.sections(
        seen,
        model.name,
        "new",
        sheet,
        writable=writable - now.hidden - now.fixed - conditions.led(ctx, model, is_new=True),
        readable=frozenset(sheet.computed) - now.hidden,
        required=now.required,
        action=action,
    )
    page = FormPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, model), search_in=model.name),
        heading=heading,
        action=action,
        sections=form.begin_at_first(sections) if visit.request.method == "GET" else sections,
        hidden=(("once", once), *((("next", back),) if back else ())),
        cancel_href=back or address.listing(model.name),
        problems=form.problems(seen, model, sheet.errors),
        is_new=True,
        draft=f"{model.name}/new",
        compute=address.compute(model.name) if _computes(sheet) else "",
    )
    if _is_quick(visit):
        page = form.quick(page, full_href=visit.request.full_path if visit.request.method == "GET" else "")
        return answer(visit, "quick_add.html", page, locale=seen.locale, status=status)
    return answer(visit, "form.html", page, locale=seen.locale, status=status)


# ---- edit ------------------------------------------------------------------------------------------------------------


def edit(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Show the form of a record."""
    model, record = _may_edit(ctx, name, record_id)
    seen = look(ctx).with_titles(record.titles)
    entries = form.entries_of(seen, model, record.values)
    sheet = _sheet(ctx, seen, model, Entries(values=entries), purpose="edit", record=record)
    return _edit_form(ctx, visit, model, record, sheet, version=record.version)


def update(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Change a record from its form; what someone else saved meanwhile is shown beside it."""
    model, record = _may_edit(ctx, name, record_id)
    sent = visit.request.form
    names = [field.name for field in records.writable(ctx, name, "update")]
    entries = posted.read(ctx.catalog, name, names, sent, _begins(ctx, model, names))
    version = _version(sent.get("version", ""))
    asked = _asked_for_more(sent)
    if asked is not None:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="edit", more=asked, record=record, sent=sent)
        return _edit_form(ctx, visit, model, record, sheet, version=version)
    _match(ctx, model, entries)
    values = merging.chosen(entries.values, sent)
    base = _version(sent.get("base", ""))
    if base is not None and record.version == version:
        meeting = _meeting(ctx, model, record, entries, base)
        values = merging.chosen(entries.values, sent, meeting)
        missing = merging.unchosen(meeting, sent)
        if missing:
            return _conflict(ctx, visit, model, record, entries, meeting, base=base, missing=missing)
    try:
        with _gate(ctx, entries):
            saved = records.update(ctx, name, record_id, values, version=version)
    except Stale:
        since = version if base is None else base
        meeting = _meeting(ctx, model, record, entries, since)
        return _conflict(ctx, visit, model, record, entries, meeting, base=since)
    except (InvalidRecord, Conflict) as error:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="edit", errors=_errors_of(error), record=record)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _edit_form(ctx, visit, model, record, sheet, version=version, status=status)
    seen = look(ctx).with_titles(saved.titles)
    notice = "unchanged" if saved.version == version else "saved"
    return go(address.record(name, record_id), notice, detail.title_of(seen, model, saved))


def _may_edit(ctx: Context, name: str, record_id: str) -> tuple[ObjectModel, Record]:
    model = object_of(ctx, name)
    record = get_or_tell(ctx, name, record_id)
    if not may_change(ctx, model, "update", record_id):
        raise NotAllowed(Message("You may see this record but not change it.", code="not_allowed"))
    return model, record


def _edit_form(
    ctx: Context,
    visit: Visit,
    model: ObjectModel,
    record: Record,
    sheet: Sheet,
    *,
    version: int | None,
    status: int = HTTPStatus.OK,
) -> Response:
    seen = _seen(ctx, sheet)
    title = detail.title_of(seen, model, record)
    heading = Message("Edit {title}", title=title).show(seen.locale)
    here = address.record(model.name, record.id)
    now = conditions.of(ctx, model, conditions.entered(ctx, model, sheet.entries, record))
    action = address.record(model.name, record.id, "edit")
    writable = frozenset(field.name for field in records.writable(ctx, model.name, "update"))
    readable = frozenset(field.name for field in records.readable(ctx, model.name))
    page = FormPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, model, Link(title, here)), search_in=model.name),
        heading=heading,
        action=action,
        sections=form.sections(
            seen,
            model.name,
            "edit",
            sheet,
            writable=writable - now.hidden - now.fixed - conditions.led(ctx, model, is_new=False),
            readable=readable - now.hidden,
            required=now.required,
            action=action,
        ),
        hidden=(("version", str(version or "")),),
        draft=f"{model.name}/{record.id}",
        compute=address.compute(model.name, record.id) if _computes(sheet) else "",
        cancel_href=here,
        problems=form.problems(seen, model, sheet.errors),
    )
    return answer(visit, "form.html", page, locale=seen.locale, status=status)


def _meeting(ctx: Context, model: ObjectModel, now: Record, entries: Entries, since: int | None) -> merging.Meeting:
    versions = records.history(ctx, model.name, now.id, limit=MOST_VERSIONS)
    return merging.compare(ctx, model, now, entries.values, versions, since)


def _conflict(
    ctx: Context,
    visit: Visit,
    model: ObjectModel,
    now: Record,
    entries: Entries,
    meeting: merging.Meeting,
    *,
    base: int | None,
    missing: tuple[Field, ...] = (),
) -> Response:
    """Show what someone else saved meanwhile, field by field beside what was entered."""
    seen = look(ctx).with_titles({**now.titles, **_titles_of(ctx, model, entries)})
    page = conflict.page(
        seen,
        model,
        meeting,
        frame=frame(ctx, visit, detail.title_of(seen, model, now), crumbs=crumbs(seen, model), search_in=model.name),
        action=address.record(model.name, now.id, "edit"),
        cancel_href=address.record(model.name, now.id),
        sent=[(key, value) for key, value in visit.request.form.items(multi=True)],
        version=now.version,
        base=base,
        missing=missing,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if missing else HTTPStatus.CONFLICT
    return answer(visit, "conflict.html", page, locale=seen.locale, status=status)


# ---- what formulas give while one types ------------------------------------------------------------------------------


def compute(ctx: Context, visit: Visit, name: str) -> Response:
    """Answer what the formulas of a form give for what stands in it now. Nothing is saved."""
    record_id = visit.request.args.get("record", "")
    model, record = _may_edit(ctx, name, record_id) if record_id else (_may_create(ctx, name), None)
    sent = visit.request.form
    names = [field.name for field in records.writable(ctx, name, "update" if record else "create")]
    entries = posted.read(ctx.catalog, name, names, sent, _begins(ctx, model, names))
    known = conditions.compute(ctx, model, conditions.entered(ctx, model, entries.values, record))
    places = {}
    for lines in known.lines:
        filled = entries.places.get(lines, [])
        places[lines] = [*filled, *(each for each in posted.lines_on_page(lines, sent) if each not in filled)]
    seen = look(ctx)
    page = form.ComputedPage(form.computed_inputs(seen, model, known.values, known.lines, places))
    return answer(visit, "computed.html", page, locale=seen.locale)


def _computes(sheet: Sheet) -> bool:
    return bool(sheet.computed or sheet.computed_lines)


# ---- what forms share ------------------------------------------------------------------------------------------------


def _version(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 18 else None


def _errors_of(error: InvalidRecord | NotAllowed | Conflict) -> Mapping[str, list[Message]]:
    return error.by_field if isinstance(error, InvalidRecord) else {"": [error.message]}


@contextmanager
def _gate(ctx: Context, entries: Entries) -> Iterator[None]:
    """Save within this, all or nothing; what the gate refuses is told together with lookups that name no record."""
    try:
        with ctx.savepoint():
            yield
            if entries.unmatched:
                raise InvalidRecord({})
    except (InvalidRecord, NotAllowed, Conflict, Stale) as error:
        if not entries.unmatched:
            raise
        said = error.by_field if isinstance(error, InvalidRecord) else {}
        raise InvalidRecord({**said, **entries.errors()}) from error


def _match(ctx: Context, model: ObjectModel, entries: Entries) -> None:
    """Take what was typed into a lookup, and not chosen, for the one record with just that title."""
    seen = look(ctx)
    for reported, typed in [*entries.unmatched.items()]:
        field, values = posted.place_of(ctx.catalog, model.name, reported, entries)
        target = field.type.lookup()
        if target and seen.can_open(target):
            found = _titled(ctx, seen, target, typed)
            if found:
                values[field.name] = found
                del entries.unmatched[reported]


def _titled(ctx: Context, seen: Look, target: str, title: str) -> str | None:
    """Give the id of the one record that has this title, among those that this person may read."""
    model = ctx.catalog.object(target)
    if not model.title:
        return None
    found = records.list(ctx, target, Query(q=title, fields=("id", model.title), limit=MOST_TITLES))
    wanted = title.strip().casefold()
    ids = [
        each.id
        for each in found
        if detail.title_of(seen.with_titles(each.titles), model, each).strip().casefold() == wanted
    ]
    return ids[0] if len(ids) == 1 and found.next is None else None


def _asked_for_more(sent: Mapping[str, str]) -> Mapping[str, int] | None:
    """Say which lines want more room, where a button without script asked for it; None where it was to be saved."""
    asked = sent.get("do", "")
    if asked in ("find", "refresh"):
        return {}
    if asked.startswith("more:"):
        return {asked.removeprefix("more:"): form.MORE_LINES}
    return None


def _sheet(
    ctx: Context,
    seen: Look,
    model: ObjectModel,
    entries: Entries,
    *,
    purpose: layout.Purpose,
    errors: Mapping[str, list[Message]] | None = None,
    more: Mapping[str, int] | None = None,
    record: Record | None = None,
    sent: Mapping[str, str] | None = None,
) -> Sheet:
    """Gather what a form is filled in with, titles and first choices of its lookups included."""
    names = [field.name for field in records.writable(ctx, model.name, _verb(purpose))]
    targets = [target for target in _targets(ctx, model, names) if seen.can_open(target)]
    words = _words(model, sent or {})
    # Only a script asks for a refresh, and it must not find the controls of those without one.
    has_plain = sent is None or sent.get("do") != "refresh"
    titles = {**(record.titles if record else {}), **seen.showing.titles, **_titles_of(ctx, model, entries)}
    known = conditions.compute(ctx, model, conditions.entered(ctx, model, entries.values, record))
    return form.sheet_of(
        entries,
        computed=known.values,
        computed_lines=known.lines,
        record=record,
        errors=errors or {},
        more=more or {},
        begins=_begins(ctx, model, names),
        titles=titles,
        has_plain=has_plain,
        choices={target: first_choices(ctx, seen, target, words.get(target, "")) for target in targets if has_plain},
    )


def _begins(ctx: Context, model: ObjectModel, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give what new lines begin with, by the field that holds them."""
    seen = look(ctx)
    found = {}
    for name in names:
        child = model.fields[name].type.lines()
        if child:
            there = ctx.catalog.object(child)
            own = {field.name for field in there.own_fields() if not field.is_computed}
            values = defaults.for_line(ctx, there, {})
            found[name] = form.entries_of(seen, there, {key: values[key] for key in values if key in own})
    return found


def _verb(purpose: layout.Purpose) -> str:
    return "create" if purpose == "new" else "update"


def _seen(ctx: Context, sheet: Sheet) -> Look:
    return look(ctx).with_titles(sheet.titles)


def _targets(ctx: Context, model: ObjectModel, names: Iterable[str]) -> dict[str, None]:
    """Give the objects that the lookups of a form and its lines lead to."""
    found: dict[str, None] = {}
    for name in names:
        each = model.fields[name].type
        child = each.lines()
        for type_ in (each, *(field.type for field in ctx.catalog.object(child).own_fields())) if child else (each,):
            target = type_.lookup()
            if target:
                found[target] = None
    return found


def _words(model: ObjectModel, sent: Mapping[str, str]) -> dict[str, str]:
    """Give what is looked for in the lookups of a form without script, by the objects they lead to."""
    found = {}
    for each in model.fields.values():
        target, said = each.type.lookup(), sent.get(f"{each.name}.words", "").strip()
        if target and said:
            found[target] = said
    return found


def first_choices(ctx: Context, seen: Look, target: str, words: str) -> list[tuple[str, str]]:
    """Give the first records of an object as choices, for those without script."""
    model = ctx.catalog.object(target)
    fields = ("id", model.title) if model.title else ("id",)
    query = Query(q=words or None, fields=fields, limit=FIRST_CHOICES, sort=listing.by_title(model))
    found = records.list(ctx, target, query)
    return [(each.id, detail.title_of(seen.with_titles(each.titles), model, each)) for each in found]


def _titles_of(ctx: Context, model: ObjectModel, entries: Entries) -> dict[str, str]:
    """Give the titles of the records that were entered, as far as this person may read them."""
    wanted: dict[str, set[str]] = {}
    _collect(ctx, model, entries.values, wanted)
    titles: dict[str, str] = {}
    for target, ids in wanted.items():
        if not records.may(ctx, "read", target):
            continue
        there = ctx.catalog.object(target)
        asked = " or ".join(f'id == "{each}"' for each in sorted(ids)[:MOST_TITLES])
        fields = ("id", there.title) if there.title else ("id",)
        found = records.list(ctx, target, Query(where=asked, fields=fields, limit=MOST_TITLES))
        titles |= {each.id: detail.title_of(look(ctx).with_titles(each.titles), there, each) for each in found}
    return titles


def _collect(ctx: Context, model: ObjectModel, values: Mapping[str, object], wanted: dict[str, set[str]]) -> None:
    for name, value in values.items():
        each = model.fields.get(name)
        target = each.type.lookup() if each else None
        child = each.type.lines() if each else None
        if target and is_id(value):
            wanted.setdefault(target, set()).add(str(value))
        elif child and isinstance(value, list):
            for line in value:
                _collect(ctx, ctx.catalog.object(child), line, wanted)
