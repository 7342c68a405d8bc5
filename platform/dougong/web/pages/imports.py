"""import a file by screen: upload it, say what goes where, check it, import it, and take it back"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from flask import Response
from werkzeug.utils import send_file

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import BadRequest, Conflict, NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.accounts.work import work
from dougong.features.exchange import batches, later, taking_back, uploads
from dougong.features.exchange.preview import ColumnGuess, Preview, preview
from dougong.features.exchange.uploads import Upload
from dougong.features.exchange.writing import natural_key
from dougong.jobs import service as jobs
from dougong.records import service as records
from dougong.records.references import titles
from dougong.web.pages.frame import answer, crumbs, frame, go, look
from dougong.web.pages.jobs import labels
from dougong.web.pages.route import Visit
from dougong.web.present import address
from dougong.web.present import imports as present
from dougong.web.present.imports import BatchPage, BatchRow, Choice, ColumnRow, Figure, ImportPage, UploadPage, WrongRow
from dougong.web.present.jobs import JobRow, job_rows
from dougong.web.present.page import Link
from dougong.web.present.value import Look

FILE = "file"
_STATES: Mapping[str, tuple[Message, str]] = {
    "running": (Message("running, or broken off"), "yellow"),
    "done": (Message("imported"), "green"),
    "stopped": (Message("stopped"), "yellow"),
    "failed": (Message("broken off"), "red"),
    "taken_back": (Message("taken back"), ""),
    "partly_taken_back": (Message("partly taken back"), "yellow"),
}


# ---- choosing a file -------------------------------------------------------------------------------------------------


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show where a file is chosen, and the imports there were."""
    return _upload_page(ctx, visit, uploads.may_import(ctx, name))


def _upload_page(ctx: Context, visit: Visit, model: ObjectModel, problem: Message | None = None) -> Response:
    seen = look(ctx)
    plural = model.definition.shown_plural().show(seen.locale)
    title = Message("Import {objects}", objects=plural).show(seen.locale)
    found = batches.list_batches(ctx, model.name, limit=20)
    names = titles(ctx, "user", {each.by for each in found}) if found else {}
    page = UploadPage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model), search_in=model.name),
        plural=plural,
        action=address.imports(model.name),
        most=f"{visit.engine.settings.file_limit} MB",
        open=tuple(
            Link(f"{each.file} · {_moment(ctx, each.at)}", address.imports(model.name, each.id), "file")
            for each in uploads.list_open(ctx, model.name)
        ),
        batches=tuple(_batch_row(ctx, each, names) for each in found),
        problem=problem.show(seen.locale) if problem else "",
        example_href=f"{address.export(model.name)}?as=all" if records.may(ctx, "export", model.name) else "",
    )
    return answer(visit, "imports/upload.html", page, locale=seen.locale, status=400 if problem else 200)


def _moment(ctx: Context, at: datetime) -> str:
    zone = zoneinfo.ZoneInfo(ctx.actor.zone)
    return format_datetime(at, "short", tzinfo=zone, locale=ctx.locale.replace("-", "_"))


def _batch_row(ctx: Context, each: batches.Batch, names: Mapping[str, str]) -> BatchRow:
    state, colour = _STATES[each.state]
    return BatchRow(
        at=_moment(ctx, each.at),
        who=names.get(each.by, ""),
        file=each.file,
        state=state.show(ctx.locale),
        colour=colour,
        counts=_counts(each).show(ctx.locale),
        href=address.import_batch(each.object, each.id),
    )


def _counts(each: batches.Batch) -> Message:
    said = "{rows} rows: {created} new, {updated} changed, {unchanged} as before, {errors} with errors"
    return Message(said, **{name: f"{getattr(each, name):,}" for name in batches.COUNTED})


def take(ctx: Context, visit: Visit, name: str) -> Response:
    """Take a file that was sent: its bytes are written outside of any transaction that writes."""
    with work(visit.engine, write=False, actor=ctx.actor, door="screen") as reading:
        model = uploads.may_import(reading, name)
    try:
        kept = _received(ctx, visit, name)
    except NotFound:
        raise
    except BadRequest as error:
        with work(visit.engine, write=False, actor=ctx.actor, door="screen") as reading:
            return _upload_page(reading, visit, model, error.message)
    return go(address.imports(name, kept.id))


