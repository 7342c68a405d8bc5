"""files that hang on records: who may add, read and take away; the bytes lie in a store beside the database"""

from __future__ import annotations

import datetime as dt
import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import sqlalchemy as sa

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import BadRequest, Conflict, InvalidValue, NotAllowed, NotFound
from dougong.base.names import is_id, new_id
from dougong.base.text import Message
from dougong.context import Context, Handle
from dougong.features.activity import sniffing, store
from dougong.features.activity.hanging import hold, may_see, within
from dougong.features.activity.store import Store
from dougong.jobs.call import Call
from dougong.jobs.schedule import Schedule
from dougong.records.history import Span
from dougong.records.references import titles
from dougong.storage.platform_tables import file as table

MOST_LISTED = 200
MOST_OF_A_RECORD = 500
"""So many files one record may have."""
LONGEST_NAME = 200
KEPT_FOR = dt.timedelta(days=30)
"""So long the bytes of a file that was taken away are kept."""
SWEEP = "files.sweep"
_UNNAMED = "file"

_t = table.c
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Controls, and signs that turn the direction of what follows, so that `exe.pdf` may stand for something else."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachment:
    """One file of a record."""

    id: str
    object: str
    record: str
    by: str
    by_name: str
    """Blank where the reader may not see who added it."""
    at: dt.datetime
    name: str
    """As its reader may save it: no folders, nothing that cannot be seen."""
    mime: str
    """What its bytes are."""
    size: int
    """In bytes."""
    sha256: str
    may_delete: bool = False
    """Whether the reader may take it away: who added it, and administrators."""

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it as a picture."""
        return self.mime in sniffing.PICTURES

    @property
    def is_pdf(self) -> bool:
        """Whether a browser shows it with its own viewer."""
        return self.mime == sniffing.PDF

    @property
    def is_text(self) -> bool:
        """Whether it can be read as plain text."""
        return self.mime in sniffing.READ_AS_TEXT


@dataclass(frozen=True)
class AttachmentPage:
    """Some files, the newest first, and how to get the older ones."""

    files: tuple[Attachment, ...]
    next: str | None = None


def page(
    ctx: Context, object_name: str, record_id: str, *, limit: int = 50, cursor: str | None = None
) -> AttachmentPage:
    """Give the files of a record, the newest first; `cursor` is `next` of the page before."""
    may_see(ctx, object_name, record_id)
    if not 1 <= limit <= MOST_LISTED:
        raise BadRequest(Message("Ask for 1 to {most} files.", code="limit", most=MOST_LISTED))
    found = some(ctx, record_id, Span(before=_place(ctx, record_id, cursor)), limit=limit + 1)
    return AttachmentPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def some(ctx: Context, record_id: str, span: Span, *, limit: int) -> tuple[Attachment, ...]:
    """Give files of a record, the newest first. Whether the actor may read the record was asked before."""
    query = sa.select(table).where(_t.record == record_id, _t.deleted_at.is_(None), *within(span, table))
    return _read(ctx, ctx.connection.execute(query.order_by(_t.at.desc(), _t.id.desc()).limit(limit)).all())


def get(ctx: Context, file_id: str) -> Attachment:
    """Give one file of a record that the actor may read, or raise `NotFound`."""
    query = sa.select(table).where(_t.id == file_id, _t.deleted_at.is_(None))
    row = ctx.connection.execute(query).one_or_none() if is_id(file_id) else None
    missing = NotFound(Message("There is no such file, or it is not yours to see.", code="not_found"))
    if row is None:
        raise missing
    try:
        may_see(ctx, row.object, row.record)
    except NotFound:
        raise missing from None
    return _read(ctx, [row])[0]


@dataclass(frozen=True)
class Taken:
    """A file whose bytes are in the store, and that no record has yet."""

    name: str
    mime: str
    size: int
    sha256: str


def take(bytes_in: Store, name: str, source: IO[bytes], *, most: int) -> Taken:
    """Put a file of at most `most` bytes into the store, streaming; programs are refused.

    It needs no transaction, so that nobody waits for a slow disk; what no record gets is swept away later.
    """
    shown = shown_name(name)
    put = bytes_in.put(source, most=most, head=sniffing.LOOKED_AT)
    if put.size == 0:
        raise InvalidValue(Message("“{name}” is empty.", code="file_empty", name=shown))
    sort = sniffing.sort_of(put.head, shown)
    if sort.runs:
        raise InvalidValue(
            Message(
                "“{name}” is a program. Programs are not taken; send it in a ZIP file.", code="file_runs", name=shown
            )
        )
    return Taken(shown, sort.mime, put.size, put.sha256)


def may_add(ctx: Context, object_name: str, record_id: str, many: int = 1) -> None:
    """Raise where the actor may not add so many files to a record: whoever may read it may, up to a number."""
    may_see(ctx, object_name, record_id)
    hold(ctx, object_name)
    there = sa.select(sa.func.count()).where(_t.record == record_id, _t.deleted_at.is_(None))
    if ctx.connection.execute(there).scalar_one() + many > MOST_OF_A_RECORD:
        raise Conflict(
            Message("A record may have {most} files; take some away first.", code="files_many", most=MOST_OF_A_RECORD)
        )


def add(ctx: Context, object_name: str, record_id: str, taken: Sequence[Taken]) -> tuple[Attachment, ...]:
    """Add files to a record that the actor may read."""
    may_add(ctx, object_name, record_id, len(taken))
    rows = [
        {
            "id": new_id(), "object": object_name, "record": record_id, "by": ctx.actor.id, "at": ctx.now(),
            "name": each.name, "mime": each.mime, "size": each.size, "sha256": each.sha256,
        }
        for each in taken
    ]  # fmt: skip
    if rows:
        ctx.connection.execute(sa.insert(table), rows)
    return tuple(get(ctx, str(each["id"])) for each in rows)


def delete(ctx: Context, file_id: str) -> Attachment:
    """Take a file away: one's own, or as an administrator any."""
    found = get(ctx, file_id)
    hold(ctx, found.object)
    if not found.may_delete:
        raise NotAllowed(Message("Only who added a file, or an administrator, can take it away.", code="not_mine"))
    ctx.connection.execute(sa.update(table).where(_t.id == file_id).values(deleted_at=ctx.now()))
    return found


