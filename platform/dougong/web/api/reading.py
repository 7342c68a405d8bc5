"""what came over the wire: bodies, query parameters, versions; anything odd is a 400 that says so"""

from __future__ import annotations

import decimal
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Request

from dougong.base.errors import BadRequest
from dougong.base.names import hint_to
from dougong.base.text import Message
from dougong.web.errors import UnsupportedBody

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_TRUE_FALSE = {"true": True, "1": True, "false": False, "0": False}


def json_object(request: Request) -> dict[str, Any]:
    """Read a body that must be one JSON object, strictly; numbers with a point stay exact."""
    if not request.is_json:
        raise UnsupportedBody(Message("Send the body as application/json.", code="unsupported_body"))
    raw = request.get_data()
    if not raw.strip():
        raise BadRequest(Message("The body is empty; send a JSON object.", code="json"))
    try:
        # The strict reader first: it refuses NaN, lone surrogates, bad UTF-8 and depth. The second one keeps decimals
        # exact and sees a key that is there twice. Together they take microseconds for what people send.
        orjson.loads(raw)
        body = _DECODER.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise _unreadable(error) from None
    if not isinstance(body, dict):
        raise BadRequest(Message("The body must be one JSON object.", code="json"))
    return body


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(Message("The key '{name}' is in the body twice.", code="json_duplicate", name=twice))
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=decimal.Decimal)


def _unreadable(error: Exception) -> BadRequest:
    reason = str(error).split(": line")[0] if isinstance(error, ValueError) else "too deeply nested"
    place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    said = ", ".join(part for part in (reason, place) if part)
    return BadRequest(Message("The body is not JSON: {reason}.", code="json", reason=said))


def parameters(request: Request, known: Iterable[str]) -> Mapping[str, str]:
    """Read the query, each parameter at most once; an unknown one is refused by its name."""
    if not request.query_string:
        return {}
    allowed = tuple(known)
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if name not in allowed:
            raise BadRequest(
                Message(
                    "There is no parameter '{name}'; {hint}",
                    code="unknown_parameter",
                    name=name[:100],
                    hint=hint_to(name[:100], allowed),
                )
            )
        if len(values) > 1:
            raise BadRequest(Message("The parameter '{name}' is there twice.", code="parameter", name=name))
        if "\0" in values[0]:
            raise BadRequest(Message("The parameter '{name}' is not text.", code="parameter", name=name))
        found[name] = values[0]
    return found


def whole_number(given: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number within its limits."""
    text = given.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    if number is None or not least <= number <= most:
        raise BadRequest(
            Message(
                "'{name}' is a number from {least} to {most}, not '{value}'.",
                code="parameter",
                name=name,
                least=least,
                most=most,
                value=text[:50],
            )
        )
    return number


def yes_or_no(given: Mapping[str, str], name: str) -> bool:
    """Read `true` or `false`; not there is false."""
    text = given.get(name, "false")
    if text not in _TRUE_FALSE:
        raise BadRequest(
            Message("'{name}' is true or false, not '{value}'.", code="parameter", name=name, value=text[:50])
        )
    return _TRUE_FALSE[text]


def one_of(given: Mapping[str, str], name: str, known: Iterable[str], *, default: str) -> str:
    """Read one of a few words."""
    text = given.get(name, default)
    if text not in (words := tuple(known)):
        raise BadRequest(
            Message(
                "'{name}' is one of {words}, not '{value}'.",
                code="parameter",
                name=name,
                words=", ".join(words),
                value=text[:50],
            )
        )
    return text


def words(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read a list with commas."""
    return tuple(word for each in given.get(name, "").split(",") if (word := each.strip()))


def condition(request: Request, given: Mapping[str, str]) -> tuple[int | None, bool]:
    """Read on what a write depends: the version from `If-Match`, and whether it simply wants to be last."""
    last_write = yes_or_no(given, "last_write")
    header = request.headers.get("If-Match")
    if header is None:
        return None, last_write
    if header.strip() == "*":
        return None, True
    match = _ETAG.fullmatch(header.strip()) or re.fullmatch(r"(\d{1,18})", header.strip())
    if match is None:
        raise BadRequest(
            Message('If-Match holds the version that was read, such as "3" with its quotation marks.', code="if_match")
        )
    return int(match[1]), last_write
