"""one request is one context and one transaction

The hops of a request, in this order: who is it, open the transaction with the one opening statement, pin the catalog,
do the work, commit; or roll back on any error and on any answer of 400 and above. What every request needs is here and
nothing else, because every request pays for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flask import Request, Response, request

from dougong.base.actor import Actor
from dougong.base.errors import BadRequest, NotSignedIn, TooLarge
from dougong.base.names import new_id
from dougong.base.settings import Settings
from dougong.base.templating import Templates
from dougong.base.text import Message
from dougong.context import Context
from dougong.engine import Engine
from dougong.features.accounts import opening, repeats
from dougong.features.accounts.opening import Opened
from dougong.features.accounts.work import tell
from dougong.storage.database import is_stale_plan
from dougong.web import csrf, locales, sign_in
from dougong.web.pages.route import Visit
from dougong.web.streams import Streams

LARGEST_BODY = 16 * 1024 * 1024
FILES_AT_ONCE = 4
"""So many files of the largest size one request may bring; of smaller ones more."""
REQUEST_ID = "dougong.request_id"
LOCALE = "dougong.locale"
ROUTE = "dougong.route"

Edge = Literal["api", "page"]
"""How a route speaks: JSON and problem documents, or HTML."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API: what came, beside the context."""

    request: Request
    engine: Engine


@dataclass(frozen=True, slots=True)
class Unit:
    """How a route's unit of work is opened."""

    engine: Engine
    templates: Templates
    edge: Edge
    rule: str
    public: bool = False
    writes: bool = True
    """Whether anything but GET runs in a writing transaction; what opens its own must not wait for ours."""
    closed: bool = False
    """The work is done when the transaction is over already: it changes tables that ours has read."""
    uploads: bool = False
    """Whether it takes files: as many bytes as a few of the largest have."""
    streams: Streams = field(default_factory=Streams)
    """The places of answers that stay open: one budget for all routes of an application."""


