"""turn our errors into a page or a problem document"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Request, Response
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from dougong.base import errors
from dougong.base.errors import DougongError
from dougong.base.text import Message
from dougong.features.accounts.service import LockedOut, SignInRefused
from dougong.features.bundles.service import DefinitionProblems
from dougong.features.reports.parameters import InvalidParameters
from dougong.storage.database import Unreachable, is_busy

PROBLEM = "application/problem+json"

log = logging.getLogger(__name__)


class UnsupportedBody(DougongError):
    """A body of a sort that this endpoint does not read."""


class FormRefused(DougongError):
    """A write from a browser without the token that our own pages send."""


@dataclass(frozen=True)
class Case:
    """What an error is over HTTP: its status, its stable code where the error has none of its own, its title."""

    status: int
    code: str
    title: Message


_CASES: tuple[tuple[type[DougongError], Case], ...] = (
    (LockedOut, Case(429, "locked_out", Message("Too many attempts"))),
    (SignInRefused, Case(401, "sign_in", Message("Not signed in"))),
    (FormRefused, Case(403, "csrf", Message("Form refused"))),
    (UnsupportedBody, Case(415, "unsupported_body", Message("Unsupported body"))),
    (errors.BadRequest, Case(400, "bad_request", Message("Request not understood"))),
    (errors.UnknownName, Case(400, "unknown_name", Message("Request not understood"))),
    (errors.NotSignedIn, Case(401, "not_signed_in", Message("Not signed in"))),
    (errors.NotAllowed, Case(403, "not_allowed", Message("Not allowed"))),
    (errors.NotFound, Case(404, "not_found", Message("Not found"))),
    (errors.Stale, Case(412, "stale", Message("Changed meanwhile"))),
    (errors.Conflict, Case(409, "conflict", Message("Conflict"))),
    (errors.TooLarge, Case(413, "too_large", Message("Too large"))),
    (InvalidParameters, Case(422, "invalid_parameters", Message("Values refused"))),
    (errors.InvalidRecord, Case(422, "invalid_record", Message("Values refused"))),
    (errors.InvalidValue, Case(422, "invalid_value", Message("Values refused"))),
    (DefinitionProblems, Case(422, "definition_problems", Message("Definitions refused"))),
    (errors.VersionMissing, Case(428, "version_missing", Message("Version missing"))),
    (Unreachable, Case(503, "database_unreachable", Message("Not available"))),
    (errors.ActionFailed, Case(422, "action_failed", Message("Action failed"))),
)
"""The first that an error is an instance of counts."""

_DUPLICATE = Case(409, "duplicate", Message("Conflict"))
_BUSY = Case(503, "busy", Message("Not available"))
_OTHER = Case(500, "internal", Message("Something went wrong"))

_HTTP: Mapping[int, tuple[Case, Message]] = {
    400: (Case(400, "bad_request", Message("Request not understood")), Message("This request cannot be understood.")),
    404: (Case(404, "not_found", Message("Not found")), Message("There is nothing at this address.")),
    405: (
        Case(405, "method_not_allowed", Message("Method not allowed")),
        Message("This address does not answer to this method."),
    ),
    413: (Case(413, "too_large", Message("Too large")), Message("This is more than we take in one request.")),
    415: (
        Case(415, "unsupported_body", Message("Unsupported body")),
        Message("Send the body as application/json."),
    ),
}


@dataclass(frozen=True)
class Said:
    """An error in words, in one language."""

    status: int
    code: str
    title: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


def describe(error: BaseException, locale: str) -> Said:
    """Put any error into words; one that nobody foresaw says nothing of itself."""
    if isinstance(error, DougongError):
        return _foreseen(error, locale)
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return _http(error, error.code, locale)
    if is_busy(error):
        detail = Message("Others are writing a lot just now. Try again in a moment.").show(locale)
        return Said(_BUSY.status, _BUSY.code, _BUSY.title.show(locale), detail, headers={"Retry-After": "1"})
    detail = Message("This is our mistake. Tell your administrator the number of this request.").show(locale)
    return Said(_OTHER.status, _OTHER.code, _OTHER.title.show(locale), detail)


def problem(said: Said, request_id: str) -> Response:
    """Give a problem document (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"urn:dougong:problem:{said.code}",
        "title": said.title,
        "status": said.status,
        "detail": said.detail,
        "code": said.code,
        "request_id": request_id,
    }
    if said.errors:
        body["errors"] = said.errors
    response = Response(orjson.dumps(body), said.status, content_type=PROBLEM)
    response.headers.extend(said.headers)
    return response


