"""build the Flask application around an engine

Nothing here is global: two engines in one process are two applications that share nothing.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map

from dougong.base import log as request_log
from dougong.base.errors import DougongError, NotSignedIn
from dougong.base.log import Answered
from dougong.base.templating import Templates
from dougong.engine import Engine
from dougong.storage.database import Database
from dougong.web import errors, health, locales, sign_in, unit_of_work
from dougong.web.pages import PAGES
from dougong.web.pages import errors as error_page
from dougong.web.pages.frame import THEME
from dougong.web.streams import USUAL, Streams
from dougong.web.unit_of_work import LARGEST_BODY, LOCALE, REQUEST_ID, ROUTE, Unit
from dougong.web.urls import ENDPOINTS, PLAIN, Plain

_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

MOST_FORM_PARTS = 20_000
"""A record with a thousand lines is a form of many parts."""

_UNKEPT = ("Cache-Control", "no-store")
_ASKED_AGAIN = ("Cache-Control", "private, no-cache")

log = logging.getLogger(__name__)


def create_app(engine: Engine, templates: Templates | None = None, *, streams: int = USUAL) -> Flask:
    """Build the application of one engine; so many of its answers may stay open at once."""
    app = Flask("dougong.web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = MOST_FORM_PARTS
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.url_map.strict_slashes = False
    pages = templates or Templates()
    numbers = health.install(app)
    sign_in.install(app)
    _add_routes(app, engine, pages, Streams(streams))
    app.register_error_handler(Exception, functools.partial(_failed, engine, pages, app.url_map))
    app.wsgi_app = Frame(app.wsgi_app, numbers, engine.database)  # type: ignore[method-assign]
    trusted = engine.settings.trusted_proxies
    if trusted:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
    return app


def _add_routes(app: Flask, engine: Engine, pages: Templates, streams: Streams) -> None:
    def add(rule: str, name: str, view: Callable[..., Response], methods: tuple[str, ...]) -> None:
        app.add_url_rule(rule, name, view, methods=methods)

    for row in ENDPOINTS:
        unit = Unit(engine, pages, "api", row.rule, writes=not row.closed, closed=row.closed, uploads=row.uploads)
        add(row.rule, row.name, unit_of_work.bind(unit, row.run), row.methods)
    for page in PAGES:
        writes = page.writes and not page.public
        unit = Unit(
            engine,
            pages,
            "page",
            page.rule,
            public=page.public,
            writes=writes,
            closed=page.closed,
            uploads=page.uploads,
        )
        unit = replace(unit, streams=streams)
        add(page.rule, page.name, unit_of_work.bind(unit, page.run), page.methods)
    for plain in PLAIN:
        add(plain.rule, plain.name, _outside(engine, app, plain), ("GET",))


def _outside(engine: Engine, app: Flask, row: Plain) -> Callable[..., Response]:
    """Make the function of an address that has no unit of work."""

    def view(**names: str) -> Response:
        request.environ[ROUTE] = row.rule
        return row.run(engine, app, request, **names)

    return view


class Frame:
    """What every request begins with and every answer ends with, whoever gives it.

    It stands around Flask and not in its hooks: those cost more than all that is done here.
    """

    def __init__(self, inner: Any, numbers: health.Metrics, database: Database) -> None:
        self._inner = inner
        self._numbers = numbers
        self._database = database

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer a request."""
        started, sent = time.perf_counter(), self._database.sent
        environ[REQUEST_ID] = request_id = unit_of_work.request_id(environ.get("HTTP_X_REQUEST_ID", ""))

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = {name for name, _ in headers}
            headers += [each for each in _HEADERS if each[0] not in own]
            headers.append(("X-Request-Id", request_id))
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(_UNKEPT if environ["PATH_INFO"].startswith("/api/") else _ASKED_AGAIN)
            route, method, code = environ.get(ROUTE, "none"), environ["REQUEST_METHOD"], int(status[:3])
            seconds = time.perf_counter() - started
            self._numbers.count(route, method, code, seconds)
            if request_log.is_open():
                opened = environ.get(sign_in.OPENED)
                request_log.answered(
                    Answered(
                        request_id=request_id,
                        method=method,
                        route=route,
                        status=code,
                        ms=round(seconds * 1000, 1),
                        statements=self._database.sent - sent,
                        user=opened.actor.id if opened is not None else "",
                    )
                )
            return start_response(status, headers, exc_info)

        return self._inner(environ, begin)


def _failed(engine: Engine, pages: Templates, addresses: Map, error: Exception) -> Response:
    """Answer for an error, whatever it is; what nobody foresaw is written to the log with the request's number."""
    asked: Request = request
    request_id = asked.environ.get(REQUEST_ID, "")
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response  # type: ignore[return-value]
    locale = asked.environ.get(LOCALE) or locales.of_stranger(asked, engine.locale)
    if not isinstance(error, DougongError | HTTPException):
        route = asked.environ.get(ROUTE, "none")
        known = {"request_id": request_id}
        log.error("request %s to %s %s failed", request_id, asked.method, route, exc_info=error, extra=known)
    said = errors.describe(error, locale)
    if errors.wants_page(asked) and isinstance(error, NotSignedIn):
        return sign_in.lead_to_page(asked, addresses)
    if not errors.wants_page(asked) or errors.wants_piece(asked):
        return errors.problem(said, request_id)

    def told(locale: str) -> error_page.Trouble:
        """Say it in a language: that of who is signed in is known only when they are asked for once more."""
        said = errors.describe(error, locale)
        return error_page.Trouble(
            status=said.status,
            title=said.title,
            message=said.detail,
            request_id=request_id,
            has_hint=said.code != error_page.DELETED,
            links=error.links if isinstance(error, error_page.RecordMissing) else (),
        )

    alone = functools.partial(error_page.show, pages, told(locale), locale=locale, theme=asked.cookies.get(THEME, ""))
    within = functools.partial(error_page.show_within, told=told)
    framed = functools.partial(_page_of, engine, pages, asked, within if said.status < 500 else None, alone)
    return errors.page(said, request_id, locale, framed)


def _page_of(
    engine: Engine,
    pages: Templates,
    asked: Request,
    within: Callable[..., Response] | None,
    alone: Callable[[], Response],
) -> Response:
    """Show an error within the navigation of whoever is signed in; alone where that cannot be found out."""
    if within is not None:
        try:
            framed = unit_of_work.look_again(engine, pages, asked, within)
        except Exception:
            log.exception("the frame of the error page of request %s failed", asked.environ.get(REQUEST_ID, ""))
        else:
            if framed is not None:
                return framed
    return alone()
