"""where things are: the addresses of our pages"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

HOME = "/"
SIGN_IN = "/sign-in"
ACCOUNT = "/account"
ADMIN = "/admin"
INBOX = "/inbox"
PROMISES = "/jobs/promises"
ROWS = "behind-number"
"""The view of the records behind a number; no author's view can be called so."""


def listing(object_name: str, **query: str | None) -> str:
    """Give the list of an object."""
    return with_query(f"/o/{object_name}", query.items())


def record(object_name: str, record_id: str, part: str = "") -> str:
    """Give the page of a record, or a part of it: edit, delete, history."""
    return f"/o/{object_name}/{record_id}" + (f"/{part}" if part else "")


def comment(object_name: str, record_id: str, comment_id: str) -> str:
    """Give where a comment is changed (`/edit`) or taken back (`/delete`)."""
    return record(object_name, record_id, f"comments/{comment_id}")


def file(file_id: str) -> str:
    """Give the page of a file."""
    return f"/files/{file_id}"


def new(object_name: str, **given: str) -> str:
    """Give the form for a new record, with some values filled in."""
    return with_query(f"/o/{object_name}/new", given.items())


def compute(object_name: str, record_id: str = "") -> str:
    """Give what a form asks what its formulas give now; of a new record, or of one that is there."""
    return with_query(f"/o/{object_name}/compute", [("record", record_id)])


def suggest(object_name: str) -> str:
    """Give what a lookup asks while one types."""
    return f"/o/{object_name}/suggest"


def export(object_name: str) -> str:
    """Give the list of an object as a file."""
    return f"/o/{object_name}/export"


def inbox(**query: str | None) -> str:
    """Give a part of the inbox."""
    return with_query(INBOX, query.items())


def work_item(item_id: str) -> str:
    """Give the page of a work item, or of an approval by its id."""
    return f"{INBOX}/{item_id}"


def button(object_name: str, record_id: str, name: str) -> str:
    """Give where a button of a record is pressed, and where it asks for what it wants to know."""
    return f"/o/{object_name}/{record_id}/buttons/{name}"


def imports(object_name: str, upload_id: str = "") -> str:
    """Give where files are imported into an object, or one file on its way."""
    return f"/o/{object_name}/import" + (f"/{upload_id}" if upload_id else "")


def import_batch(object_name: str, batch_id: str) -> str:
    """Give the page of an import there was."""
    return f"/o/{object_name}/import/batch/{batch_id}"


def print_record(object_name: str, record_id: str, template: str) -> str:
    """Give a record on paper."""
    return record(object_name, record_id, f"print/{template}")


def print_list(object_name: str) -> str:
    """Give the list of an object on paper."""
    return f"/o/{object_name}/print"


def report(name: str) -> str:
    """Give the page of a report."""
    return f"/reports/{name}"


def dashboard(name: str) -> str:
    """Give the page of a dashboard."""
    return f"/dashboards/{name}"


def rows(object_name: str, where: str) -> str:
    """Give the list of the records behind a number."""
    return listing(object_name, view=ROWS, where=where)


def revoke_token(token_id: str) -> str:
    """Give where the form goes that ends a token of one's own."""
    return f"{ACCOUNT}/tokens/{token_id}/revoke"


def password(user_id: str) -> str:
    """Give the page on which an administrator sets a user's password."""
    return f"/users/{user_id}/password"


def jobs(of: str | None = None, before: str | None = None) -> str:
    """Give the page of long work: one's own, or everyone's; the older ones behind a job."""
    return with_query("/jobs", (("of", of), ("before", before)))


def notifications(before: str | None = None) -> str:
    """Give what one was told; the older ones behind a notification."""
    return with_query("/notifications", (("before", before),))


def notification(notification_id: str) -> str:
    """Give where a notification is opened."""
    return f"/notifications/{notification_id}"


def cancel_job(job_id: str) -> str:
    """Give where a job is stopped."""
    return f"/jobs/{job_id}/cancel"


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


def search(words: str, object_name: str = "", **query: str | None) -> str:
    """Give the page of everything that was found, or of one object."""
    return with_query("/search", (("q", words), ("in", object_name), *query.items()))
