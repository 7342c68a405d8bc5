"""the page that says what went wrong"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from dougong.base.templating import Templates
from dougong.base.text import Message
from dougong.web.present import address, page
from dougong.web.present.page import Frame, Link

_ICONS = {
    401: "lock",
    403: "lock",
    404: "search",
    409: "arrows-split",
    412: "arrows-split",
    413: "file-zip",
    500: "tool",
}
_HINTS = {
    403: Message("If you need it for your work, ask your administrator for the right."),
    404: Message("It may not exist, it may have been deleted, or it may not be yours to see."),
    405: Message("Go back and use the buttons of the page."),
    500: Message("Nothing of what you sent was saved halfway."),
}


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


def show(
    templates: Templates,
    *,
    locale: str,
    status: int,
    title: str,
    message: str,
    theme: str = "",
    request_id: str = "",
) -> Response:
    """Show an error. It needs no database: what failed may have been just that."""
    known = page.known_locale(locale)
    frame = Frame(title=title, locale=known, theme=theme, csrf="", path="/")
    hint = _HINTS.get(status)
    model = ErrorPage(
        frame=frame,
        icon=_ICONS.get(status, "alert-triangle"),
        heading=title,
        sentence=message,
        hint=hint.show(known) if hint else "",
        links=(Link(Message("To the start page").show(known), address.HOME),),
        request_id=request_id if status >= 500 else "",
    )
    return Response(
        templates.render("error.html", model, locale=known), status, content_type="text/html; charset=utf-8"
    )
