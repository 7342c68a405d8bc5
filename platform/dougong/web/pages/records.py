"""one record: show, create, edit, delete, its history"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import Conflict, InvalidRecord, NotAllowed, Stale
from dougong.base.names import is_id, new_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.accounts import repeats
from dougong.records import defaults
from dougong.records import service as records
from dougong.records.query import Query, Record
from dougong.web.pages import conditions, merging
from dougong.web.pages.frame import answer, frame, go, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.route import Visit
from dougong.web.present import address, conflict, detail, form, history, layout, listing, posted
from dougong.web.present.detail import RecordPage, Related
from dougong.web.present.form import FormPage, Sheet
from dougong.web.present.history import HistoryPage
from dougong.web.present.page import Frame, Link
from dougong.web.present.posted import Entries
from dougong.web.present.value import Look, at_path, cell

FIRST_CHOICES = 50
MOST_VERSIONS = 100
MOST_TITLES = 200
_DETAILS, _HISTORY = Message("Details"), Message("History")


@dataclass(frozen=True)
class DeletePage:
    """Asking whether to delete a record."""

    frame: Frame
    """What stands around it."""
    title: str
    """What names the record."""
    action: str
    """Where the answer is sent."""
    version: str
    """The version that was looked at."""
    cancel_href: str
    """The way back."""
    problem: str = ""
    """Why it could not be deleted."""


# ---- show ------------------------------------------------------------------------------------------------------------


def show(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Show a record with its lines and related lists."""
    model = object_of(ctx, name)
    readable = frozenset(field.name for field in records.readable(ctx, name))
    subtitle = model.definition.subtitle
    wanted = [each for each in model.fields if each in readable]
    if subtitle and "." in subtitle and subtitle.split(".")[0] in readable:
        wanted.append(subtitle)
    record = records.get(ctx, name, record_id, fields=wanted)
    seen = look(ctx).with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    found = at_path(ctx.catalog, name, subtitle) if subtitle else None
    page = RecordPage(
        frame=frame(ctx, visit, title, crumbs=_crumbs(seen, model), search_in=name),
        label=model.definition.shown_label().show(seen.locale),
        icon=model.definition.icon or "table",
        title=title,
        subtitle=cell(seen, found[0], record.get(subtitle or "")) if found else None,
        tabs=_tabs(seen, name, record_id, ""),
        sections=detail.sections(seen, record, readable - conditions.of(ctx, model, record.values).hidden),
        footnote=detail.footnote(seen, record),
        related=tuple(_related(ctx, seen, name, record_id)),
        edit_href=address.record(name, record_id, "edit") if _may_change(ctx, model, "update", record_id) else "",
        delete_href=address.record(name, record_id, "delete") if _may_change(ctx, model, "delete", record_id) else "",
        version=record.version,
    )
    return answer(visit, "record.html", page, locale=seen.locale)


def _may_change(ctx: Context, model: ObjectModel, verb: str, record_id: str) -> bool:
    return records.may(ctx, verb, model.name) and records.may_record(ctx, verb, model.name, record_id)


def _crumbs(seen: Look, model: ObjectModel, *more: Link) -> tuple[Link, ...]:
    plural = model.definition.shown_plural().show(seen.locale)
    return (Link(plural, address.listing(model.name)), *more)


def _tabs(seen: Look, name: str, record_id: str, current: str) -> tuple[Link, ...]:
    labels = {"": _DETAILS.show(seen.locale), "history": _HISTORY.show(seen.locale)}
    return detail.tabs(name, record_id, labels, current)


def _related(ctx: Context, seen: Look, name: str, record_id: str) -> Iterable[Related]:
    wanted = layout.form_of(ctx.catalog, name, "read").related
    for object_name, through in ctx.catalog.related(name):
        if wanted is not None and f"{object_name}_{through}" not in wanted:
            continue
        if not seen.can_open(object_name):
            continue
        readable = frozenset(field.name for field in records.readable(ctx, object_name))
        if through in readable:
            yield _one_related(ctx, seen, object_name, through, readable, record_id)


