"""the timeline of a record: changes, comments, files and related records, in one order, newest first"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dougong.base.errors import BadRequest
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.activity import attachments, comments
from dougong.features.activity.attachments import Attachment
from dougong.features.activity.comments import Comment
from dougong.features.activity.hanging import may_see
from dougong.records import service as records
from dougong.records.history import Span, Version, actors
from dougong.records.query import Query, Record
from dougong.records.references import titles
from dougong.storage.platform_tables import comment as comment_table
from dougong.storage.platform_tables import file as file_table

Kind = Literal["changes", "comments", "files", "related"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SAME_DAY = 200
"""So many related records of one list may have the same date as the last of a page; more of them would be left out."""


@dataclass(frozen=True)
class Source:
    """A related list whose records stand in the timeline."""

    object: str
    through: str
    """The lookup that leads here."""
    by: str
    """The date or moment at which they stand."""


@dataclass(frozen=True)
class Happened:
    """A related record that stands in the timeline."""

    source: Source
    record: Record


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: dt.datetime
    id: str
    kind: Kind
    what: Version | Comment | Attachment | Happened


@dataclass(frozen=True)
class Timeline:
    """Some of what happened to a record, the newest first."""

    entries: tuple[Entry, ...]
    next: str | None = None
    """The cursor of what is older; None where nothing is."""


def page(
    ctx: Context,
    object_name: str,
    record_id: str,
    *,
    sources: Iterable[Source] = (),
    kinds: Iterable[Kind] = KINDS,
    span: Span | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Timeline:
    """Give what happened to a record that the actor may read: one statement or a few for each kind, however many."""
    may_see(ctx, object_name, record_id)
    wanted = frozenset(kinds)
    asked = span or Span()
    if cursor is not None:
        asked = Span(read_cursor(cursor), asked.by, asked.since, asked.until)
    found: list[list[Entry]] = []
    more = limit + 1
    if "changes" in wanted:
        versions = records.history_page(ctx, object_name, record_id, limit=more, span=asked).versions
        found.append([Entry(each.at, each.change, "changes", each) for each in versions])
    if "comments" in wanted:
        said = comments.some(ctx, record_id, asked, limit=more)
        found.append([Entry(each.at, each.id, "comments", each) for each in said])
    if "files" in wanted:
        held = attachments.some(ctx, record_id, asked, limit=more)
        found.append([Entry(each.at, each.id, "files", each) for each in held])
    if "related" in wanted:
        found += [_related(ctx, source, record_id, asked, more) for source in sources]
    newest = heapq.merge(*found, key=lambda each: (each.at, each.id), reverse=True)
    entries = tuple(itertools.islice(newest, more))
    last = entries[limit - 1] if len(entries) > limit else None
    return Timeline(entries[:limit], written_cursor(last) if last is not None else None)


def people(ctx: Context, object_name: str, record_id: str) -> dict[str, str]:
    """Give the names, by id, of those who changed a record, commented on it or added files, as far as one may see."""
    may_see(ctx, object_name, record_id)
    found = dict.fromkeys(actors(ctx, object_name, record_id))
    for table in (comment_table, file_table):
        query = table.select().with_only_columns(table.c.by).distinct()
        rows = ctx.connection.execute(query.where(table.c.record == record_id, table.c.deleted_at.is_(None)))
        found.update(dict.fromkeys(rows.scalars()))
    names = titles(ctx, "user", found)
    return dict(sorted(names.items(), key=lambda each: each[1]))


def written_cursor(entry: Entry) -> str:
    """Give the place behind an entry."""
    return f"{entry.at.astimezone(dt.UTC).isoformat(timespec='microseconds').replace('+00:00', 'Z')}~{entry.id}"


def read_cursor(cursor: str) -> tuple[dt.datetime, str]:
    """Read what `written_cursor` gave, or raise `BadRequest`."""
    moment, _, key = cursor.partition("~")
    try:
        at = dt.datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not is_id(key):
        said = Message("This cursor does not belong to this list. Start again from the first page.", code="cursor")
        raise BadRequest(said)
    return at, key


# ---- related records -------------------------------------------------------------------------------------------------


def _related(ctx: Context, source: Source, record_id: str, span: Span, limit: int) -> list[Entry]:
    model = ctx.catalog.objects.get(source.object)
    if model is None or not records.may(ctx, "read", source.object):
        return []
    readable = {each.name for each in records.readable(ctx, source.object)}
    if not {source.through, source.by} <= readable:
        return []
    who = _who(model, readable)
    if span.by is not None and who is None:
        return []
    names = [each for each in ("id", model.title, model.definition.subtitle, source.by, who) if each]
    names = [each for each in names if each == "id" or each.split(".")[0] in readable]
    query = Query(
        where=_where(ctx, source, record_id, span, who),
        fields=tuple(dict.fromkeys(names)),
        sort=(f"-{source.by}",),
        limit=min(1000, limit + (SAME_DAY if span.before is not None else 0)),
    )
    zone = zoneinfo.ZoneInfo(ctx.actor.zone)
    entries = []
    for record in records.list(ctx, source.object, query):
        at = moment_of(record.values[source.by], zone)
        if span.before is None or (at, record.id) < span.before:
            entries.append(Entry(at, record.id, "related", Happened(source, record)))
    entries.sort(key=lambda each: (each.at, each.id), reverse=True)
    return entries[:limit]


def _who(model: ObjectModel, readable: set[str]) -> str | None:
    return next((each for each in ("owner", "created_by") if each in model.fields and each in readable), None)


def _where(ctx: Context, source: Source, record_id: str, span: Span, who: str | None) -> str:
    zone = zoneinfo.ZoneInfo(ctx.actor.zone)
    kind = ctx.catalog.type_of(source.object, source.by)
    is_moment = kind is not None and kind.sort == "moment"

    def said(moment: dt.datetime) -> str:
        if is_moment:
            return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return moment.astimezone(zone).date().isoformat()

    parts = [f'{source.through} == "{record_id}"', f"{source.by} is not null"]
    if span.before is not None:
        parts.append(f'{source.by} <= "{said(span.before[0])}"')
    if span.since is not None:
        parts.append(f'{source.by} >= "{said(span.since)}"')
    if span.until is not None:
        parts.append(f'{source.by} < "{said(span.until)}"')
    if span.by is not None and who is not None:
        parts.append(f'{who} == "{span.by}"')
    return " and ".join(parts)


def moment_of(value: Any, zone: dt.tzinfo) -> dt.datetime:
    """Give the moment at which a date stands: its beginning, in the reader's zone."""
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value, dt.time(), zone).astimezone(dt.UTC)
