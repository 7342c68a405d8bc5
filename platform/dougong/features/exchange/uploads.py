"""files on their way to be imported: kept under the home for a week, each with its owner and what was chosen for it"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import orjson
import sqlalchemy as sa

from dougong.base.errors import BadRequest, Conflict, NotAllowed, NotFound, TooLarge
from dougong.base.names import is_id, new_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import service as records
from dougong.storage.platform_tables import import_choice, upload

KEPT_FOR = dt.timedelta(days=7)
FOLDER = "uploads"
MOST_OF_A_PERSON = 50
"""So many files one person may have waiting; the oldest go first."""
ERRORS = "errors.csv"
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
_BLOCK = 1 << 20
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')

Step = Literal["new", "checking", "checked", "importing", "done", "failed"]

_t = upload.c
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """One file that somebody wants to import."""

    id: str
    user: str
    object: str
    at: dt.datetime
    expires_at: dt.datetime
    file: str
    size: int
    step: Step
    choice: Mapping[str, Any] | None
    """`{"sheet", "header_row", "columns": [{"name", "to", "by"}], "key": [...], "as_exported"}`."""
    outcome: Mapping[str, Any] | None
    """What came of checking or importing it: `Imported.as_data`, or `{"error": a sentence}`."""
    job: str | None
    batch: str | None

    @property
    def is_moving(self) -> bool:
        """Whether a job is at it."""
        return self.step in ("checking", "importing")


def may_import(ctx: Context, object_name: str) -> ObjectModel:
    """Give the object, or raise `NotFound` or `NotAllowed` where the actor may import nothing into it."""
    model = ctx.catalog.objects.get(object_name)
    if model is None or not (records.may(ctx, "read", object_name) or records.may(ctx, "import", object_name)):
        raise NotFound(Message("There is no such list, or it is not yours to see.", code="not_found"))
    if not records.may(ctx, "import", object_name):
        plural = model.definition.shown_plural()
        raise NotAllowed(Message("You may not import {objects}.", code="not_allowed", objects=plural))
    return model


def folder(home: Path, upload_id: str) -> Path:
    """Give the folder of one upload."""
    return home / FOLDER / upload_id


def path(home: Path, found: Upload) -> Path:
    """Give the file, or raise `NotFound` where it was swept."""
    kept = folder(home, found.id) / found.file
    if not kept.is_file():
        raise NotFound(Message("The file is not kept any longer. Upload it again.", code="upload_gone"))
    return kept


def errors_path(home: Path, found: Upload) -> Path:
    """Give where the rows with errors are."""
    return folder(home, found.id) / ERRORS


def safe_name(name: str) -> str:
    """Give a file name without folders and without signs that file systems or people stumble over."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = _NOT_IN_NAMES.sub("_", last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{(stem if dot else plain)[:60] or 'file'}.{ending[:5].lower() if dot else 'csv'}"


def take(home: Path, name: str, content: IO[bytes], *, most: int) -> tuple[str, str, int]:
    """Write a file that was sent to a folder of its own; give the id, the name and the size."""
    file_name = safe_name(name)
    if not file_name.endswith(ENDINGS):
        raise BadRequest(Message("Choose a CSV or XLSX file; this is '{name}'.", code="file_kind", name=file_name))
    if file_name == ERRORS:
        file_name = "_" + file_name
    upload_id, size = new_id(), 0
    place = folder(home, upload_id)
    place.mkdir(parents=True, mode=0o700)
    try:
        with (place / file_name).open("wb") as file:
            while block := content.read(_BLOCK):
                size += len(block)
                if size > most:
                    raise TooLarge(_too_large(most))
                file.write(block)
        if size == 0:
            raise BadRequest(Message("The file is empty.", code="file_empty"))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return upload_id, file_name, size