def _one_related(
    ctx: Context, seen: Look, object_name: str, through: str, readable: frozenset[str], record_id: str
) -> Related:
    names = detail.related_columns(seen, object_name, through, readable)
    model = ctx.catalog.object(object_name)
    fields = tuple(dict.fromkeys(("id", *((model.title,) if model.title in readable else ()), *names)))
    where = f'{through} == "{record_id}"'
    sort = ("-created_at",) if "created_at" in model.fields else ()
    query = Query(where=where, fields=fields, limit=detail.RELATED_SHOWN, sort=sort, count="to_limit")
    found = records.list(ctx, object_name, query)
    may_create = records.may(ctx, "create", object_name)
    count = "" if found.count is None else f"{found.count:,}{'+' if found.more_than_count else ''}"
    return detail.related(seen, object_name, through, names, found, of=record_id, may_create=may_create, count=count)


def show_history(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Show what became of a record."""
    model = object_of(ctx, name)
    versions = records.history(ctx, name, record_id, limit=MOST_VERSIONS)
    seen = look(ctx)
    is_live = not versions or versions[0].op != "deleted"
    fields = ("id", model.title) if model.title else ("id",)
    record = records.get(ctx, name, record_id, fields=fields) if is_live else Record(name, record_id, None, {})
    seen = seen.with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    page = HistoryPage(
        frame=frame(ctx, visit, title, crumbs=_crumbs(seen, model), search_in=name),
        label=model.definition.shown_label().show(seen.locale),
        icon=model.definition.icon or "table",
        title=title,
        tabs=_tabs(seen, name, record_id, "history"),
        days=history.days(seen, name, versions),
        has_more=len(versions) >= MOST_VERSIONS,
    )
    return answer(visit, "history.html", page, locale=seen.locale)


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
    asked = _asked_for_more(ctx, visit, entries)
    if asked is not None:
        return _new_form(
            ctx, visit, model, _sheet(ctx, look(ctx), model, entries, purpose="new", more=asked), once=once
        )
    key = f"form:{once}" if is_id(once) else ""
    before = repeats.begin(ctx, key, f"{name} create") if key else None
    if before is not None:
        return go(before.headers.get("Location", address.listing(name)))
    try:
        if entries.unmatched:
            raise InvalidRecord(entries.errors())
        with ctx.savepoint():
            record = records.create(ctx, name, entries.values)
    except (InvalidRecord, NotAllowed, Conflict) as error:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="new", errors=_errors_of(error))
        return _new_form(ctx, visit, model, sheet, once=once, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    href = address.record(name, record.id)
    if key:
        repeats.finish(ctx, key, repeats.Answer(HTTPStatus.SEE_OTHER, b"", {"Location": href}))
    return go(href, "created", detail.title_of(look(ctx).with_titles(record.titles), model, record))


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
    page = FormPage(
        frame=frame(ctx, visit, heading, crumbs=_crumbs(seen, model), search_in=model.name),
        heading=heading,
        action=address.new(model.name),
        sections=form.sections(
            seen,
            model.name,
            "new",
            sheet,
            writable=writable - now.hidden - now.fixed,
            readable=frozenset(),
            required=now.required,
        ),
        hidden=(("once", once),),
        cancel_href=address.listing(model.name),
        problems=form.problems(seen, model, sheet.errors),
        is_new=True,
    )
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
    version = _number(sent.get("version", ""))
    asked = _asked_for_more(ctx, visit, entries)
    if asked is not None:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="edit", more=asked, record=record)
        return _edit_form(ctx, visit, model, record, sheet, version=version)
    values = merging.chosen(entries.values, sent)
    try:
        if entries.unmatched:
            raise InvalidRecord(entries.errors())
        with ctx.savepoint():
            saved = records.update(ctx, name, record_id, values, version=version)
    except Stale:
        return _conflict(ctx, visit, model, record, entries, version)
    except (InvalidRecord, Conflict) as error:
        sheet = _sheet(ctx, look(ctx), model, entries, purpose="edit", errors=_errors_of(error), record=record)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _edit_form(ctx, visit, model, record, sheet, version=version, status=status)
    seen = look(ctx).with_titles(saved.titles)
    notice = "unchanged" if saved.version == version else "saved"
    return go(address.record(name, record_id), notice, detail.title_of(seen, model, saved))


def _may_edit(ctx: Context, name: str, record_id: str) -> tuple[ObjectModel, Record]:
    model = object_of(ctx, name)
    record = records.get(ctx, name, record_id)
    if not _may_change(ctx, model, "update", record_id):
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
    writable = frozenset(field.name for field in records.writable(ctx, model.name, "update"))
    readable = frozenset(field.name for field in records.readable(ctx, model.name))
    page = FormPage(
        frame=frame(ctx, visit, heading, crumbs=_crumbs(seen, model, Link(title, here)), search_in=model.name),
        heading=heading,
        action=address.record(model.name, record.id, "edit"),
        sections=form.sections(
            seen,
            model.name,
            "edit",
            sheet,
            writable=writable - now.hidden - now.fixed,
            readable=readable - now.hidden,
            required=now.required,
        ),
        hidden=(("version", str(version or "")),),
        cancel_href=here,
        problems=form.problems(seen, model, sheet.errors),
    )
    return answer(visit, "form.html", page, locale=seen.locale, status=status)


def _conflict(
    ctx: Context, visit: Visit, model: ObjectModel, now: Record, entries: Entries, version: int | None
) -> Response:
    """Show what someone else saved meanwhile, field by field beside what was entered."""
    seen = look(ctx).with_titles({**now.titles, **_titles_of(ctx, model, entries)})
    versions = records.history(ctx, model.name, now.id, limit=MOST_VERSIONS)
    meeting = merging.compare(ctx, model, now, entries.values, versions, version)
    page = conflict.page(
        seen,
        model,
        meeting,
        frame=frame(ctx, visit, detail.title_of(seen, model, now), crumbs=_crumbs(seen, model), search_in=model.name),
        action=address.record(model.name, now.id, "edit"),
        cancel_href=address.record(model.name, now.id),
        sent=[(key, value) for key, value in visit.request.form.items(multi=True)],
        version=now.version,
    )
    return answer(visit, "conflict.html", page, locale=seen.locale, status=HTTPStatus.CONFLICT)


# ---- delete ----------------------------------------------------------------------------------------------------------


def ask_delete(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Ask whether to delete a record."""
    return _delete_page(ctx, visit, name, record_id)


def delete(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Delete a record: it goes to the recycle bin."""
    model = object_of(ctx, name)
    record = records.get(ctx, name, record_id)
    title = detail.title_of(look(ctx).with_titles(record.titles), model, record)
    try:
        with ctx.savepoint():
            records.delete(ctx, name, record_id, version=_number(visit.request.form.get("version", "")))
    except Conflict as error:
        return _delete_page(ctx, visit, name, record_id, problem=error.message)
    return go(address.listing(name), "deleted", title)


def _delete_page(ctx: Context, visit: Visit, name: str, record_id: str, *, problem: Message | None = None) -> Response:
    model = object_of(ctx, name)
    record = records.get(ctx, name, record_id)
    if not _may_change(ctx, model, "delete", record_id):
        raise NotAllowed(Message("You may see this record but not delete it.", code="not_allowed"))
    seen = look(ctx).with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    here = address.record(name, record_id)
    page = DeletePage(
        frame=frame(ctx, visit, title, crumbs=_crumbs(seen, model, Link(title, here)), search_in=name),
        title=title,
        action=address.record(name, record_id, "delete"),
        version=str(record.version or ""),
        cancel_href=here,
        problem=problem.show(seen.locale) if problem else "",
    )
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return answer(visit, "delete.html", page, locale=seen.locale, status=status)


# ---- what forms share ------------------------------------------------------------------------------------------------


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 18 else None


def _errors_of(error: InvalidRecord | NotAllowed | Conflict) -> Mapping[str, list[Message]]:
    return error.by_field if isinstance(error, InvalidRecord) else {"": [error.message]}


def _asked_for_more(ctx: Context, visit: Visit, entries: Entries) -> Mapping[str, int] | None:
    """Say which lines want more room, where a button without script asked for it; None where it was to be saved."""
    asked = visit.request.form.get("do", "")
    if asked == "find":
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
) -> Sheet:
    """Gather what a form is filled in with, titles and first choices of its lookups included."""
    names = [field.name for field in records.writable(ctx, model.name, _verb(purpose))]
    targets = _targets(ctx, model, names)
    titles = {**(record.titles if record else {}), **seen.showing.titles, **_titles_of(ctx, model, entries)}
    return form.sheet_of(
        entries,
        record=record,
        errors=errors or {},
        more=more or {},
        begins=_begins(ctx, model, names),
        titles=titles,
        choices={target: _first(ctx, seen, target) for target in targets if seen.can_open(target)},
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


def _first(ctx: Context, seen: Look, target: str) -> list[tuple[str, str]]:
    """Give the first records of an object as choices, for those without script."""
    model = ctx.catalog.object(target)
    fields = ("id", model.title) if model.title else ("id",)
    query = Query(fields=fields, limit=FIRST_CHOICES, sort=listing.by_title(model))
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
