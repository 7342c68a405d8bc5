"""comments: what people say of a record, under the record's own rights

Whoever may read a record reads its comments and may write one; only who wrote it changes it or takes it back. A record
that is deleted keeps its comments, so they are there again when it is restored.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dougong.base.errors import BadRequest, InvalidValue, NotAllowed, NotFound
from dougong.base.names import is_id, new_id
from dougong.base.text import Message, Text
from dougong.context import Context, Performer
from dougong.features.activity import mentions
from dougong.features.activity.hanging import hold, may_see, within
from dougong.features.activity.mentions import Mention
from dougong.records.history import Span
from dougong.records.references import titles
from dougong.sdk.words import read_text
from dougong.storage.platform_tables import comment as table

LONGEST = 10_000
MOST_LISTED = 200
TOLD = 200
"""So many characters of a comment go into a notification."""

_t = table.c


@dataclass(frozen=True)
class Comment:
    """One comment as its reader sees it."""

    id: str
    object: str
    record: str
    by: str
    by_name: str
    """Blank where the reader may not see who wrote it."""
    at: dt.datetime
    text: str
    """Plain text with line breaks."""
    mentions: tuple[Mention, ...] = ()
    """Who is mentioned where in the text, in its order."""
    edited_at: dt.datetime | None = None
    is_mine: bool = False
    """Whether the reader wrote it, and so may change it."""


@dataclass(frozen=True)
class Written:
    """A comment that was just written or changed, and what became of its mentions."""

    comment: Comment
    told: tuple[str, ...] = ()
    """Names of those who are told of it."""
    untold: tuple[str, ...] = ()
    """Names of those who may not read the record, and so are not told."""


@dataclass(frozen=True)
class CommentPage:
    """Some comments, the newest first, and how to get the older ones."""

    comments: tuple[Comment, ...]
    next: str | None = None


def page(ctx: Context, object_name: str, record_id: str, *, limit: int = 50, cursor: str | None = None) -> CommentPage:
    """Give the comments of a record, the newest first; `cursor` is `next` of the page before."""
    may_see(ctx, object_name, record_id)
    if not 1 <= limit <= MOST_LISTED:
        raise BadRequest(Message("Ask for 1 to {most} comments.", code="limit", most=MOST_LISTED))
    found = some(ctx, record_id, Span(before=_place(ctx, record_id, cursor)), limit=limit + 1)
    return CommentPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def some(ctx: Context, record_id: str, span: Span, *, limit: int) -> tuple[Comment, ...]:
    """Give comments of a record, the newest first. Whether the actor may read the record was asked before."""
    query = sa.select(table).where(_t.record == record_id, _t.deleted_at.is_(None), *within(span, table))
    rows = ctx.connection.execute(query.order_by(_t.at.desc(), _t.id.desc()).limit(limit)).all()
    return _read(ctx, rows)


def add(ctx: Context, object_name: str, record_id: str, text: str) -> Written:
    """Write a comment under a record that the actor may read; whom it mentions is told, if they may read it too."""
    may_see(ctx, object_name, record_id)
    hold(ctx, object_name)
    said = _text(text)
    found = mentions.find(ctx, said)
    comment_id = new_id()
    row = {
        "id": comment_id, "object": object_name, "record": record_id, "by": ctx.actor.id, "at": ctx.now(), "text": said,
        "mentions": mentions.written(found),
    }  # fmt: skip
    ctx.connection.execute(sa.insert(table), row)
    return _tell(ctx, get(ctx, object_name, record_id, comment_id), found)


def get(ctx: Context, object_name: str, record_id: str, comment_id: str) -> Comment:
    """Give one comment of a record, or raise `NotFound`."""
    may_see(ctx, object_name, record_id)
    query = sa.select(table).where(_t.id == comment_id, _t.record == record_id, _t.deleted_at.is_(None))
    row = ctx.connection.execute(query).one_or_none() if is_id(comment_id) else None
    if row is None:
        raise NotFound(Message("There is no such comment.", code="not_found"))
    return _read(ctx, [row])[0]


def edit(ctx: Context, object_name: str, record_id: str, comment_id: str, text: str) -> Written:
    """Change a comment of one's own; who is mentioned in it for the first time is told."""
    before = _mine(ctx, object_name, record_id, comment_id)
    said = _text(text)
    if said == before.text:
        return Written(before)
    found = mentions.find(ctx, said)
    values = {"text": said, "mentions": mentions.written(found), "edited_at": ctx.now()}
    ctx.connection.execute(sa.update(table).where(_t.id == comment_id).values(values))
    known = {each.user for each in before.mentions}
    fresh = tuple(each for each in found if each.user not in known)
    return _tell(ctx, get(ctx, object_name, record_id, comment_id), fresh)


