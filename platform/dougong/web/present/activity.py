"""what happened to a record, as it stands beside it: comments, files, changes and related records by day"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import zoneinfo
from collections.abc import Iterable, Mapping

from babel.dates import format_datetime, format_time

from dougong.base.text import Message
from dougong.features.activity.attachments import Attachment
from dougong.features.activity.comments import Comment
from dougong.features.activity.store import in_words as size_in_words
from dougong.features.activity.timeline import KINDS, Entry, Happened, Timeline
from dougong.records.history import Version
from dougong.web.present import address, detail, history
from dougong.web.present.beside import ActivityDay, CommentItem, FileItem, FilePage, Item, Narrowing, Piece, RelatedItem
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Look, at_path, cell

_LINK = re.compile(r"https?://[^\s<>\"'，。；、）】》]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}"

_KINDS: Mapping[str, Message] = {
    "": Message("All"),
    "comments": Message("Comments"),
    "files": Message("Files"),
    "changes": Message("Changes"),
    "related": Message("Related records"),
}
_ICONS: Mapping[str, str] = {
    "image": "photo",
    "audio": "microphone",
    "video": "video",
    "application/pdf": "file-type-pdf",
    "text": "file-text",
    "application/zip": "file-zip",
}
_SHEETS = ("spreadsheet", "excel", "csv")

LARGEST_SHOWN = 2 * 1024 * 1024
"""A larger picture is not drawn beside the record: its page shows it."""


def days(look: Look, object_name: str, found: Timeline) -> tuple[ActivityDay, ...]:
    """Present a timeline by day, in the reader's zone."""
    zone = zoneinfo.ZoneInfo(look.showing.zone)
    local = [(entry, entry.at.astimezone(zone)) for entry in found.entries]
    shown = []
    for day, group in itertools.groupby(local, key=lambda pair: pair[1].date()):
        items = tuple(_item(look, object_name, entry, moment) for entry, moment in group)
        shown.append(ActivityDay(_day(look, day), items))
    return tuple(shown)


def _day(look: Look, day: dt.date) -> str:
    today = look.showing.today
    if today is not None and day == today:
        return Message("Today").show(look.locale)
    return history.in_words(day, look.locale)


def _item(look: Look, object_name: str, entry: Entry, moment: dt.datetime) -> Item:
    time = format_time(moment, format="short", locale=look.locale.replace("-", "_"))
    at = entry.at.isoformat()
    match entry.what:
        case Version():
            event = history.event(look, object_name, entry.what, moment)
            return Item(entry.id, entry.kind, event.who, time, at, event=event)
        case Comment():
            return Item(entry.id, entry.kind, entry.what.by_name, time, at, comment=comment_item(entry.what))
        case Attachment():
            return Item(entry.id, entry.kind, entry.what.by_name, time, at, file=file_item(entry.what))
        case Happened():
            is_date = not isinstance(entry.what.record.values[entry.what.source.by], dt.datetime)
            shown = _related(look, entry.what)
            return Item(entry.id, entry.kind, _who(entry.what), "" if is_date else time, at, related=shown)


def _who(happened: Happened) -> str:
    record = happened.record
    person = next((record.values[name] for name in ("owner", "created_by") if record.values.get(name)), None)
    return record.titles.get(person, "") if person else ""


def _related(look: Look, happened: Happened) -> RelatedItem:
    model = look.catalog.object(happened.source.object)
    record = happened.record
    seen = look.with_titles(record.titles)
    path = model.definition.subtitle
    found = at_path(look.catalog, model.name, path) if path and path.split(".")[0] != happened.source.through else None
    shown = cell(seen, found[0], record.values.get(path or "")) if found else None
    return RelatedItem(
        label=model.definition.shown_label().show(look.locale),
        icon=model.definition.icon or "table",
        title=detail.title_of(seen, model, record),
        href=address.record(model.name, record.id),
        subtitle=shown if shown is not None and not shown.is_blank else None,
    )


def comment_item(comment: Comment) -> CommentItem:
    """Present one comment."""
    where = address.comment(comment.object, comment.record, comment.id)
    return CommentItem(
        pieces=tuple(pieces(comment)),
        raw=comment.text,
        is_edited=comment.edited_at is not None,
        edit_href=f"{where}/edit" if comment.is_mine else "",
        delete_href=f"{where}/delete" if comment.is_mine else "",
    )


def pieces(comment: Comment) -> Iterable[Piece]:
    """Give a text with its mentions and links; nothing else in it means anything."""
    at = 0
    for mention in sorted(comment.mentions, key=lambda each: each.start):
        if mention.start < at or not mention.name:
            continue
        yield from _linked(comment.text[at : mention.start])
        yield Piece(f"@{mention.name}", is_mention=True)
        at = mention.end
    yield from _linked(comment.text[at:])


def _linked(text: str) -> Iterable[Piece]:
    at = 0
    for found in _LINK.finditer(text):
        url = found.group().rstrip(_TRAILING)
        if len(url) <= len("https://"):
            continue
        if found.start() > at:
            yield Piece(text[at : found.start()])
        yield Piece(url, href=url)
        at = found.start() + len(url)
    if at < len(text):
        yield Piece(text[at:])


def file_item(found: Attachment) -> FileItem:
    """Present one file."""
    here = address.file(found.id)
    return FileItem(
        name=found.name,
        size=size_in_words(found.size),
        icon=_icon(found.mime),
        href=here,
        save_href=f"{here}/content",
        picture_href=f"{here}/content?inline=1" if found.is_picture and found.size <= LARGEST_SHOWN else "",
        delete_href=f"{here}/delete" if found.may_delete else "",
    )


def _icon(mime: str) -> str:
    if any(each in mime for each in _SHEETS):
        return "file-spreadsheet"
    if "word" in mime or "opendocument.text" in mime:
        return "file-description"
    return _ICONS.get(mime) or _ICONS.get(mime.split("/")[0]) or "file"


def kinds(locale: str, here: str, narrowing: Narrowing, *, with_related: bool) -> tuple[Link, ...]:
    """Give the kinds as links that keep the rest of the choice."""
    shown = ["", *(each for each in ("comments", "files", "changes", "related") if each in KINDS)]
    found = []
    for kind in shown:
        if kind != "related" or with_related:
            href = address.with_query(here, [("kind", kind), *narrowing.query()[1:]])
            found.append(Link(_KINDS[kind].show(locale), href, is_current=kind == narrowing.kind))
    return tuple(found)


def file_page(look: Look, found: Attachment, *, frame: Frame, record: Link, text: tuple[str, bool]) -> FilePage:
    """Present one file on its page; `text` is the beginning of a text, and whether there is more."""
    item = file_item(found)
    when = format_datetime(
        found.at, "medium", tzinfo=zoneinfo.ZoneInfo(look.showing.zone), locale=look.locale.replace("-", "_")
    )
    facts = [
        (Message("Size").show(look.locale), item.size),
        (Message("Type").show(look.locale), found.mime),
        (Message("Added by").show(look.locale), found.by_name),
        (Message("Added").show(look.locale), when),
    ]
    shown = "picture" if found.is_picture else "pdf" if found.is_pdf else "text" if found.is_text else ""
    return FilePage(
        frame=frame,
        file=item,
        facts=tuple(each for each in facts if each[1]),
        record=record,
        shown=shown,
        shown_href=f"{item.save_href}?inline=1",
        text=text[0],
        is_cut=text[1],
    )
