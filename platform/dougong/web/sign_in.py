"""Flask-Login turned into an actor"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import flask_login
from flask import Flask, Request, Response
from werkzeug.routing import Map

from dougong.features.accounts.opening import Opened, Proof
from dougong.features.accounts.sessions import Session

PAGE = "/sign-in"
COOKIE = "dougong_session"
OPENED = "dougong.opened"
"""Where the unit of work leaves what the opening statement found, in the request's environment."""

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request brings to show who it is from."""

    proof: Proof
    secret: str


class SignedIn(flask_login.UserMixin):  # type: ignore[misc]
    """Flask-Login's idea of a user: the actor of this request's unit of work."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened

    def get_id(self) -> str:
        """Give the user's id."""
        return self.opened.actor.id


def presented(request: Request) -> Presented | None:
    """Read the bearer token or the session's cookie; a token that is there counts alone."""
    authorization: str | None = request.environ.get("HTTP_AUTHORIZATION")
    if authorization is not None:
        if authorization[: len(_BEARER)].lower() != _BEARER:
            return None
        return Presented("token", authorization[len(_BEARER) :].strip())
    secret = request.cookies.get(COOKIE)
    return Presented("session", secret) if secret else None


def address(request: Request, *, trusted_proxies: int) -> str | None:
    """Give the address that a request comes from; None where a proxy that nobody told us of stands in front.

    Everybody comes from its address then, and one who guesses passwords would lock all others out.
    """
    found = request.remote_addr
    if trusted_proxies or "HTTP_X_FORWARDED_FOR" not in request.environ:
        return found
    try:
        return None if ipaddress.ip_address(found or "").is_private else found
    except ValueError:
        return found


def opened(request: Request) -> Opened:
    """Give what the opening statement of this request found; `.digest` names its session."""
    found: Opened = request.environ[OPENED]
    return found


def install(app: Flask) -> None:
    """Let `flask_login.current_user` be the actor at the HTML edge.

    Only the loader is used: our sessions are rows that end at once, so its own cookies stay out of it.
    """
    manager = flask_login.LoginManager()
    manager.request_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def _load(request: Request) -> SignedIn | None:
    opened: Opened | None = request.environ.get(OPENED)
    return SignedIn(opened) if opened is not None else None


def lead_to_page(request: Request, pages: Map) -> Response:
    """Send a person to the sign-in page, and from there back to where they wanted to go."""
    if request.headers.get("HX-Request") == "true":
        return _lead_whole_page(request)
    if request.method in ("GET", "HEAD"):
        return Response(status=303, headers={"Location": f"{PAGE}?next={quote(request.full_path.rstrip('?'))}"})
    # A form is sent to the address of its own page.
    methods = pages.bind("").allowed_methods(request.path)
    here = request.path if "GET" in methods else "/"
    return Response(status=303, headers={"Location": f"{PAGE}?next={quote(here)}&ended=1"})


def _lead_whole_page(request: Request) -> Response:
    """Answer a script that asked for a piece of a page: the whole page goes to sign in, and comes back to itself."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = f"{shown.path}?{shown.query}" if shown.query else shown.path
    is_ours = shown.netloc == request.host and here.startswith("/") and not here.startswith("//")
    href = f"{PAGE}?next={quote(here if is_ours else '/')}&ended=1"
    return Response(status=401, headers={"HX-Redirect": href})


def remember(response: Response, request: Request, session: Session) -> None:
    """Give the browser the secret of a new session; it ends with the browser or when the session does."""
    response.set_cookie(
        COOKIE,
        session.secret,
        expires=session.expires_at,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def forget(response: Response, request: Request) -> None:
    """Take the secret away from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure)