def _received(ctx: Context, visit: Visit, name: str) -> Upload:
    sent = visit.request.files.get(FILE)
    if sent is None or not sent.filename:
        raise BadRequest(Message("Choose a file first.", code="file_missing"))
    settings = visit.engine.settings
    taken = uploads.take(settings.home, sent.filename, sent.stream, most=settings.file_limit * 1024 * 1024)
    with work(visit.engine, actor=ctx.actor, door="screen") as writing:
        return uploads.keep(writing, name, taken)


# ---- one file on its way ---------------------------------------------------------------------------------------------


def show_one(ctx: Context, visit: Visit, name: str, upload_id: str) -> Response:
    """Show how a file is read, how far it is, or what came of it."""
    found = uploads.get(ctx, upload_id, name)
    if later.is_moving(ctx, found):
        return _moving(ctx, visit, found)
    is_mapping = visit.request.args.get("step") == "map" and found.step != "done"
    if is_mapping or found.step in ("new", "checking", "importing") or found.outcome is None:
        return _map_page(ctx, visit, found)
    return _outcome(ctx, visit, found)


def _frame_of(ctx: Context, visit: Visit, found: Upload) -> dict[str, Any]:
    seen, model = look(ctx), ctx.catalog.object(found.object)
    plural = model.definition.shown_plural().show(seen.locale)
    title = Message("Import {objects}", objects=plural).show(seen.locale)
    back = Link(title, address.imports(found.object))
    return {
        "frame": frame(ctx, visit, found.file, crumbs=crumbs(seen, model, back), search_in=found.object),
        "file": found.file,
        "plural": plural,
        "back_href": address.imports(found.object),
        "list_href": address.listing(found.object),
        "here": address.imports(found.object, found.id),
        "action": address.imports(found.object, found.id),
    }


def _map_page(ctx: Context, visit: Visit, found: Upload, problem: Message | None = None) -> Response:
    asked = visit.request.values
    choice = dict(found.choice or {})
    sheet = asked.get("sheet") or choice.get("sheet") or None
    row = asked.get("header_row", "")
    header_row = int(row) if row.isdigit() and 1 <= int(row) <= 60 else choice.get("header_row")
    try:
        seen = preview(
            ctx, found.object, uploads.path(visit.engine.settings.home, found), sheet=sheet, header_row=header_row
        )
    except BadRequest as error:
        page = ImportPage(**_frame_of(ctx, visit, found), step="failed", problem=error.message.show(ctx.locale))
        return answer(visit, "imports/import.html", page, locale=look(ctx).locale, status=422)
    headers = [each.header for each in seen.columns]
    kept = choice if choice.get("columns") and not asked.get("sheet") else None
    remembered = None if kept else uploads.remembered(ctx, found.object, headers)
    before = kept or remembered
    page = ImportPage(
        **_frame_of(ctx, visit, found),
        step="map",
        problem=problem.show(ctx.locale) if problem else "",
        sheets=tuple(Choice(each, each, each == seen.sheet) for each in seen.sheets),
        header_row=seen.header_row,
        rows=f"{seen.rows:,}" if seen.rows is not None else "",
        columns=_columns(ctx, seen, before),
        as_exported=_as_exported(ctx, found, headers, choice),
        is_remembered=remembered is not None,
    )
    return answer(visit, "imports/import.html", page, locale=look(ctx).locale, status=422 if problem else 200)


def _as_exported(ctx: Context, found: Upload, headers: Sequence[str], choice: Mapping[str, Any]) -> bool | None:
    """Offer to read a file as our own export wrote it, where its header says that it has lines beside records."""
    fields = ctx.catalog.object(found.object).fields
    lines = [name for name in fields if fields[name].type.lines() is not None]
    if not any(header.split(".")[0] in lines for header in headers):
        return None
    return bool(choice.get("as_exported", True))


def _columns(ctx: Context, seen: Preview, before: Mapping[str, Any] | None) -> tuple[ColumnRow, ...]:
    words = {"sure": Message("sure").show(ctx.locale), "likely": Message("likely").show(ctx.locale)}
    known = {each["name"]: each for each in (before or {}).get("columns", ())}
    key = (before or {}).get("key")
    if key is None:
        natural = natural_key(ctx.catalog, seen.object)
        key = [natural] if natural in {each.field for each in seen.columns} else []
    offered = destinations(ctx, seen.object)
    found = []
    for each in seen.columns:
        goes = known.get(each.header) if before is not None else _guessed(ctx, seen.object, each, dict(offered))
        value = "" if goes is None else f"{goes['to']}|{goes.get('by') or ''}"
        sureness, colour = present.sure(each.confidence, words) if before is None and goes else ("", "")
        choices = [Choice(target, label, target == value) for target, label in offered]
        is_key = goes is not None and goes["to"] in key
        found.append(ColumnRow(each.position, each.header, each.samples, tuple(choices), is_key, sureness, colour))
    return tuple(found)


