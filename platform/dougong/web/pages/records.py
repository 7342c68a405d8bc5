"""one record: show, create, edit, delete, its history"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from babel.dates import format_datetime
from flask import Response

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict, NotAllowed, NotFound
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.automation import buttons as pressing
from dougong.records import service as records
from dougong.records import states
from dougong.records.query import Query, Record
from dougong.records.service import Version
from dougong.web.pages import activity, conditions, inbox, prints
from dougong.web.pages.errors import DELETED, RecordMissing
from dougong.web.pages.frame import answer, crumbs, frame, go, is_administrator, look, may_change
from dougong.web.pages.lists import object_of
from dougong.web.pages.route import Visit
from dougong.web.present import address, buttons, detail, history, layout
from dougong.web.present.detail import RecordPage, Related
from dougong.web.present.history import HistoryPage
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Look, at_path, cell

FIRST_CHOICES = 50
MOST_VERSIONS = 100
MOST_TITLES = 200


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
    record = get_or_tell(ctx, name, record_id, fields=wanted)
    seen = look(ctx).with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    found = at_path(ctx.catalog, name, subtitle) if subtitle else None
    locked = records.find_lock(ctx, name, record)
    page = RecordPage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model), search_in=name),
        label=model.definition.shown_label().show(seen.locale),
        icon=model.definition.icon or "table",
        title=title,
        subtitle=cell(seen, found[0], record.get(subtitle or "")) if found else None,
        tabs=activity.tabs(seen, name, record_id, ""),
        sections=detail.sections(seen, record, readable - conditions.of(ctx, model, record.values).hidden),
        footnote=detail.footnote(seen, record),
        related=tuple(_related(ctx, seen, name, record_id)),
        edit_href="" if locked else _change_href(ctx, model, "update", "edit", record_id),
        delete_href=_delete_href(ctx, model, record),
        version=record.version,
        stages=buttons.stages(seen, states.path(ctx.catalog, model, record)),
        buttons=buttons.links(seen, record, pressing.offered(ctx, name, record)),
        locked=locked.show(seen.locale) if locked else "",
        more=_more(ctx, seen, name, record_id),
        prints=prints.of_record(ctx, name, record_id),
        approvals=inbox.panels(ctx, seen, name, record_id),
        activity=activity.beside(ctx, visit, name, record_id),
    )
    return answer(visit, "record.html", page, locale=seen.locale)


def _change_href(ctx: Context, model: ObjectModel, verb: str, page: str, record_id: str) -> str:
    return address.record(model.name, record_id, page) if may_change(ctx, model, verb, record_id) else ""


def _delete_href(ctx: Context, model: ObjectModel, record: Record) -> str:
    if records.find_lock(ctx, model.name, record, "delete") is not None:
        return ""
    return _change_href(ctx, model, "delete", "delete", record.id)


def get_or_tell(ctx: Context, name: str, record_id: str, *, fields: Sequence[str] | None = None) -> Record:
    """Give a record; where there is none, say so with the way to the others, and who deleted it if they may know."""
    try:
        return records.get(ctx, name, record_id, fields=fields)
    except NotFound as missing:
        model, seen = ctx.catalog.object(name), look(ctx)
        plural = model.definition.shown_plural().show(seen.locale)
        to_list = (Message("To the list: {objects}", objects=plural), address.listing(name))
        try:
            versions = records.history(ctx, name, record_id, limit=MOST_VERSIONS)
        except NotFound:
            raise RecordMissing(missing.message, (to_list,)) from None
        to_history = (Message("What became of it"), address.record(name, record_id, "history"))
        raise RecordMissing(_deleted(seen, model, record_id, versions), (to_list, to_history)) from None


def _deleted(seen: Look, model: ObjectModel, record_id: str, versions: Sequence[Version]) -> Message:
    """Say who deleted a record and when, by the title that it had last."""
    last = versions[0]
    when = format_datetime(
        last.at, "medium", tzinfo=zoneinfo.ZoneInfo(seen.showing.zone), locale=seen.locale.replace("-", "_")
    )
    return Message(
        "“{title}” was deleted by {who} ({when}).",
        code=DELETED,
        title=detail.title_of(seen.with_titles(last.titles), model, _as_it_was(model, record_id, versions)),
        who=last.actor_name or Message("someone else").show(seen.locale),
        when=when,
    )


def _as_it_was(model: ObjectModel, record_id: str, versions: Sequence[Version]) -> Record:
    """Give a record that is no more with the title that it had last."""
    titles = [change.after for each in versions for change in each.changes if change.field == model.title]
    return Record(model.name, record_id, None, {model.title: titles[0]} if model.title and titles else {})


def _more(ctx: Context, seen: Look, name: str, record_id: str) -> tuple[Link, ...]:
    """Offer what can be done with records of the platform's own objects only."""
    if name == "user" and is_administrator(ctx) and record_id != SYSTEM_USER:
        return (Link(Message("Set the password").show(seen.locale), address.password(record_id), "lock"),)
    return ()


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
    cursor = visit.request.args.get("cursor", "") or None
    found = records.history_page(ctx, name, record_id, limit=MOST_VERSIONS, cursor=cursor)
    versions = found.versions if cursor is None else records.history(ctx, name, record_id, limit=1)
    seen = look(ctx)
    is_live = not versions or versions[0].op != "deleted"
    fields = ("id", model.title) if model.title else ("id",)
    record = records.get(ctx, name, record_id, fields=fields) if is_live else _as_it_was(model, record_id, versions)
    seen = seen.with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    page = HistoryPage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model), search_in=name),
        label=model.definition.shown_label().show(seen.locale),
        icon=model.definition.icon or "table",
        title=title,
        tabs=activity.tabs(seen, name, record_id, "history"),
        days=history.days(seen, name, found.versions),
        older_href=f"{address.record(name, record_id, 'history')}?cursor={found.next}" if found.next else "",
    )
    return answer(visit, "history.html", page, locale=seen.locale)


# ---- delete ----------------------------------------------------------------------------------------------------------


def ask_delete(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Ask whether to delete a record."""
    return _delete_page(ctx, visit, name, record_id)


def delete(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Delete a record: it leaves every list, and its history stays."""
    model = object_of(ctx, name)
    record = get_or_tell(ctx, name, record_id)
    title = detail.title_of(look(ctx).with_titles(record.titles), model, record)
    version = visit.request.form.get("version", "")
    try:
        with ctx.savepoint():
            records.delete(ctx, name, record_id, version=int(version) if version.isdigit() else None)
    except Conflict as error:
        return _delete_page(ctx, visit, name, record_id, problem=error.message)
    return go(address.listing(name), "deleted", title)


def _delete_page(ctx: Context, visit: Visit, name: str, record_id: str, *, problem: Message | None = None) -> Response:
    model = object_of(ctx, name)
    record = get_or_tell(ctx, name, record_id)
    if not may_change(ctx, model, "delete", record_id):
        raise NotAllowed(Message("You may see this record but not delete it.", code="not_allowed"))
    seen = look(ctx).with_titles(record.titles)
    title = detail.title_of(seen, model, record)
    here = address.record(name, record_id)
    page = DeletePage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model, Link(title, here)), search_in=name),
        title=title,
        action=address.record(name, record_id, "delete"),
        version=str(record.version or ""),
        cancel_href=here,
        problem=problem.show(seen.locale) if problem else "",
    )
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return answer(visit, "delete.html", page, locale=seen.locale, status=status)
