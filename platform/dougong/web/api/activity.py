"""what hangs on a record as JSON: its comments and its files"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.activity import attachments, comments
from dougong.features.activity.attachments import Attachment
from dougong.features.activity.comments import Comment, Written
from dougong.web import files
from dougong.web.api import reading, showing
from dougong.web.api.records import known
from dougong.web.errors import UnsupportedBody
from dougong.web.unit_of_work import Call


def list_comments(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Give the comments of a record, the newest first."""
    known(ctx, name)
    given = reading.parameters(call.request, ("limit", "cursor"))
    limit = reading.whole_number(given, "limit", default=50, least=1, most=comments.MOST_LISTED)
    found = comments.page(ctx, name, record_id, limit=limit, cursor=given.get("cursor") or None)
    return showing.answer({"comments": [_comment(each) for each in found.comments], "next": found.next})


def add_comment(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Write a comment under a record."""
    known(ctx, name)
    reading.parameters(call.request, ())
    made = comments.add(ctx, name, record_id, _text(call))
    where = f"/api/v1/records/{name}/{record_id}/comments/{made.comment.id}"
    return showing.answer(_written(made), 201, {"Location": where})


def show_comment(ctx: Context, call: Call, name: str, record_id: str, comment_id: str) -> Response:
    """Give one comment."""
    known(ctx, name)
    reading.parameters(call.request, ())
    return showing.answer(_comment(comments.get(ctx, name, record_id, comment_id)))


def edit_comment(ctx: Context, call: Call, name: str, record_id: str, comment_id: str) -> Response:
    """Change a comment of the caller's own."""
    known(ctx, name)
    reading.parameters(call.request, ())
    return showing.answer(_written(comments.edit(ctx, name, record_id, comment_id, _text(call))))


def delete_comment(ctx: Context, call: Call, name: str, record_id: str, comment_id: str) -> Response:
    """Take a comment of the caller's own back."""
    known(ctx, name)
    reading.parameters(call.request, ())
    comments.delete(ctx, name, record_id, comment_id)
    return Response(status=204)


def _text(call: Call) -> str:
    body = reading.json_object(call.request)
    if set(body) != {"text"} or not isinstance(body["text"], str):
        raise BadRequest(Message("Send a comment as an object with 'text', and nothing else.", code="comment"))
    said: str = body["text"]
    return said


# ---- files -----------------------------------------------------------------------------------------------------------


def list_files(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Give the files of a record, the newest first."""
    known(ctx, name)
    given = reading.parameters(call.request, ("limit", "cursor"))
    limit = reading.whole_number(given, "limit", default=50, least=1, most=attachments.MOST_LISTED)
    found = attachments.page(ctx, name, record_id, limit=limit, cursor=given.get("cursor") or None)
    return showing.answer({"files": [_file(each) for each in found.files], "next": found.next})


def add_files(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Add the files of a form to a record, all or none."""
    if call.request.mimetype != "multipart/form-data":
        raise UnsupportedBody(
            Message("Send files as multipart/form-data, each in a part named 'file'.", code="unsupported_body")
        )
    made = files.receive(call.engine, ctx.actor, call.request, name, record_id, door="api")
    return showing.answer({"files": [_file(each) for each in made]}, 201)


def show_file(ctx: Context, call: Call, file_id: str) -> Response:
    """Give the content of a file; `inline=true` where a browser may show it."""
    given = reading.parameters(call.request, ("inline",))
    found = attachments.get(ctx, file_id)
    return files.give(call.engine, call.request, found, inline=reading.yes_or_no(given, "inline"))


def delete_file(ctx: Context, call: Call, file_id: str) -> Response:
    """Take a file away that the caller added."""
    reading.parameters(call.request, ())
    attachments.delete(ctx, file_id)
    return Response(status=204)


def _file(found: Attachment) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "type": found.mime,
        "size": found.size,
        "sha256": found.sha256,
        "at": moment(found.at),
        "by": {"id": found.by, "name": found.by_name},
        "href": f"/api/v1/files/{found.id}",
    }


def moment(value: dt.datetime | None) -> str | None:
    """Give a moment as JSON has it."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value is not None else None


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "at": moment(comment.at),
        "by": {"id": comment.by, "name": comment.by_name},
        "text": comment.text,
        "mentions": [
            {"start": each.start, "end": each.end, "user": each.user, "name": each.name} for each in comment.mentions
        ],
        "edited_at": moment(comment.edited_at),
    }


def _written(made: Written) -> dict[str, Any]:
    return {**_comment(made.comment), "told": list(made.told), "not_told": list(made.untold)}