def _guessed(ctx: Context, object_name: str, each: ColumnGuess, offered: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Give where a column probably goes; cells that are no ids name a record by its title, where nothing else does."""
    if each.field is None:
        return None
    target = ctx.catalog.object(object_name).fields[each.field].type.lookup()
    title = ctx.catalog.object(target).title if target else None
    are_ids = all(is_id(sample) for sample in each.samples)
    by_title = each.by is None and not are_ids and f"{each.field}|{title}" in offered
    return {"to": each.field, "by": title if by_title else each.by}


def destinations(ctx: Context, object_name: str) -> tuple[tuple[str, str], ...]:
    """Give where a column may go, as `field|by` and in words: a lookup by each field that names a record."""
    found: list[tuple[str, str]] = []
    for field in records.writable(ctx, object_name, "create"):
        if field.type.lines() is not None:
            continue
        label, target = field.shown_label().show(ctx.locale), field.type.lookup()
        if target is None:
            found.append((f"{field.name}|", label))
            continue
        other = ctx.catalog.object(target)
        readable = {each.name for each in records.readable(ctx, target)} if records.may(ctx, "read", target) else set()
        for each in other.own_fields():
            if each.name in readable and each.type.columns() and (each.unique or each.name == other.title):
                inner = each.shown_label().show(ctx.locale)
                said = Message("{field}, named by its {key}", field=label, key=inner)
                found.append((f"{field.name}|{each.name}", said.show(ctx.locale)))
        found.append((f"{field.name}|", Message("{field}, by its id", field=label).show(ctx.locale)))
    return tuple(found)


def choose(ctx: Context, visit: Visit, name: str, upload_id: str) -> Response:
    """Keep what goes where, and check the file; or import it; or look at another sheet or header row."""
    found = uploads.get(ctx, upload_id, name)
    sent = visit.request.form
    if later.is_moving(ctx, found):
        return go(address.imports(name, upload_id))
    do = sent.get("do", "check")
    if do == "look":
        where = address.imports(name, upload_id)
        row, sheet = sent.get("header_row", ""), sent.get("sheet", "")
        return go(address.with_query(where, (("step", "map"), ("header_row", row), ("sheet", sheet))))
    if do == "import":
        if found.choice is None:
            return _map_page(ctx, visit, found)
        later.start(ctx, found, dry_run=False)
        return go(address.imports(name, upload_id))
    try:
        choice = _choice(ctx, visit, found)
    except BadRequest as error:
        return _map_page(ctx, visit, found, error.message)
    uploads.change(ctx, found.id, choice=choice)
    later.start(ctx, found, dry_run=True)
    return go(address.imports(name, upload_id))


def _choice(ctx: Context, visit: Visit, found: Upload) -> dict[str, Any]:
    """Read what goes where, and try whether it can be: `BadRequest` says what is wrong."""
    sent = visit.request.form
    row = sent.get("header_row", "1")
    choice: dict[str, Any] = {
        "sheet": sent.get("sheet") or None,
        "header_row": int(row) if row.isdigit() and 1 <= int(row) <= 60 else 1,
        "as_exported": bool(sent.get("as_exported")),
        "columns": [],
        "key": [],
    }
    path = uploads.path(visit.engine.settings.home, found)
    seen = preview(ctx, found.object, path, sheet=choice["sheet"], header_row=choice["header_row"])
    known = {value for value, _ in destinations(ctx, found.object)}
    for each in seen.columns:
        value = sent.get(f"to.{each.position}", "")
        if value not in known:
            continue
        to, _, by = value.partition("|")
        twice = next((one["name"] for one in choice["columns"] if one["to"] == to), None)
        if twice is not None:
            said = "“{one}” and “{other}” go to the same field. Leave one of them out."
            raise BadRequest(Message(said, code="mapped_twice", one=twice, other=each.header))
        choice["columns"].append({"name": each.header, "to": to, **({"by": by} if by else {})})
        if sent.get(f"key.{each.position}"):
            choice["key"].append(to)
    later.as_map(ctx, seen, choice)
    if not choice["as_exported"]:
        uploads.remember(ctx, found.object, [each.header for each in seen.columns], choice)
    return choice


def _job_row(ctx: Context, visit: Visit, job_id: str) -> JobRow | None:
    try:
        found = jobs.get(ctx, job_id)
    except NotFound:
        return None
    return job_rows([found], labels(visit, ctx.locale), {}, locale=ctx.locale, zone=ctx.actor.zone)[0]


def _moving(ctx: Context, visit: Visit, found: Upload) -> Response:
    page = ImportPage(
        **_frame_of(ctx, visit, found), step="moving", job=_job_row(ctx, visit, found.job) if found.job else None
    )
    return answer(visit, "imports/import.html", page, locale=look(ctx).locale)


def _outcome(ctx: Context, visit: Visit, found: Upload) -> Response:
    """Show what came of a check or an import."""
    outcome: Mapping[str, Any] = found.outcome or {}
    here = address.imports(found.object, found.id)
    has_errors = uploads.errors_path(visit.engine.settings.home, found).is_file() and bool(outcome.get("errors"))
    given = _frame_of(ctx, visit, found)
    if "error" in outcome:
        page = ImportPage(**given, step="failed", problem=str(outcome["error"]), map_href=f"{here}?step=map")
        return answer(visit, "imports/import.html", page, locale=look(ctx).locale)
    page = ImportPage(
        **given,
        step="checked" if found.step == "checked" else "done",
        map_href=f"{here}?step=map" if found.step == "checked" else "",
        figures=_figures(ctx.locale, outcome, is_check=found.step == "checked"),
        sums_up=_sum(outcome).show(ctx.locale),
        wrong=tuple(
            WrongRow(str(each["row"]), each["column"], each["value"], each["message"])
            for each in outcome.get("first_errors", ())
        ),
        errors_href=f"{here}/errors" if has_errors else "",
        note=_note(outcome, is_check=found.step == "checked", locale=ctx.locale),
        undo_href=address.import_batch(found.object, found.batch) if found.batch and found.step == "done" else "",
    )
    return answer(visit, "imports/import.html", page, locale=look(ctx).locale)


def _figures(locale: str, outcome: Mapping[str, Any], *, is_check: bool) -> tuple[Figure, ...]:
    labels_of = (
        ("created", Message("would be new") if is_check else Message("new"), "positive"),
        ("updated", Message("would be changed") if is_check else Message("changed"), "positive"),
        ("unchanged", Message("as before"), ""),
        ("errors", Message("with errors"), "negative"),
    )
    return tuple(
        Figure(label.show(locale), f"{outcome[name]:,}", tone if outcome[name] else "")
        for name, label, tone in labels_of
    )


def _sum(outcome: Mapping[str, Any]) -> Message:
    good = outcome["created"] + outcome["updated"] + outcome["unchanged"]
    said = "{rows} rows = {records} records + {errors} with errors"
    return Message(said, rows=f"{outcome['rows']:,}", records=f"{good:,}", errors=f"{outcome['errors']:,}")


def _note(outcome: Mapping[str, Any], *, is_check: bool, locale: str) -> str:
    if outcome.get("broken_off"):
        said = "The worker was interrupted after these rows. Take the import back, or import the file again with a key."
        return Message(said).show(locale)
    if outcome.get("stopped") and is_check:
        said = "Only the first {count} rows were checked. The others are checked when they are imported."
        return Message(said, count=f"{outcome['rows']:,}").show(locale)
    if outcome.get("stopped"):
        return Message("It was stopped here. What is written stays; it can be taken back.").show(locale)
    return ""


def errors(ctx: Context, visit: Visit, name: str, upload_id: str) -> Response:
    """Give the rows with errors as a file, to be corrected and imported again."""
    found = uploads.get(ctx, upload_id, name)
    path = uploads.errors_path(visit.engine.settings.home, found)
    if not path.is_file():
        raise NotFound(Message("There is no file of errors.", code="not_found"))
    stem = found.file.rpartition(".")[0]
    given: Response = send_file(
        path,
        visit.request.environ,
        mimetype="text/csv; charset=utf-8",
        as_attachment=True,
        download_name=f"{stem}-errors.csv",
        response_class=Response,
    )  # type: ignore[assignment]
    return given


# ---- an import there was ---------------------------------------------------------------------------------------------


def show_batch(ctx: Context, visit: Visit, name: str, batch_id: str) -> Response:
    """Show one import, and what taking it back would do."""
    return _batch_page(ctx, visit, _batch(ctx, name, batch_id))


def _batch(ctx: Context, name: str, batch_id: str) -> batches.Batch:
    found = batches.get(ctx, batch_id)
    if found.object != name:
        raise NotFound(Message("There is no import '{batch}', or it is not yours to see.", batch=batch_id))
    return found


def _may_undo(ctx: Context, found: batches.Batch) -> bool:
    """Whoever imported may take it back, and an administrator; the gate decides for each record."""
    return found.by == ctx.actor.id or ADMINISTRATOR in ctx.actor.roles


def _batch_page(ctx: Context, visit: Visit, found: batches.Batch) -> Response:
    seen, model = look(ctx), ctx.catalog.object(found.object)
    plural = model.definition.shown_plural().show(seen.locale)
    back = Link(Message("Import {objects}", objects=plural).show(seen.locale), address.imports(found.object))
    row = _batch_row(ctx, found, titles(ctx, "user", {found.by}))
    job = _job_row(ctx, visit, visit.request.args.get("job", ""))
    outcome = jobs.get(ctx, job.id).result if job is not None and not job.is_moving else None
    foreseen, problem = ((), "") if job is not None and job.is_moving else _foreseen(ctx, seen, found)
    labelled = (("Imported", f"{row.at} · {row.who}"), ("State", row.state), ("Rows", row.counts))
    page = BatchPage(
        frame=frame(ctx, visit, found.file, crumbs=crumbs(seen, model, back), search_in=found.object),
        file=found.file,
        facts=tuple((Message(label).show(seen.locale), text) for label, text in labelled),
        action=address.import_batch(found.object, found.id) if foreseen else "",
        back_href=address.imports(found.object),
        list_href=address.listing(found.object),
        foreseen=foreseen,
        problem=problem or str((outcome or {}).get("error", "")),
        job=job if job is not None and job.is_moving else None,
        here=visit.request.full_path.rstrip("?"),
        outcome=_taken_back(seen.locale, outcome) if outcome and "error" not in outcome else (),
        left=tuple((each["title"] or each["id"], each["message"]) for each in (outcome or {}).get("left", ())),
    )
    return answer(visit, "imports/batch.html", page, locale=seen.locale)


def _foreseen(ctx: Context, seen: Look, found: batches.Batch) -> tuple[tuple[str, ...], str]:
    """Say what taking back would do; nothing and why, where it cannot be."""
    if not _may_undo(ctx, found):
        return (), Message("Only who imported it, or an administrator, can take it back.").show(seen.locale)
    try:
        would = taking_back.foresee(ctx, found.id)
    except Conflict as error:
        return (), error.message.show(seen.locale)
    if not would.deleted and not would.restored and not would.more:
        return (), ""
    told = (
        (Message("{count} records that it created would be deleted.", count=f"{would.deleted:,}"), would.deleted),
        (Message("{count} records that it changed would be as before.", count=f"{would.restored:,}"), would.restored),
        (Message("{count} were changed since, and stay.", count=f"{would.changed_since:,}"), would.changed_since),
        (Message("{count} further records were not looked at yet.", count=f"{would.more:,}"), would.more),
    )
    return tuple(message.show(seen.locale) for message, count in told if count), ""


def _taken_back(locale: str, outcome: Mapping[str, Any]) -> tuple[Figure, ...]:
    labelled = (
        ("deleted", Message("deleted"), "positive"),
        ("restored", Message("as before again"), "positive"),
        ("gone", Message("were gone already"), ""),
        ("left_count", Message("stay as they are"), "negative"),
    )
    return tuple(
        Figure(label.show(locale), f"{outcome[name]:,}", tone if outcome[name] else "")
        for name, label, tone in labelled
    )


def undo(ctx: Context, visit: Visit, name: str, batch_id: str) -> Response:
    """Take an import back, by a worker."""
    found = _batch(ctx, name, batch_id)
    foreseen, problem = _foreseen(ctx, look(ctx), found)
    if problem or not foreseen:
        raise Conflict(Message("{problem}", problem=problem or Message("There is nothing to take back.")))
    job = later.undo(ctx, batch_id)
    return go(f"{address.import_batch(name, batch_id)}?job={job}")
