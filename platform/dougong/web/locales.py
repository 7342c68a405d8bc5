"""which of our languages a caller would like"""

from __future__ import annotations

from flask import Request

COOKIE = "locale"
"""What the sign-in page remembers of a stranger."""

SPOKEN = ("zh-CN", "en")
"""The languages that our own sentences are in; the first of a family stands for it."""


def nearest(asked: str) -> str | None:
    """Give our language that is nearest to one asked for: `zh-TW` → `zh-CN`, `en-GB` → `en`."""
    family = asked.strip().split("-")[0].lower()
    return next((code for code in SPOKEN if code.split("-")[0] == family), None)


def negotiate(header: str | None, otherwise: str) -> str:
    """Read `Accept-Language`; without one, or with none of ours in it, the other one stands."""
    if not header:
        return otherwise
    wanted = sorted((_weighed(part) for part in header.split(",")), key=lambda each: -each[0])
    found = (nearest(code) for weight, code in wanted if weight > 0)
    return next((code for code in found if code), otherwise)


def of_stranger(request: Request, otherwise: str) -> str:
    """The language of one who is not signed in: as chosen on the sign-in page, else as the browser asks."""
    chosen = nearest(request.cookies.get(COOKIE, ""))
    return chosen or negotiate(request.environ.get("HTTP_ACCEPT_LANGUAGE"), otherwise)


def _weighed(part: str) -> tuple[float, str]:
    code, _, rest = part.partition(";")
    try:
        weight = float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
    except ValueError:
        weight = 0.0
    return weight, code
