"""imports for programs: a file is sent, a job imports it, and what came of it is asked for"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, cast

import orjson
from flask import Response
from werkzeug.utils import send_file

from dougong.base.errors import BadRequest, NotFound
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds import ImportMap
from dougong.features.accounts.work import work
from dougong.features.exchange import later, uploads
from dougong.features.exchange.uploads import Upload
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call

PARAMETERS = ("object", "map", "key", "sheet", "header_row", "dry_run", "name")
_ENDINGS: Mapping[str, str] = {
    "text/csv": "csv",
    "text/plain": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def start(ctx: Context, call: Call) -> Response:
    """Take a file, as a part `file` of a form or as the body, and promise to import it."""
    sent = call.request
    is_form = sent.mimetype == "multipart/form-data"
    given = {name: sent.form[name] for name in PARAMETERS if name in sent.form} if is_form else {}
    given |= reading.parameters(sent, PARAMETERS)
    object_name = given.get("object", "")
    with work(call.engine, write=False, actor=ctx.actor, door="api") as looking:
        uploads.may_import(looking, object_name)
        choice = _choice(looking, object_name, given)
    name, content = _content(call, given, is_form=is_form)
    settings = call.engine.settings
    taken = uploads.take(settings.home, name, content, most=settings.file_limit * 1024 * 1024)
    with work(call.engine, actor=ctx.actor, door="api") as writing:
        kept = uploads.keep(writing, object_name, taken)
        uploads.change(writing, kept.id, choice=choice)
        later.start(writing, kept, dry_run=reading.yes_or_no(given, "dry_run"))
        found = uploads.get(writing, kept.id)
    return showing.answer(_shown(found), 202, {"Location": f"/api/v1/imports/{kept.id}"})


def _content(call: Call, given: Mapping[str, str], *, is_form: bool) -> tuple[str, Any]:
    if is_form:
        sent = call.request.files.get("file")
        if sent is None or not sent.filename:
            raise BadRequest(Message("Send the file in a part named 'file'.", code="file_missing"))
        return sent.filename, sent.stream
    ending = _ENDINGS.get(call.request.mimetype)
    if ending is None:
        said = "Send the file as multipart/form-data, or as the body with its type: text/csv or that of XLSX."
        raise BadRequest(Message(said, code="unsupported_body"))
    return given.get("name") or f"import.{ending}", io.BytesIO(call.request.get_data())


def _choice(ctx: Context, object_name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Read how the file is to be read: an installed map by its name, columns as JSON, or the technical names."""
    row = given.get("header_row", "1")
    choice: dict[str, Any] = {
        "sheet": given.get("sheet") or None,
        "header_row": int(row) if row.isdigit() and 1 <= int(row) <= 100 else 1,
        "key": [each for each in given.get("key", "").split(",") if each],
        "columns": [],
        "as_exported": True,
    }
    said = given.get("map", "").strip()
    if not said:
        return choice
    if not said.startswith(("[", "{")):
        installed = ctx.catalog.find(ImportMap, said)
        if installed is None or installed.object != object_name:
            raise BadRequest(Message("There is no import map '{name}' for these records.", code="map", name=said[:100]))
        return {**choice, "map": said}
    try:
        columns = orjson.loads(said)
    except orjson.JSONDecodeError:
        columns = None
    if not isinstance(columns, list) or not all(isinstance(each, dict) and "name" in each for each in columns):
        raise BadRequest(Message('A map is the name of one, or a list such as [{"name": "Name", "to": "name"}].'))
    return {**choice, "columns": columns, "as_exported": False}


def show(ctx: Context, call: Call, import_id: str) -> Response:
    """Say how far an import is, and what came of it."""
    reading.parameters(call.request, ())
    return showing.answer(_shown(uploads.get(ctx, import_id)))


def errors(ctx: Context, call: Call, import_id: str) -> Response:
    """Give the rows with errors as a file, to be corrected and imported again."""
    reading.parameters(call.request, ())
    path = uploads.errors_path(call.engine.settings.home, uploads.get(ctx, import_id))
    if not path.is_file():
        raise NotFound(Message("There is no file of errors.", code="not_found"))
    given = send_file(path, call.request.environ, mimetype="text/csv; charset=utf-8", response_class=Response)
    return cast(Response, given)


def _shown(found: Upload) -> dict[str, Any]:
    return {
        "id": found.id,
        "object": found.object,
        "file": found.file,
        "step": found.step,
        "job": found.job,
        "batch": found.batch,
        "outcome": found.outcome,
    }
