"""tell people: in the application, and by mail

Whoever wants somebody told promises it in a transaction of their own. The promise becomes rows, one for each reader,
together with the promises of their mails: each is told once.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from dougong.base.names import new_id
from dougong.base.sql_types import Key
from dougong.base.text import Message, Text, as_data, from_data
from dougong.catalog.expressions import compiled
from dougong.catalog.model import Catalog
from dougong.context import Context, Performer, Subscriber
from dougong.definitions.kinds.notification import Notification
from dougong.expressions.evaluate import evaluate
from dougong.expressions.types import BOOLEAN
from dougong.features.activity import mail
from dougong.features.activity.saying import Words
from dougong.jobs import outbox
from dougong.jobs.call import Call, Handling
from dougong.jobs.schedule import Schedule
from dougong.records import dates, read, recipients
from dougong.records.reach import Reach, with_columns
from dougong.storage.platform_tables import notification as table
from dougong.storage.platform_tables import notification_choice as choice

SEND, DATES = "notification.send", "notification.dates"
OTHERS = "others"
"""The name of what is told without a definition: approvals, mentions."""
LONGEST_TITLE = 300
LONGEST_BODY = 10_000
MOST_ROWS = 500


@dataclass(frozen=True)
class Reader:
    """One who is told."""

    id: str
    name: str
    locale: str
    zone: str
    email: str | None


# ---- what is promised ------------------------------------------------------------------------------------------------


def notify(
    ctx: Context,
    *,
    recipients: Iterable[str] | None = None,
    title: Text | Message | None = None,
    body: Text | Message | None = None,
    object: str | None = None,  # noqa: A002 -- the word everyone uses
    record: str | None = None,
    href: str | None = None,
    notification: str | None = None,
    key: str | None = None,
) -> str | None:
    """Promise in the caller's transaction to tell people: these, or those whom the notification means.

    With a `key` it is promised once. Without `href` a notification leads to its record.
    """
    said = {
        "recipients": list(recipients) if recipients is not None else None,
        "title": as_data(title) if title is not None else None,
        "body": as_data(body) if body is not None else None,
        "object": object,
        "record": record,
        "href": href,
        "notification": notification,
    }
    return outbox.promise(ctx, SEND, said, key=key)


def heard_by(catalog: Catalog, object_name: str) -> tuple[Notification, ...]:
    """Give the notifications that changes of an object may send."""
    return catalog.memo(_heard_by, object_name)


def _heard_by(catalog: Catalog, object_name: str) -> tuple[Notification, ...]:
    found = sorted(catalog.of(Notification).values(), key=lambda each: each.name)
    return tuple(each for each in found if each.object == object_name and each.active and each.trigger is not None)


def _hears(each: Notification, happened: str, changed: Iterable[str], transition: str | None) -> bool:
    return each.trigger is not None and each.trigger.hears(happened, tuple(changed), transition)


def _wants(happened: str, catalog: Catalog, event: Any) -> bool:
    return any(_hears(each, happened, event.changed, event.transition) for each in heard_by(catalog, event.object))


def on_event(happened: str, engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Promise what one change of one record sends, each notification for itself."""
    with call.work(reason="hear of a change") as ctx:
        for each in heard_by(ctx.catalog, body["object"]):
            if _hears(each, happened, body["changed"], body.get("transition")):
                for record_id in body["ids"]:
                    notify(ctx, notification=each.name, object=each.object, record=record_id)