def delete(ctx: Context, object_name: str, record_id: str, comment_id: str) -> None:
    """Take a comment of one's own back: nobody sees it any more."""
    _mine(ctx, object_name, record_id, comment_id)
    ctx.connection.execute(sa.update(table).where(_t.id == comment_id).values(deleted_at=ctx.now()))


def count(ctx: Context, record_id: str) -> int:
    """Say how many comments a record has. Whether the actor may read the record was asked before."""
    query = sa.select(sa.func.count()).where(_t.record == record_id, _t.deleted_at.is_(None))
    return int(ctx.connection.execute(query).scalar_one())


def _mine(ctx: Context, object_name: str, record_id: str, comment_id: str) -> Comment:
    found = get(ctx, object_name, record_id, comment_id)
    hold(ctx, object_name)
    if not found.is_mine:
        raise NotAllowed(Message("Only who wrote a comment can change it or take it back.", code="not_mine"))
    return found


def _text(raw: str) -> str:
    said = read_text(raw, longest=LONGEST, lines=True)
    if not said:
        raise InvalidValue(Message("Write something first.", code="comment_blank"))
    return said


def _read(ctx: Context, rows: Sequence[sa.Row[tuple[object, ...]]]) -> tuple[Comment, ...]:
    """Give rows as comments, with the names of all people in one statement."""
    found = [(row._mapping, mentions.read(row.mentions)) for row in rows]  # noqa: SLF001 -- its name
    people = {row["by"] for row, _ in found} | {each.user for _, said in found for each in said}
    names = titles(ctx, "user", people) if people else {}
    return tuple(
        Comment(
            id=row["id"],
            object=row["object"],
            record=row["record"],
            by=row["by"],
            by_name=names.get(row["by"], ""),
            at=row["at"],
            text=row["text"],
            mentions=tuple(dataclasses.replace(each, name=names.get(each.user, "")) for each in said),
            edited_at=row["edited_at"],
            is_mine=row["by"] == ctx.actor.id,
        )
        for row, said in found
    )


def _place(ctx: Context, record_id: str, cursor: str | None) -> tuple[dt.datetime, str] | None:
    """Give where a page begins: behind the comment that a cursor names."""
    if cursor is None:
        return None
    query = sa.select(_t.at).where(_t.id == cursor, _t.record == record_id)
    at = ctx.connection.execute(query).scalar_one_or_none() if is_id(cursor) else None
    if at is None:
        said = Message("This cursor does not belong to this list. Start again from the first page.", code="cursor")
        raise BadRequest(said)
    return at, cursor


def _tell(ctx: Context, comment: Comment, found: Iterable[Mention]) -> Written:
    """Tell those who are mentioned and may read the record; the writer does not have to be told."""
    told: dict[str, str] = {}
    untold: dict[str, str] = {}
    names = {each.user: each.name for each in comment.mentions}
    for user in dict.fromkeys(each.user for each in found):
        if user != ctx.actor.id:
            may = mentions.may_read(ctx, user, comment.object, comment.record)
            (told if may else untold)[user] = names.get(user, "")
    if told:
        ctx.perform(
            "notify",
            recipients=tuple(told),
            title=_title(ctx, comment),
            body=Message("{said}", said=_shortened(comment.text)),
            object=comment.object,
            record=comment.record,
        )
    return Written(comment, tuple(told.values()), tuple(untold.values()))


def _title(ctx: Context, comment: Comment) -> Message:
    label: Text = ctx.catalog.object(comment.object).definition.shown_label()
    title = titles(ctx, comment.object, [comment.record]).get(comment.record, "")
    said = Message("{who} mentioned you: {object} “{title}”", who=ctx.actor.name, object=label, title=title)
    return said if title else Message("{who} mentioned you: {object}", who=ctx.actor.name, object=label)


def _shortened(text: str) -> str:
    return text if len(text) <= TOLD else text[: TOLD - 1].rstrip() + "…"


def perform(ctx: Context, *, object: str, record: str, text: str) -> str:  # noqa: A002 -- the word everyone uses
    """Write a comment for another feature, such as an automation's action; the id of the comment."""
    return add(ctx, object, record, text).comment.id


PERFORMERS: Mapping[str, Performer] = {"comment": perform}