class RolledBack(Exception):
    """Carries an answer out of a transaction that must not be committed."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(response.status)


def bind(unit: Unit, run: Callable[..., Response]) -> Callable[..., Response]:
    """Make the function that Flask calls for a route."""

    def view(**names: str) -> Response:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the proxy costs at each use
        try:
            return carry_out(unit, run, asked, names)
        except Exception as error:
            # A statement that PostgreSQL prepared before a table grew is good at the second try.
            if not is_stale_plan(error):
                raise
        return carry_out(unit, run, asked, names)

    return view


def carry_out(unit: Unit, run: Callable[..., Response], asked: Request, names: Mapping[str, str]) -> Response:
    """Answer one request inside its unit of work."""
    engine = unit.engine
    asked.environ[ROUTE] = unit.rule
    is_write = asked.method not in csrf.SAFE
    if is_write:
        _read_body(asked, largest_body(engine.settings) if unit.uploads else LARGEST_BODY)
    shown = sign_in.presented(asked)
    try:
        if shown is None and not unit.public:
            raise nobody()
        with engine.database.open(write=is_write and unit.writes) as connection:
            opened = _open(engine, connection, shown, is_public=unit.public)
            if opened is None and not unit.public:
                raise nobody()
            if is_write:
                _check_form(unit, asked, opened)
            ctx = _context(unit, asked, opened, connection)
            response = None if unit.closed else _work(unit, run, ctx, asked, opened, names)
    except RolledBack as carried:
        return carried.response
    tell(engine, ctx.announced)
    if response is None:
        response = run(ctx, _given(unit, asked, opened), **names)
    if opened is not None and opened.is_stale:
        opening.note_use(engine.database, opened, engine.clock.now())
    return response


def look_again(
    engine: Engine, templates: Templates, asked: Request, show: Callable[[Context, Visit], Response]
) -> Response | None:
    """Show something to whoever is signed in, in a unit of work of its own that only reads; None where nobody is.

    It is for what is said after a request's own unit of work has failed, or where it had none.
    """
    shown = sign_in.presented(asked)
    if shown is None or shown.proof != "session":
        return None
    with engine.database.open(write=False) as connection:
        opened = _open(engine, connection, shown)
        if opened is None:
            return None
        unit = Unit(engine, templates, "page", "")
        return show(_context(unit, asked, opened, connection), Visit(asked, engine, templates, opened.csrf))


def _open(
    engine: Engine, connection: Any, shown: sign_in.Presented | None, *, is_public: bool = False
) -> Opened | None:
    if shown is None:
        return None
    try:
        return opening.find(
            connection,
            engine.database,
            engine.catalog(),
            proof=shown.proof,
            key=shown.secret,
            now=engine.clock.now(),
            locale=engine.locale,
            zone=engine.zone,
        )
    except NotSignedIn:
        # The sign-in page is for whoever brings a token that is over, too.
        if not is_public:
            raise
    return None


def _check_form(unit: Unit, asked: Request, opened: Opened | None) -> None:
    """Refuse a write that another site makes a browser send."""
    if unit.public or opened is None:
        csrf.check_origin(asked)
    elif opened.proof == "session":
        csrf.check(asked, opened.csrf)


def _work(
    unit: Unit,
    run: Callable[..., Response],
    ctx: Context,
    asked: Request,
    opened: Opened | None,
    names: Mapping[str, str],
) -> Response:
    given = _given(unit, asked, opened)
    if isinstance(given, Call) and asked.method == "POST" and "HTTP_IDEMPOTENCY_KEY" in asked.environ:
        response = _once(run, ctx, given, names)
    else:
        response = run(ctx, given, **names)
    if response.status_code >= 400:
        raise RolledBack(response)
    return response


def _given(unit: Unit, asked: Request, opened: Opened | None) -> Call | Visit:
    """What the function of a route gets beside the context."""
    if unit.edge == "api":
        return Call(asked, unit.engine)
    csrf_token = opened.csrf if opened is not None else ""
    return Visit(asked, unit.engine, unit.templates, csrf_token, unit.streams)


def _context(unit: Unit, asked: Request, opened: Opened | None, connection: Any) -> Context:
    engine = unit.engine
    environ = asked.environ
    if opened is None:
        actor = Actor(id="", name="", locale=locales.of_stranger(asked, engine.locale), zone=engine.zone)
        catalog = engine.current(connection)
    else:
        actor = opened.actor
        if opened.proof == "token" and "HTTP_ACCEPT_LANGUAGE" in environ:
            # A program says in each request which language it wants; a person has chosen theirs.
            actor = replace(actor, locale=locales.negotiate(environ["HTTP_ACCEPT_LANGUAGE"], actor.locale))
        catalog = engine.current(connection, opened.fingerprint)
        environ[sign_in.OPENED] = opened
    environ[LOCALE] = actor.locale
    return Context(
        actor=actor,
        catalog=catalog,
        connection=connection,
        database=engine.database,
        clock=engine.clock,
        base_currency=engine.base_currency,
        zone=engine.zone,
        door="api" if unit.edge == "api" else "screen",
        request_id=environ[REQUEST_ID],
        listeners=engine.listeners,
        performers=engine.performers,
        subscribers=engine.subscribers,
    )


def nobody() -> NotSignedIn:
    """Say that nobody is signed in. A person is then led to the sign-in page."""
    return NotSignedIn(Message("Sign in, or send a token that holds.", code="not_signed_in"))


def largest_body(settings: Settings) -> int:
    """Give how many bytes a request with files may bring: a few of the largest, and the form around them."""
    return max(LARGEST_BODY, (FILES_AT_ONCE * settings.file_limit + 1) * 1024 * 1024)


def _read_body(asked: Request, most: int) -> None:
    """Take the body before the transaction begins: a slow sender must not hold the database's lock.

    Files in it go to temporary files as they come, so that memory stays flat.
    """
    length = asked.content_length
    if length is not None and length > most:
        raise _too_large(most)
    asked.max_content_length = most
    if asked.mimetype in _FORMS:
        _ = asked.form
    elif length is not None and length > LARGEST_BODY:
        raise _too_large(LARGEST_BODY)
    elif len(asked.get_data(cache=True)) >= LARGEST_BODY and length is None:
        # A body that came without its length was cut off at the limit, silently.
        raise _too_large(LARGEST_BODY)


def _too_large(most: int) -> TooLarge:
    return TooLarge(Message("A request may bring {most} MiB at most.", code="too_large", most=most // 1024 // 1024))


def _once(run: Callable[..., Response], ctx: Context, call: Call, names: Mapping[str, str]) -> Response:
    """Do a POST once for its `Idempotency-Key`, and answer a retry as the first time."""
    asked = call.request
    key = asked.environ["HTTP_IDEMPOTENCY_KEY"].strip()
    if not 1 <= len(key) <= repeats.LONGEST_KEY:
        raise BadRequest(
            Message("An Idempotency-Key has 1 to {most} characters.", code="idempotency_key", most=repeats.LONGEST_KEY)
        )
    body = hashlib.sha256(f"{asked.method} {asked.full_path}\n".encode() + asked.get_data()).hexdigest()
    before = repeats.begin(ctx, key, body)
    if before is not None:
        response = Response(before.body, before.status)
        response.headers.update(dict(before.headers))
        response.headers["Idempotency-Replayed"] = "true"
        return response
    response = run(ctx, call, **names)
    if response.status_code < 400:
        kept = {name: value for name, value in response.headers.items() if name in ("Content-Type", "ETag", "Location")}
        repeats.finish(ctx, key, repeats.Answer(response.status_code, response.get_data(), kept))
    return response


def request_id(given: str) -> str:
    """Take the id that a proxy gave a request, if it is one; or make one."""
    is_good = 8 <= len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
    return given if is_good else new_id()
