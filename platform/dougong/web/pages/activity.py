"""what happens around a record: its timeline, comments and files"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from http import HTTPStatus

from flask import Response

from dougong.base.errors import BadRequest, InvalidValue, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.activity import attachments, comments, mentions, timeline
from dougong.features.activity.comments import Written
from dougong.features.activity.store import in_words as size_in_words
from dougong.features.activity.timeline import KINDS, Kind, Source
from dougong.records import service as records
from dougong.records.history import Span
from dougong.web import files
from dougong.web.errors import wants_piece
from dougong.web.pages.frame import answer, back_to, crumbs, frame, go, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.route import Visit
from dougong.web.present import activity as present
from dougong.web.present import address, detail, layout
from dougong.web.present.beside import Activity, ActivityPage, Choice, EditCommentPage, MentionsPage, Narrowing
from dougong.web.present.page import Link, known_locale
from dougong.web.present.value import Look

ON_PAGE = 20
"""So many things beside a record; a click gives the next."""
ANCHOR = "activity"
DETAILS, ACTIVITY, HISTORY = Message("Details"), Message("Activity"), Message("History")


def beside(ctx: Context, visit: Visit, name: str, record_id: str, **said: str) -> Activity:
    """Give what happened to a record that was read already, as it stands beside it."""
    return _activity(ctx, visit, name, record_id, Narrowing(), with_people=False, **said)


def tabs(seen: Look, name: str, record_id: str, current: str) -> tuple[Link, ...]:
    """Give the parts of a record's page."""
    parts = {"": DETAILS, "activity": ACTIVITY, "history": HISTORY}
    return detail.tabs(name, record_id, {part: label.show(seen.locale) for part, label in parts.items()}, current)


def show(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Show what happened to a record: a page of its own, or the part beside the record for the script."""
    return _show(ctx, visit, name, record_id, _narrowing(visit))


def _show(
    ctx: Context,
    visit: Visit,
    name: str,
    record_id: str,
    narrowing: Narrowing,
    *,
    status: int = HTTPStatus.OK,
    **said: str,
) -> Response:
    model = object_of(ctx, name)
    shown = _activity(ctx, visit, name, record_id, narrowing, with_people=True, **said)
    if wants_piece(visit.request):
        return answer(visit, "activity_part.html", shown, locale=known_locale(ctx.locale), status=status)
    seen, title = _titled(ctx, model, record_id)
    page = ActivityPage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model), search_in=name),
        label=model.definition.shown_label().show(seen.locale),
        icon=model.definition.icon or "table",
        title=title,
        tabs=tabs(seen, name, record_id, "activity"),
        activity=shown,
    )
    return answer(visit, "activity.html", page, locale=seen.locale, status=status)


def _titled(ctx: Context, model: ObjectModel, record_id: str) -> tuple[Look, str]:
    fields = ("id", model.title) if model.title else ("id",)
    record = records.get(ctx, model.name, record_id, fields=fields)
    seen = look(ctx).with_titles(record.titles)
    return seen, detail.title_of(seen, model, record)


def _activity(
    ctx: Context, visit: Visit, name: str, record_id: str, narrowing: Narrowing, *, with_people: bool, **said: str
) -> Activity:
    seen = look(ctx)
    sources = sources_of(ctx, name)
    cursor = visit.request.args.get("before", "") if visit.request.method == "GET" else ""
    found = timeline.page(
        ctx,
        name,
        record_id,
        sources=sources,
        kinds=_kinds(narrowing),
        span=_span(ctx, narrowing),
        cursor=cursor or None,
        limit=ON_PAGE,
    )
    here = address.record(name, record_id, "activity")
    people = timeline.people(ctx, name, record_id) if with_people else {}
    may_add = ctx.actor.token_scope is None
    return Activity(
        csrf=visit.csrf,
        days=present.days(seen, name, found),
        kinds=present.kinds(seen.locale, here, narrowing, with_related=bool(sources)),
        narrowing=narrowing,
        people=tuple(Choice(key, label, is_chosen=key == narrowing.by) for key, label in people.items()),
        here=here,
        back=here if with_people else _back(name, record_id),
        comment_href=address.record(name, record_id, "comments") if may_add else "",
        upload_href=address.record(name, record_id, "files") if may_add else "",
        mention_href=address.record(name, record_id, "people"),
        limit=size_in_words(visit.engine.settings.file_limit * 1024 * 1024),
        older_href=address.with_query(here, [*narrowing.query(), ("before", found.next)]) if found.next else "",
        is_older=bool(cursor),
        **said,
    )


def sources_of(ctx: Context, name: str) -> tuple[Source, ...]:
    """Give the related lists that the form of an object puts into the timeline, as far as they are there."""
    wanted = layout.form_of(ctx.catalog, name, "read").timeline
    known = {f"{other}_{through}": (other, through) for other, through in ctx.catalog.related(name)}
    return tuple(
        Source(*known[each.name], by)
        for each in wanted
        if each.name in known and (by := each.by or "created_at") in ctx.catalog.object(known[each.name][0]).fields
    )


def _narrowing(visit: Visit) -> Narrowing:
    asked = visit.request.args
    kind = asked.get("kind", "")
    return Narrowing(
        kind=kind if kind in KINDS else "",
        by=asked.get("by", "")[:36],
        since=asked.get("since", "")[:10],
        until=asked.get("until", "")[:10],
    )


def _kinds(narrowing: Narrowing) -> tuple[Kind, ...]:
    return tuple(each for each in KINDS if each == narrowing.kind) or KINDS


def _span(ctx: Context, narrowing: Narrowing) -> Span:
    until = _day(ctx, narrowing.until)
    return Span(
        by=narrowing.by or None,
        since=_day(ctx, narrowing.since),
        until=until + dt.timedelta(days=1) if until is not None else None,
    )


def _day(ctx: Context, text: str) -> dt.datetime | None:
    """Give the beginning of a day in the reader's zone; a browser without a calendar may send anything."""
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadRequest(Message("Enter a date such as 2026-11-22.", code="date")) from None
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(ctx.actor.zone)).astimezone(dt.UTC)