def page(said: Said, request_id: str, locale: str, show: Callable[[], Response]) -> Response:
    """Give an error as a page; a plain one where even that fails."""
    try:
        response = show()
    except Exception:
        log.exception("the error page of request %s failed", request_id)
        text = plain_page(said, request_id, locale)
        response = Response(text, said.status, content_type="text/html; charset=utf-8")
    response.headers.extend(said.headers)
    return response


def plain_page(said: Said, request_id: str, locale: str) -> str:
    """Give an error as a page that needs nothing else to work."""
    return (
        f'<!doctype html><html lang="{escape(locale)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(said.title)}</title>'
        f"<body><main><h1>{escape(said.title)}</h1><p>{escape(said.detail)}</p>"
        f"<p><small>{escape(request_id)}</small></p></main></body></html>"
    )


def wants_page(request: Request) -> bool:
    """Whether the caller is a person at a page, and not a program."""
    return not request.path.startswith("/api/")


def wants_piece(request: Request) -> bool:
    """Whether a script of our pages asked for a piece of a page: it shows the sentence of a problem document."""
    return request.headers.get("HX-Request") == "true"


def by_field(messages: Mapping[str, Iterable[Message]], locale: str) -> list[dict[str, Any]]:
    """Give the messages of a record as data."""
    return [
        {"field": name or None, "code": message.code or "invalid", "message": message.show(locale)}
        for name, several in messages.items()
        for message in several
    ]


def known_codes() -> dict[str, int]:
    """Every code that a problem document may have of itself, with its status, for the documentation."""
    cases = [case for _, case in _CASES] + [case for case, _ in _HTTP.values()] + [_DUPLICATE, _BUSY, _OTHER]
    return {case.code: case.status for case in cases}


def _foreseen(error: DougongError, locale: str) -> Said:
    case = next((case for kind, case in _CASES if isinstance(error, kind)), _OTHER)
    if isinstance(error, errors.InvalidRecord) and _is_duplicate(error):
        case = _DUPLICATE
    details: list[dict[str, Any]] = []
    headers: dict[str, str] = {}
    detail = error.message.show(locale)
    match error:
        case errors.InvalidRecord():
            details = by_field(error.by_field, locale)
            detail = error.summary.show(locale)
            return Said(case.status, case.code, case.title.show(locale), detail, details)
        case DefinitionProblems():
            found = error.problems
            details = [{"field": str(each.place), "code": each.code, "message": each.message} for each in found]
            detail = Message("These definitions cannot be applied.").show(locale)
        case errors.Stale():
            headers["ETag"] = f'"{error.current}"'
        case Unreachable():
            # Why it cannot be reached names hosts and users; that is for the log.
            log.error("%s", error)
            detail = Message("The database does not answer. Try again in a moment.").show(locale)
            headers["Retry-After"] = "5"
        case LockedOut():
            headers["Retry-After"] = str(error.seconds)
        case errors.NotSignedIn():
            headers["WWW-Authenticate"] = "Bearer"
        case _:
            pass
    code = error.message.code or case.code
    return Said(case.status, code, case.title.show(locale), detail, details, headers)


def _is_duplicate(error: errors.InvalidRecord) -> bool:
    """Whether nothing is wrong with the values but that another record has them already."""
    return {message.code for messages in error.by_field.values() for message in messages} == {_DUPLICATE.code}


def _http(error: HTTPException, status: int, locale: str) -> Said:
    known = _HTTP.get(status)
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    if known is None:
        return Said(status, f"http_{status}", error.name, error.description or error.name, headers=headers)
    case, detail = known
    return Said(status, case.code, case.title.show(locale), detail.show(locale), headers=headers)


__all__ = [
    "Case",
    "FormRefused",
    "Said",
    "UnsupportedBody",
    "by_field",
    "describe",
    "known_codes",
    "plain_page",
    "problem",
    "wants_page",
    "wants_piece",
]
