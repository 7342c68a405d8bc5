"""where things are: the addresses of our pages"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

HOME = "/"
SIGN_IN = "/sign-in"
ACCOUNT = "/account"
ADMIN = "/admin"


def listing(object_name: str, **query: str | None) -> str:
    """Give the list of an object."""
    return with_query(f"/o/{object_name}", query.items())


def record(object_name: str, record_id: str, part: str = "") -> str:
    """Give the page of a record, or a part of it: edit, delete, history."""
    return f"/o/{object_name}/{record_id}" + (f"/{part}" if part else "")


def new(object_name: str, **given: str) -> str:
    """Give the form for a new record, with some values filled in."""
    return with_query(f"/o/{object_name}/new", given.items())


def suggest(object_name: str) -> str:
    """Give what a lookup asks while one types."""
    return f"/o/{object_name}/suggest"


def export(object_name: str) -> str:
    """Give the list of an object as a file."""
    return f"/o/{object_name}/export"


def report(name: str) -> str:
    """Give the page of a report."""
    return f"/reports/{name}"


def with_query(path: str, query: Iterable[tuple[str, str | None]]) -> str:
    """Put a query behind a path; blanks are left out."""
    said = urlencode([(name, value) for name, value in query if value])
    return f"{path}?{said}" if said else path


def is_local(url: str) -> bool:
    """Whether an address leads to this site: a path, and no way for a browser to read a host into it."""
    if not url.startswith("/") or url.startswith("//") or "\\" in url or any(ord(sign) < 32 for sign in url):
        return False
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def is_within(path: str, href: str) -> bool:
    """Whether a page stands at a link of the navigation, or below it."""
    here, there = urlsplit(path), urlsplit(href)
    if there.query:
        asked = dict(parse_qsl(here.query))
        return here.path == there.path and all(asked.get(name) == value for name, value in parse_qsl(there.query))
    return here.path == there.path or here.path.startswith(there.path.rstrip("/") + "/")