def look_at_dates(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Promise what dates send that have come: once for each record and date."""
    with call.work(reason="see which dates have come") as ctx:
        for each in ctx.catalog.of(Notification).values():
            if each.trigger is not None and each.trigger.on == "date" and each.active:
                for record_id, date in dates.come(ctx, each.object, each.trigger, ctx.now()):
                    key = f"{each.name} {record_id} {date}"
                    notify(ctx, notification=each.name, object=each.object, record=record_id, key=key)


# ---- what becomes of it ----------------------------------------------------------------------------------------------


def send(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Write what was promised: a row for each reader, and the promise of a mail for each who wants one."""
    with call.work(reason="tell people") as ctx:
        definition = ctx.catalog.find(Notification, body["notification"]) if body["notification"] else None
        if definition is None and body["title"] is None:
            return  # the notification was taken away meanwhile
        if definition is not None and not _holds(ctx, definition, body["record"]):
            return
        readers = _readers(ctx, _meant(ctx, definition, body))
        _write(ctx, definition, body, readers, mails=bool(engine.settings.smtp_url and engine.settings.mail_from))


def _holds(ctx: Context, definition: Notification, record_id: str | None) -> bool:
    """Whether a notification is for this record, as it is now."""
    if definition.where is None:
        return True
    model = ctx.catalog.object(definition.object)
    names = with_columns(ctx.catalog, model)
    record = read.find(ctx, model, record_id, names=names) if record_id is not None else None
    if record is None:
        return False
    node = compiled(ctx.catalog, model.name, definition.where, expect=BOOLEAN)
    return evaluate(node, Reach(ctx, model, record.values), ctx.instance_setting()) is True


def _meant(ctx: Context, definition: Notification | None, body: Mapping[str, Any]) -> Sequence[str]:
    if body["recipients"] is not None:
        return tuple(dict.fromkeys(body["recipients"]))
    if definition is None:
        return ()
    return recipients.resolve(ctx, definition.recipients, definition.object, body["record"])


def _readers(ctx: Context, ids: Sequence[str]) -> list[Reader]:
    found: dict[str, Reader] = {}
    for start in range(0, len(ids), MOST_ROWS):
        some = ids[start : start + MOST_ROWS]
        for each in recipients.facts(ctx, some):
            reader = Reader(each["id"], each["name"] or "", each["locale"] or "", each["timezone"] or "", each["email"])
            found[each["id"]] = reader
    return [found[each] for each in ids if each in found]


def _write(
    ctx: Context, definition: Notification | None, body: Mapping[str, Any], readers: list[Reader], *, mails: bool
) -> None:
    name = definition.name if definition is not None else OTHERS
    ways = _ways(ctx, name, definition.channels if definition is not None else ("app", "mail"), readers)
    rows, mailed = [], []
    for reader in readers:
        app, by_mail = ways[reader.id]
        by_mail = by_mail and mails and bool(reader.email)
        if app or by_mail:
            rows.append(_row(ctx, definition, body, reader, name, in_app=app))
        if by_mail:
            mailed.append(rows[-1]["id"])
    for start in range(0, len(rows), MOST_ROWS):
        ctx.connection.execute(sa.insert(table), rows[start : start + MOST_ROWS])
    for each in mailed:
        outbox.promise(ctx, mail.SEND, {"notification": each}, queue="timed")


def _row(
    ctx: Context, definition: Notification | None, body: Mapping[str, Any], reader: Reader, name: str, *, in_app: bool
) -> dict[str, Any]:
    locale, zone = reader.locale or ctx.actor.locale, reader.zone or ctx.zone
    words = ctx.memo(_words, definition.name, body["record"]) if definition is not None else None
    title = from_data(body["title"]).show(locale) if body["title"] else (words.title(locale, zone) if words else "")
    if body["body"]:
        text = from_data(body["body"]).show(locale)
    else:
        text = words.body(locale, zone) if words is not None and not body["title"] else ""
    return {
        "id": new_id(), "user": reader.id, "at": ctx.now(), "name": name, "title": one_line(title)[:LONGEST_TITLE],
        "body": text[:LONGEST_BODY], "href": _href(body), "object": body["object"], "record": body["record"],
        "in_app": in_app,
    }  # fmt: skip


def _words(ctx: Context, name: str, record_id: str | None) -> Words:
    return Words(ctx, ctx.catalog.get(Notification, name), record_id)


def one_line(text: str) -> str:
    """Give a text in one line, without anything that is no sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _href(body: Mapping[str, Any]) -> str:
    if body["href"]:
        return str(body["href"])
    return f"/o/{body['object']}/{body['record']}" if body["object"] and body["record"] else ""


def _ways(ctx: Context, name: str, channels: Sequence[str], readers: list[Reader]) -> dict[str, tuple[bool, bool]]:
    """Say for each reader whether they are told in the application and by mail."""
    usual = ("app" in channels, "mail" in channels)
    ways = {reader.id: usual for reader in readers}
    ids = list(ways)
    for start in range(0, len(ids), MOST_ROWS):
        some = sa.bindparam("some", ids[start : start + MOST_ROWS], expanding=True, type_=Key)
        query = sa.select(choice.c.user, choice.c.app, choice.c.mail).where(choice.c.name == name)
        for user, app, by_mail in ctx.connection.execute(query.where(choice.c.user.in_(some))):
            ways[user] = (app, by_mail)
    return ways


def _subscriber(happened: str) -> tuple[Subscriber, ...]:
    return (Subscriber("notifications", functools.partial(on_event, happened), functools.partial(_wants, happened)),)


SUBSCRIBERS: Mapping[str, tuple[Subscriber, ...]] = MappingProxyType(
    {f"record.{happened}": _subscriber(happened) for happened in ("created", "updated", "deleted")}
)
HANDLERS: Mapping[str, Handling] = MappingProxyType({SEND: Handling(send), DATES: Handling(look_at_dates)})
PERFORMERS: Mapping[str, Performer] = MappingProxyType({"notify": notify})
SCHEDULES = (Schedule(DATES, DATES, every=dt.timedelta(minutes=5)),)
