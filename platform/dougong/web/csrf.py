"""refuse a form that we did not send

A browser sends our cookie along with whatever another site makes it post. Only our own pages know the token that
belongs to the session. A bearer token is never sent unasked, so requests with one need nothing more.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import Request

from dougong.base.text import Message
from dougong.web.errors import FormRefused

FIELD = "csrf_token"
HEADER = "HTTP_X_CSRF_TOKEN"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def check(request: Request, expected: str) -> None:
    """Refuse a write of a session that does not bring the session's token."""
    given = request.environ.get(HEADER)
    if given is None and request.mimetype in _FORMS:
        given = request.form.get(FIELD)
    if not given or not expected or not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise FormRefused(
            Message("This form is no longer valid. Load the page again and send it once more.", code="csrf")
        )


def check_origin(request: Request) -> None:
    """Refuse a form from another site where there is no session yet, such as signing in."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.host
    if not is_ours:
        raise FormRefused(Message("This form comes from another site.", code="csrf"))