def _too_large(most: int) -> Message:
    return Message("A file may have {most} MB at most. Split it.", code="too_large", most=most // 1024 // 1024)


def keep(ctx: Context, object_name: str, taken: tuple[str, str, int]) -> Upload:
    """Write down a file that was taken."""
    may_import(ctx, object_name)
    upload_id, name, size = taken
    row = {
        "id": upload_id, "user": ctx.actor.id, "object": object_name, "at": ctx.now(),
        "expires_at": ctx.now() + KEPT_FOR, "file": name, "size": size, "step": "new",
    }  # fmt: skip
    ctx.connection.execute(sa.insert(upload), row)
    return get(ctx, upload_id)


def get(ctx: Context, upload_id: str, object_name: str | None = None) -> Upload:
    """Give an upload of one's own, or raise `NotFound`; `NotAllowed` where the right to import is gone."""
    row = (
        ctx.connection.execute(sa.select(upload).where(_t.id == upload_id)).one_or_none() if is_id(upload_id) else None
    )
    if row is None or row.user != ctx.actor.id or (object_name is not None and row.object != object_name):
        raise NotFound(Message("There is no such upload, or it is not yours to see.", code="not_found"))
    may_import(ctx, row.object)
    return _read(row)


def get_of_system(ctx: Context, upload_id: str) -> Upload:
    """Give anybody's upload: for what the system does."""
    return _read(ctx.connection.execute(sa.select(upload).where(_t.id == upload_id)).one())


def owner(connection: sa.Connection, upload_id: str) -> str:
    """Say whose upload it is, or raise `NotFound` where it was swept."""
    found = connection.execute(sa.select(_t.user).where(_t.id == upload_id)).scalar_one_or_none()
    if found is None:
        raise NotFound(Message("The file is not kept any longer. Upload it again.", code="upload_gone"))
    return str(found)


def list_open(ctx: Context, object_name: str) -> tuple[Upload, ...]:
    """Give one's own uploads into an object that are not imported yet, the newest first."""
    query = sa.select(upload).where(_t.user == ctx.actor.id, _t.object == object_name, _t.step != "done")
    return tuple(_read(row) for row in ctx.connection.execute(query.order_by(_t.id.desc()).limit(10)))


def change(ctx: Context, upload_id: str, **values: Any) -> None:
    """Keep what was chosen for an upload, or what came of it."""
    for name in ("choice", "outcome"):
        if values.get(name) is not None:
            values[name] = orjson.dumps(values[name]).decode()
    ctx.connection.execute(sa.update(upload).where(_t.id == upload_id).values(values))


def claim(ctx: Context, found: Upload, step: Step, **values: Any) -> None:
    """Go on to a step, unless somebody pressed the button twice: `Conflict`."""
    still = sa.update(upload).where(_t.id == found.id, _t.step == found.step)
    done = ctx.connection.execute(still.values(step=step, **values))
    if done.rowcount != 1:
        raise Conflict(Message("This file is being imported already, or was.", code="import_begun"))


def _read(row: sa.Row[Any]) -> Upload:
    held = dict(row._mapping)  # noqa: SLF001 -- how SQLAlchemy names it
    for name in ("choice", "outcome"):
        held[name] = orjson.loads(held[name]) if held[name] else None
    return Upload(**held)


# ---- how files with the same header were imported last ---------------------------------------------------------------


def digest(header: Sequence[str]) -> str:
    """Name a header shortly."""
    return hashlib.sha256(orjson.dumps([name.strip() for name in header])).hexdigest()[:32]


def remember(ctx: Context, object_name: str, header: Sequence[str], choice: Mapping[str, Any]) -> None:
    """Keep how a file was read, for the next one with the same header."""
    c = import_choice.c
    mine = sa.and_(c.object == object_name, c.header == digest(header))
    ctx.connection.execute(sa.delete(import_choice).where(mine))
    row = {
        "object": object_name, "header": digest(header), "by": ctx.actor.id, "at": ctx.now(),
        "choice": orjson.dumps({name: choice[name] for name in ("columns", "key")}).decode(),
    }  # fmt: skip
    ctx.connection.execute(sa.insert(import_choice), row)


def remembered(ctx: Context, object_name: str, header: Sequence[str]) -> Mapping[str, Any] | None:
    """Give how a file with this header was read last."""
    c = import_choice.c
    query = sa.select(c.choice).where(c.object == object_name, c.header == digest(header))
    kept = ctx.connection.execute(query).scalar_one_or_none()
    found: Mapping[str, Any] | None = orjson.loads(kept) if kept else None
    return found


# ---- sweeping --------------------------------------------------------------------------------------------------------


def sweep(ctx: Context, home: Path) -> int:
    """Forget uploads whose time is over, with their files, and folders that nobody wrote down; give how many."""
    gone = list(ctx.connection.execute(sa.select(_t.id).where(_t.expires_at <= ctx.now())).scalars())
    ctx.connection.execute(sa.delete(upload).where(_t.id.in_(gone)))
    known = set(ctx.connection.execute(sa.select(_t.id)).scalars())
    place = home / FOLDER
    old = (ctx.now() - dt.timedelta(days=1)).timestamp()
    count = 0
    for each in place.iterdir() if place.is_dir() else ():
        if each.name not in known and (each.name in gone or each.stat().st_mtime < old):
            shutil.rmtree(each, ignore_errors=True)
            count += 1
    return count