# ---- comments --------------------------------------------------------------------------------------------------------


def suggest_people(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Answer whom one may mean who types a name in a comment."""
    object_of(ctx, name)
    found = mentions.offer(ctx, visit.request.args.get("q", ""))
    return answer(visit, "mentions.html", MentionsPage(found), locale=known_locale(ctx.locale))


def add_comment(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Write a comment."""
    object_of(ctx, name)
    text = visit.request.form.get("text", "")
    try:
        made = comments.add(ctx, name, record_id, text)
    except InvalidValue as error:
        said = {"draft": text, "problem": error.message.show(ctx.locale)}
        return _show(ctx, visit, name, record_id, Narrowing(), status=HTTPStatus.UNPROCESSABLE_ENTITY, **said)
    return _written(ctx, visit, name, record_id, made)


def _written(ctx: Context, visit: Visit, name: str, record_id: str, made: Written) -> Response:
    untold = ", ".join(made.untold)
    if wants_piece(visit.request):
        said = Message("Not told, as they may not see this record: {names}.", names=untold).show(ctx.locale)
        return _show(ctx, visit, name, record_id, Narrowing(), notice=said if untold else "")
    return go(back_to(visit, _back(name, record_id)), "comment_untold" if untold else "commented", untold)


def _back(name: str, record_id: str) -> str:
    return f"{address.record(name, record_id)}#{ANCHOR}"


def ask_comment(ctx: Context, visit: Visit, name: str, record_id: str, comment_id: str) -> Response:
    """Show a comment of one's own, to be changed."""
    found = comments.get(ctx, name, record_id, comment_id)
    if not found.is_mine:
        raise NotAllowed(Message("Only who wrote a comment can change it or take it back.", code="not_mine"))
    return _edit_page(ctx, visit, name, record_id, comment_id, found.text)


def _edit_page(
    ctx: Context, visit: Visit, name: str, record_id: str, comment_id: str, text: str, problem: str = ""
) -> Response:
    model = object_of(ctx, name)
    seen, title = _titled(ctx, model, record_id)
    here = Link(title, address.record(name, record_id))
    heading = Message("Change the comment").show(seen.locale)
    page = EditCommentPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, model, here), search_in=name),
        action=f"{address.comment(name, record_id, comment_id)}/edit",
        cancel_href=_back(name, record_id),
        mention_href=address.record(name, record_id, "people"),
        text=text,
        problem=problem,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return answer(visit, "comment.html", page, locale=seen.locale, status=status)


def edit_comment(ctx: Context, visit: Visit, name: str, record_id: str, comment_id: str) -> Response:
    """Change a comment of one's own."""
    object_of(ctx, name)
    text = visit.request.form.get("text", "")
    try:
        made = comments.edit(ctx, name, record_id, comment_id, text)
    except InvalidValue as error:
        return _edit_page(ctx, visit, name, record_id, comment_id, text, error.message.show(ctx.locale))
    return _written(ctx, visit, name, record_id, made)


def delete_comment(ctx: Context, visit: Visit, name: str, record_id: str, comment_id: str) -> Response:
    """Take a comment of one's own back."""
    object_of(ctx, name)
    comments.delete(ctx, name, record_id, comment_id)
    if wants_piece(visit.request):
        return _show(ctx, visit, name, record_id, Narrowing())
    return go(back_to(visit, _back(name, record_id)), "comment_deleted")


# ---- files -----------------------------------------------------------------------------------------------------------


def upload(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Add files to a record, sent by a form, dropped or pasted."""
    made = files.receive(visit.engine, ctx.actor, visit.request, name, record_id, door="screen")
    if wants_piece(visit.request):
        return Response(status=HTTPStatus.NO_CONTENT)
    return go(back_to(visit, _back(name, record_id)), "file_added", files.names(made))


def show_file(ctx: Context, visit: Visit, file_id: str) -> Response:
    """Show a file as far as a browser shows it safely, with what is known of it."""
    found = attachments.get(ctx, file_id)
    model = object_of(ctx, found.object)
    seen, title = _titled(ctx, model, found.record)
    record = Link(title, _back(found.object, found.record))
    page = present.file_page(
        seen,
        found,
        frame=frame(ctx, visit, found.name, crumbs=crumbs(seen, model, record), search_in=found.object),
        record=record,
        text=files.first_lines(visit.engine, found) if found.is_text else ("", False),
    )
    return answer(visit, "file.html", page, locale=seen.locale)


def give_file(ctx: Context, visit: Visit, file_id: str) -> Response:
    """Give the content of a file."""
    found = attachments.get(ctx, file_id)
    return files.give(visit.engine, visit.request, found, inline=visit.request.args.get("inline") == "1")


def delete_file(ctx: Context, visit: Visit, file_id: str) -> Response:
    """Take a file away."""
    found = attachments.delete(ctx, file_id)
    if wants_piece(visit.request):
        return _show(ctx, visit, found.object, found.record, Narrowing())
    return go(back_to(visit, _back(found.object, found.record)), "file_deleted", found.name)
