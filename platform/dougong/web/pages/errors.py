"""the page that says what went wrong"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.templating import Templates
from dougong.base.text import Message
from dougong.context import Context
from dougong.web.pages import frame as frames
from dougong.web.pages.route import Visit
from dougong.web.present import address, page
from dougong.web.present.page import Frame, Link

_ICONS = {
    401: "lock",
    403: "lock",
    404: "search",
    409: "arrows-split",
    410: "trash",
    412: "arrows-split",
    413: "file-zip",
    500: "tool",
}
DELETED = "deleted"
"""The code of the message about a record that is no more."""
_HOME = (Message("To the start page"), address.HOME)
_HINTS = {
    403: Message("If you need it for your work, ask your administrator for the right."),
    404: Message("It may not exist, it may have been deleted, or it may not be yours to see."),
    409: Message("Go back, load the page again, and look at what is there now."),
    410: Message("It was here once and was taken away for good."),
    405: Message("Go back and use the buttons of the page."),
    500: Message("Nothing of what you sent was saved halfway."),
}


class RecordMissing(NotFound):
    """A record that there is not, or no more; `links` lead on from there."""

    def __init__(self, message: Message, links: tuple[tuple[Message, str], ...]) -> None:
        self.links = links
        super().__init__(message)


@dataclass(frozen=True)
class ErrorPage:
    """What went wrong, and where to go now."""

    frame: Frame
    """What stands around it."""
    icon: str
    """A name of the icon sprite."""
    heading: str
    """What went wrong, shortly."""
    sentence: str
    """The same, as a sentence."""
    hint: str
    """What to do; blank where there is nothing to add."""
    links: tuple[Link, ...]
    """Where to go now."""
    request_id: str
    """The number to tell the administrator; blank where it helps nobody."""


@dataclass(frozen=True)
class Trouble:
    """An error in words, before it is known what stands around it."""

    status: int
    """The status of the answer."""
    title: str
    """What went wrong, shortly."""
    message: str
    """The same, as a sentence."""
    request_id: str = ""
    """The number of the request."""
    has_hint: bool = True
    """Whether what usually helps with such an error helps here."""
    links: tuple[tuple[Message, str], ...] = ()
    """Where to go now, as label and address; where nothing is said, to the start page."""


def show(templates: Templates, what: Trouble, *, locale: str, theme: str = "") -> Response:
    """Show an error alone. It needs no database: what failed may have been just that."""
    known = page.known_locale(locale)
    frame = Frame(title=what.title, locale=known, theme=theme, csrf="", path="/")
    return _answer(templates, what, frame)


def show_within(ctx: Context, visit: Visit, *, told: Callable[[str], Trouble]) -> Response:
    """Show an error with the navigation of whoever is signed in, in their language."""
    what = told(page.known_locale(ctx.locale))
    return _answer(visit.templates, what, frames.frame(ctx, visit, what.title))


def _answer(templates: Templates, what: Trouble, frame: Frame) -> Response:
    known = frame.locale
    hint = _HINTS.get(what.status) if what.has_hint else None
    model = ErrorPage(
        frame=frame,
        icon=_ICONS.get(what.status, "alert-triangle"),
        heading=what.title,
        sentence=what.message,
        hint=hint.show(known) if hint else "",
        links=tuple(Link(label.show(known), href) for label, href in what.links or (_HOME,)),
        request_id=what.request_id if what.status >= 500 else "",
    )
    html = templates.render("error.html", model, locale=known)
    return Response(html, what.status, content_type=frames.HTML)
