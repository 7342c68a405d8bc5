"""files over HTTP: taken from a form, and given so that nothing in them can act in our pages"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import cast

from flask import Request, Response
from werkzeug.datastructures import FileStorage
from werkzeug.utils import send_file

from dougong.base.actor import Actor
from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.features.activity import attachments, sniffing, store
from dougong.features.activity.attachments import Attachment

MOST_AT_ONCE = 50
FIELD = "file"
"""How the part of a form is called that holds a file; there may be several."""

_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox; frame-ancestors 'none'"
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""For a PDF in a frame of our own page. No sandbox: browsers do not show a PDF within one. What they show it with is
their own, and stands outside of our pages; as its type is told and not guessed, it is never read as a page."""

_OTHERWISE = MappingProxyType(dict.fromkeys(sniffing.READ_AS_TEXT, "text/plain; charset=utf-8"))


def sent(request: Request) -> list[FileStorage]:
    """Give the files of a request; a field that was left blank is none."""
    found = [each for each in request.files.getlist(FIELD) if each.filename]
    if not found:
        raise BadRequest(Message("Choose a file first.", code="file_missing"))
    if len(found) > MOST_AT_ONCE:
        raise BadRequest(Message("Send at most {most} files at once.", code="files_many", most=MOST_AT_ONCE))
    return found


def receive(
    engine: Engine, actor: Actor, request: Request, object_name: str, record_id: str, *, door: str
) -> tuple[Attachment, ...]:
    """Add the files of a request to a record: all of them or none.

    Bytes are written to the store between two short transactions, so that no slow disk holds up who else writes.
    """
    files = sent(request)
    with work(engine, write=False, actor=actor, door=door) as ctx:
        attachments.may_add(ctx, object_name, record_id, len(files))
    place = store.of(engine.settings)
    most = engine.settings.file_limit * 1024 * 1024
    taken = [attachments.take(place, each.filename or "", each.stream, most=most) for each in files]
    with work(engine, actor=actor, door=door) as ctx:
        return attachments.add(ctx, object_name, record_id, taken)


def give(engine: Engine, request: Request, found: Attachment, *, inline: bool = False) -> Response:
    """Give the content of a file; shown by the browser only where that is safe, else to be saved.

    Only pictures, PDF and plain text are shown. HTML, SVG and everything else is saved, whatever its name says.
    """
    path: Path = attachments.content(store.of(engine.settings), found)
    is_shown = inline and (found.is_picture or found.is_pdf or found.is_text)
    mime = _OTHERWISE.get(found.mime, found.mime) if is_shown else _saved_as(found)
    response = send_file(
        path,
        request.environ,
        mimetype=mime,
        as_attachment=not is_shown,
        download_name=found.name,
        etag=found.sha256[:32],
        response_class=Response,
    )
    response.headers["Content-Security-Policy"] = _FRAMED if is_shown and found.is_pdf else _SANDBOX
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if is_shown and found.is_pdf else "DENY"
    response.headers["Cache-Control"] = "private, no-cache"
    return cast(Response, response)


def _saved_as(found: Attachment) -> str:
    """What a browser might run is only bytes to it."""
    acts = found.mime in ("text/html", "image/svg+xml", "application/xml", "text/javascript", "text/css")
    return sniffing.UNKNOWN if acts else found.mime


def first_lines(engine: Engine, found: Attachment, most: int = 200_000) -> tuple[str, bool]:
    """Give the beginning of a text, and whether there is more of it."""
    path = attachments.content(store.of(engine.settings), found)
    with path.open("rb") as file:
        raw = file.read(most + 1)
    how = sniffing.encoding(raw[: sniffing.LOOKED_AT]) or "utf-8"
    return raw[:most].decode(how, errors="replace"), len(raw) > most


def names(files: Sequence[Attachment]) -> str:
    """Give the names of files for a sentence."""
    return ", ".join(each.name for each in files[:3]) + (" …" if len(files) > 3 else "")
