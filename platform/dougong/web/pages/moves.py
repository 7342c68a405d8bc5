"""move a record where it is shown: a card to another column of a board, an entry to another day or hour"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response

from dougong.base.errors import BadRequest, Conflict, DougongError, InvalidRecord, NotAllowed, Stale
from dougong.base.text import Message, Text
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.view import Calendar
from dougong.records import service as records
from dougong.records import states
from dougong.records.query import Record
from dougong.web.pages.frame import back_to, go, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.records import get_or_tell
from dougong.web.pages.route import Visit
from dougong.web.present import address, detail, listing

JSON = "application/json"


def to_column(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Move a card of a board to another column: a transition where the columns are states, else a change of a choice.

    A transition that asks for something is not done here: the answer leads to its page. A script gets JSON: `done`,
    `ask` with the address of the page that asks, or `refused` with the reason.
    """
    model = object_of(ctx, name)
    sent = visit.request.form
    to = sent.get("to", "")
    by = _column_field(ctx, model, sent.get("view", ""))
    record = get_or_tell(ctx, name, record_id)
    href = _asks(ctx, model, record, by, to, back_to(visit, address.listing(name)))
    if href:
        return _json({"ask": href}) if _is_script(visit) else go(href)
    return _changed(ctx, visit, model, record, {by: to or None})


def to_day(ctx: Context, visit: Visit, name: str, record_id: str) -> Response:
    """Move an entry of a calendar to another day, or in a week to another hour; its length stays."""
    model = object_of(ctx, name)
    sent = visit.request.form
    view = next((each for each in listing.views_of(ctx.catalog, name) if each.name == sent.get("view")), None)
    if view is None or view.calendar is None:
        raise BadRequest(Message("There is no such calendar.", code="no_view"))
    record = get_or_tell(ctx, name, record_id)
    values = _moved(view.calendar, record, _day(sent.get("day", "")), _hour(sent.get("hour", "")), ctx.actor.zone)
    return _changed(ctx, visit, model, record, values)


def _column_field(ctx: Context, model: ObjectModel, view_name: str) -> str:
    for view in listing.views_of(ctx.catalog, model.name):
        if view.name == view_name and view.board is not None:
            return view.board.by
    raise BadRequest(Message("There is no such board.", code="no_view"))


def _asks(ctx: Context, model: ObjectModel, record: Record, by: str, to: str, back: str) -> str:
    """Give the page that asks for what a transition wants; blank where it wants nothing more."""
    held = model.definition.states
    if held is None or held.field != by:
        return ""
    found = states.named(ctx.catalog, model, record.get(by), to)
    if found is None:
        return ""
    is_missing = any(record.get(name) is None for name in found.requires)
    if not (found.asks or found.confirm or is_missing):
        return ""
    return address.with_query(address.button(model.name, record.id, found.name), [("next", back)])


def _changed(ctx: Context, visit: Visit, model: ObjectModel, record: Record, values: dict[str, Any]) -> Response:
    sent = visit.request.form.get("version", "")
    version = int(sent) if sent.isdigit() and len(sent) < 18 else None
    write: Callable[[], Record] = lambda: records.update(  # noqa: E731 -- one call, made in two ways
        ctx, model.name, record.id, values, version=version, last_write=record.version is None
    )
    if not _is_script(visit):
        saved = write()
        title = detail.title_of(look(ctx).with_titles(saved.titles), model, saved)
        return go(back_to(visit, address.record(model.name, record.id)), "saved", title)
    try:
        saved = write()
    except (InvalidRecord, NotAllowed, Conflict, Stale) as error:
        return _json({"refused": _reason(error, ctx.locale)}, HTTPStatus.CONFLICT)
    return _json({"done": True, "version": saved.version})


def _reason(error: DougongError, locale: str) -> str:
    if isinstance(error, InvalidRecord):
        return " ".join(message.show(locale) for some in error.by_field.values() for message in some)
    message: Message | Text = error.message
    return message.show(locale)


def _is_script(visit: Visit) -> bool:
    return visit.request.headers.get("Accept", "").startswith(JSON)


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(body), status, content_type=JSON)


# ---- days and hours --------------------------------------------------------------------------------------------------


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            Message("A day is written like 2026-11-22, not “{given}”.", code="day", given=text[:50])
        ) from None


def _hour(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 3 and int(text) < 24 else None


def _moved(definition: Calendar, record: Record, day: dt.date, hour: int | None, zone: str) -> dict[str, Any]:
    """Give the new beginning and end: minutes and length stay as people's clocks show them."""
    begins = record.get(definition.start)
    if begins is None:
        raise BadRequest(Message("This record has no date to move.", code="no_date"))
    local = _local(begins, zone)
    time = local.time() if hour is None else local.time().replace(hour=hour)
    to = dt.datetime.combine(day, time)
    values = {definition.start: _raw(begins, to, zone)}
    ends = record.get(definition.end) if definition.end else None
    if definition.end and ends is not None:
        values[definition.end] = _raw(ends, _local(ends, zone) + (to - local), zone)
    return values


def _local(value: dt.date | dt.datetime, zone: str) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    return dt.datetime.combine(value, dt.time())


def _raw(before: dt.date | dt.datetime, to: dt.datetime, zone: str) -> str:
    """Write a day or a moment as a form does: in the person's zone."""
    return to.isoformat("T", "milliseconds") if isinstance(before, dt.datetime) else to.date().isoformat()
