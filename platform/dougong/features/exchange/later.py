"""imports as jobs: checking a file, importing it and taking an import back, with progress, by a worker"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dougong.base.errors import Conflict, DougongError
from dougong.base.names import new_id
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.features.exchange import batches, taking_back, uploads
from dougong.features.exchange.importing import CHUNK, Imported, import_file
from dougong.features.exchange.preview import Preview, map_of, preview
from dougong.features.exchange.uploads import Upload
from dougong.jobs import service as jobs
from dougong.jobs.call import Call, Cancelled, Handling
from dougong.jobs.schedule import Schedule

CHECK, IMPORT, UNDO, SWEEP = "imports.check", "imports.import", "imports.undo", "imports.sweep"
MOST_CHECKED = 5 * CHUNK
"""A check looks at so many rows: it writes them all and takes them back, and nobody else writes meanwhile."""
SCHEDULES = (Schedule(SWEEP, SWEEP, every=dt.timedelta(hours=6)),)


def start(ctx: Context, found: Upload, *, dry_run: bool) -> str:
    """Promise to check a file, or to import it; give the id of the job."""
    if found.step == "done" or is_moving(ctx, found):
        raise Conflict(Message("This file is being imported already, or was.", code="import_begun"))
    batch = None if dry_run else new_id()
    job = jobs.start(ctx, CHECK if dry_run else IMPORT, {"upload": found.id})
    uploads.claim(ctx, found, "checking" if dry_run else "importing", job=job, batch=batch, outcome=None)
    return job


def is_moving(ctx: Context, found: Upload) -> bool:
    """Whether a job is at an upload: one that was stopped before it began, or that failed, is not any more."""
    return found.is_moving and found.job is not None and not jobs.get(ctx, found.job).has_ended


def undo(ctx: Context, batch_id: str) -> str:
    """Promise to take an import back; give the id of the job."""
    batch = batches.get(ctx, batch_id)
    return jobs.start(ctx, UNDO, {"batch": batch.id, "user": ctx.actor.id})


def handlers(settings: Settings) -> Mapping[str, Handling]:
    """Give who carries these jobs out, for an instance."""
    home = settings.home

    def check(engine: Any, body: Mapping[str, Any], call: Call) -> None:
        _run(home, str(body["upload"]), _owner(engine, body), call, dry_run=True)

    def write(engine: Any, body: Mapping[str, Any], call: Call) -> None:
        _run(home, str(body["upload"]), _owner(engine, body), call, dry_run=False)

    def sweep(engine: Any, body: Mapping[str, Any], call: Call) -> None:
        with call.work(reason="uploads whose time is over") as ctx:
            uploads.sweep(ctx, home)

    return MappingProxyType(
        {
            CHECK: Handling(check, label=Message("Check of a file")),
            IMPORT: Handling(write, label=Message("Import of a file")),
            UNDO: Handling(_undo, label=Message("Import taken back")),
            SWEEP: Handling(sweep),
        }
    )


def _owner(engine: Any, body: Mapping[str, Any]) -> str:
    with engine.database.open(write=False) as connection:
        return str(uploads.owner(connection, str(body["upload"])))


def as_map(ctx: Context, found: Preview, choice: Mapping[str, Any]) -> ImportMap | None:
    """Give the import map of what was chosen; None for a file with technical names."""
    if choice.get("map"):
        return ctx.catalog.get(ImportMap, choice["map"])
    if choice.get("as_exported"):
        return None
    return map_of(ctx.catalog.extensions, found, choice["columns"], key=choice["key"])


def _run(home: Path, upload_id: str, user: str, call: Call, *, dry_run: bool) -> None:
    try:
        done = _import(home, upload_id, user, call, dry_run=dry_run)
    except DougongError as error:
        with call.work(user=user) as ctx:
            said = error.message.show(ctx.locale)
            uploads.change(ctx, upload_id, step="failed", outcome={"error": said, "dry_run": dry_run})
            call.result = {"error": said}
        return
    with call.step(user=user) if done.get("was_cancelled") else call.work(user=user) as ctx:
        uploads.change(ctx, upload_id, step="checked" if dry_run else "done", outcome=done)
        call.result = {name: done.get(name) for name in ("batch", *batches.COUNTED)}
    if done.get("was_cancelled"):
        raise Cancelled


def _import(home: Path, upload_id: str, user: str, call: Call, *, dry_run: bool) -> dict[str, Any]:
    with call.step(user=user) as ctx:
        found, locale = uploads.get(ctx, upload_id), ctx.locale
        choice = found.choice or {}
        path = uploads.path(home, found)
        before = batches.find(ctx, found.batch) if found.batch else None
        if before is not None:
            # The worker fell while it wrote: what is written is told, and not written a second time.
            if before.state == "running":
                batches.end(ctx, before.id, "failed")
            return {**{name: getattr(before, name) for name in batches.COUNTED}, "batch": before.id, "broken_off": True}
        sheet, row = choice.get("sheet") or None, choice.get("header_row")
        seen = preview(ctx, found.object, path, sheet=sheet, header_row=row)
        chosen = as_map(ctx, seen, choice)
    rows = 0

    def progress(done: int, total: int | None, errors: int) -> None:
        nonlocal rows
        rows = done
        call.progress(done, total, Message("{count} with errors", count=errors).show(locale) if errors else None)

    @contextmanager
    def unit() -> Iterator[Context]:
        with call.step(user=user, reason=None) as ctx:
            yield ctx

    is_cancelled = False

    def should_stop() -> bool:
        nonlocal is_cancelled
        is_cancelled = is_cancelled or (not dry_run and call.is_cancelled)
        return is_cancelled or (dry_run and rows >= MOST_CHECKED)

    done: Imported = import_file(
        unit,
        found.object,
        path,
        map_=chosen,
        key=choice.get("key", ()),
        sheet=sheet,
        errors_to=uploads.errors_path(home, found),
        dry_run=dry_run,
        on_progress=progress,
        should_stop=should_stop,
        batch=found.batch,
    )
    told = done.as_data(locale)
    told.pop("error_file")
    return {**told, "was_cancelled": is_cancelled}


def _undo(engine: Any, body: Mapping[str, Any], call: Call) -> None:
    user = str(body["user"])

    @contextmanager
    def unit() -> Iterator[Context]:
        with call.step(user=user) as ctx:
            yield ctx

    try:
        done = taking_back.undo_batch(
            unit,
            str(body["batch"]),
            on_progress=lambda done, total, left: call.progress(done, total),
            should_stop=lambda: call.is_cancelled,
        )
    except DougongError as error:
        with call.work(user=user) as ctx:
            call.result = {"error": error.message.show(ctx.locale)}
        return
    with call.work(user=user) as ctx:
        call.result = {**done.as_data(ctx.locale), "left": [each.as_data(ctx.locale) for each in done.left[:100]]}