def content(bytes_in: Store, found: Attachment) -> Path:
    """Give where the bytes of a file lie, or raise `NotFound` where the store lost them."""
    path = bytes_in.path(found.sha256)
    if path is None:
        log.error("the store of files has no %s, which is file %s", found.sha256, found.id)
        raise NotFound(Message("The content of “{name}” is missing. Tell the administrator.", name=found.name))
    return path


def shown_name(raw: str) -> str:
    """Give a name that is safe to show and to save under: one name without folders, at most 200 characters."""
    name = unicodedata.normalize("NFC", raw[: 20 * LONGEST_NAME]).replace("\\", "/")
    if len(raw) > 20 * LONGEST_NAME:
        # What is cut off from the middle is not missed; the ending says what it is.
        name += unicodedata.normalize("NFC", raw[-20:])
    name = name.rstrip("/").rpartition("/")[2]
    name = "".join(sign for sign in name if not "\ud800" <= sign <= "\udfff")
    name = _NOT_IN_NAMES.sub("_", _NOT_SHOWN.sub("", name)).strip(" .") or _UNNAMED
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        is_ending = bool(dot) and 0 < len(ending) <= 10
        name = f"{stem[: LONGEST_NAME - len(ending) - 2]}….{ending}" if is_ending else name[: LONGEST_NAME - 1] + "…"
    return name


def _read(ctx: Context, rows: Sequence[sa.Row[Any]]) -> tuple[Attachment, ...]:
    """Give rows as files, with the names of all people in one statement."""
    names = titles(ctx, "user", {row.by for row in rows}) if rows else {}
    is_administrator = ADMINISTRATOR in ctx.actor.roles
    return tuple(
        Attachment(
            id=row.id,
            object=row.object,
            record=row.record,
            by=row.by,
            by_name=names.get(row.by, ""),
            at=row.at,
            name=row.name,
            mime=row.mime,
            size=row.size,
            sha256=row.sha256,
            may_delete=is_administrator or row.by == ctx.actor.id,
        )
        for row in rows
    )


def _place(ctx: Context, record_id: str, cursor: str | None) -> tuple[dt.datetime, str] | None:
    """Give where a page begins: behind the file that a cursor names."""
    if cursor is None:
        return None
    query = sa.select(_t.at).where(_t.id == cursor, _t.record == record_id)
    at = ctx.connection.execute(query).scalar_one_or_none() if is_id(cursor) else None
    if at is None:
        said = Message("This cursor does not belong to this list. Start again from the first page.", code="cursor")
        raise BadRequest(said)
    return at, cursor


# ---- what nobody needs any more --------------------------------------------------------------------------------------


def sweep(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    """Forget files that were taken away a month ago, then remove from the store what no file names."""
    with call.work(reason="sweep files") as ctx:
        now = ctx.now()
        ctx.connection.execute(sa.delete(table).where(_t.deleted_at < now - KEPT_FOR))
    bytes_in = store.of(engine.settings)

    def is_wanted(digests: list[str]) -> set[str]:
        with engine.database.open(write=False) as connection:
            query = sa.select(_t.sha256).distinct().where(_t.sha256.in_(digests))
            return set(connection.execute(query).scalars())

    removed = bytes_in.remove_old(now - dt.timedelta(days=1), is_wanted)
    if removed:
        log.info("%s files that nothing names were swept from the store", removed)


HANDLERS: Mapping[str, Handle] = MappingProxyType({SWEEP: sweep})
SCHEDULES = (Schedule(SWEEP, SWEEP, at=dt.time(3, 40)),)
