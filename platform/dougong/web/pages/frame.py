"""what stands around every page, and how a page answers"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from flask import Response

from dougong.access.grants import ADMINISTRATOR
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds import Dashboard, Flow, Menu, View
from dougong.features.activity import centre
from dougong.features.flows import inbox
from dougong.features.reports import dashboard
from dougong.records import service as records
from dougong.sdk.field_type import Showing
from dougong.web.pages.route import Visit
from dougong.web.present import address, page
from dougong.web.present.page import Frame, Link, Notice, Search
from dougong.web.present.value import Look

HTML = "text/html; charset=utf-8"
NOTICE = "notice"
"""The cookie that carries a short message over a redirect."""
THEME = "theme"
DENSITY = "density"
"""Cookies that repeat what the person's own record says, so that every page comes in their look at once."""
SIDE = "side"
"""The cookie of the navigation in this browser: `compact`, and the names of folded groups, between full stops."""
THEMES = ("light", "dark")
DENSITIES = ("compact",)
YEAR = 365 * 24 * 3600
MOST_FOLDED = 100

_NOTICES = {
    "created": Message("“{title}” was created."),
    "saved": Message("“{title}” was saved."),
    "unchanged": Message("Nothing was changed."),
    "deleted": Message("“{title}” was deleted."),
    "pasted": Message("{title} records were created."),
    "pressed": Message("Done: {title}."),
    "preferences": Message("Your preferences were saved."),
    "token_revoked": Message("The token is revoked: the next request with it is refused."),
    "commented": Message("Your comment stands here now."),
    "comment_untold": Message("Your comment stands here now. Not told, as they may not see this record: {title}."),
    "comment_deleted": Message("The comment was taken back."),
    "file_added": Message("Added: {title}."),
    "file_deleted": Message("“{title}” was taken away."),
    "password": Message("Your password was changed. Other sessions were signed out."),
    "password_set": Message("“{title}” has a new password, and was signed out everywhere."),
    "user_created": Message("“{title}” was created. Without a password this person cannot sign in."),
    "applied": Message("The plan was carried out: {title}."),
    "stored": Message("“{title}” was saved."),
    "flow_approve": Message("You approved “{title}”."),
    "flow_reject": Message("You rejected “{title}”."),
    "flow_return": Message("You returned “{title}”."),
    "flow_transfer": Message("You transferred “{title}”."),
    "flow_cc": Message("A copy of “{title}” was sent."),
    "flow_remind": Message("Those who decide on “{title}” were reminded."),
    "flow_withdraw": Message("You withdrew “{title}”."),
    "flow_read": Message("You have read “{title}”."),
    "all_read": Message("All notifications are marked as read."),
    "job_cancelled": Message("The job is asked to stop. What it has done already stays done."),
    "promises_retried": Message("{title} promises are tried again."),
    "promise_given_up": Message("The promise was given up."),
}
"""Only these can be said by the cookie, so nobody can put words into our mouth."""


def may_read(ctx: Context) -> Callable[[str], bool]:
    """Say which objects this person may read records of."""
    return lambda object_name: object_name in ctx.catalog.objects and records.may(ctx, "read", object_name)


def is_administrator(ctx: Context) -> bool:
    """Whether this person administers the installation."""
    return ADMINISTRATOR in ctx.actor.roles and ctx.actor.token_scope is None


def look(ctx: Context) -> Look:
    """Say for whom values are shown."""
    showing = Showing(
        locale=page.known_locale(ctx.locale),
        zone=ctx.actor.zone,
        base_currency=ctx.base_currency,
        options=ctx.catalog.options,
        today=ctx.today(),
    )
    return Look(ctx.catalog, showing, may_read(ctx))


def frame(
    ctx: Context,
    visit: Visit,
    title: str,
    *,
    crumbs: tuple[Link, ...] = (),
    search_in: str | None = None,
    words: str = "",
    with_chart: bool = False,
) -> Frame:
    """Gather what stands around a page; `search_in` is the object it is about, `words` what it has searched for."""
    locale = page.known_locale(ctx.locale)
    path = _path(visit)
    reads = may_read(ctx)
    # The pages of an apply answer when their transaction is over: they do without what is counted.
    counts = bool(ctx.actor.id) and not ctx.connection.closed
    side = frozenset(visit.request.cookies.get(SIDE, "").split(".")[:MOST_FOLDED])
    return Frame(
        title=title,
        locale=locale,
        theme=theme(visit),
        csrf=visit.csrf,
        path=path,
        person=page.person(ctx.actor) if ctx.actor.id else None,
        navigation=_navigation(ctx, reads, locale, path, side) if ctx.actor.id else (),
        crumbs=crumbs,
        notices=_notices(visit, locale),
        search=Search(words, search_in or "") if ctx.actor.id else None,
        is_administrator=is_administrator(ctx),
        waiting=inbox.badge(ctx) if counts and ctx.catalog.of(Flow) else None,
        unread=centre.unread(ctx.connection, ctx.actor.id) if counts else 0,
        density=_chosen(visit, DENSITY, DENSITIES),
        is_side_compact="compact" in side,
        side_closed=side,
        with_chart=with_chart,
    )


def _navigation(
    ctx: Context, reads: Callable[[str], bool], locale: str, path: str, closed: frozenset[str]
) -> tuple[page.Group, ...]:
    def may_open(name: str) -> bool:
        return dashboard.may_open(ctx, ctx.catalog.get(Dashboard, name))

    return page.navigation(ctx.catalog, reads, locale=locale, path=path, may_open=may_open, closed=closed)


def theme(visit: Visit) -> str:
    """Give the theme that was chosen; blank where the system decides."""
    return _chosen(visit, THEME, THEMES)


def _chosen(visit: Visit, cookie: str, known: tuple[str, ...]) -> str:
    chosen = visit.request.cookies.get(cookie, "")
    return chosen if chosen in known else ""


def keep_look(response: Response, theme: str | None, density: str | None) -> None:
    """Let this browser have the look that a person chose; what was not chosen is as usual."""
    for cookie, value, known in ((THEME, theme, THEMES), (DENSITY, density, DENSITIES)):
        if value is not None and value in known:
            response.set_cookie(cookie, value, max_age=YEAR, path="/", samesite="Lax")
        else:
            response.delete_cookie(cookie, path="/", samesite="Lax")


def answer(visit: Visit, template: str, model: object, *, locale: str, status: int = HTTPStatus.OK) -> Response:
    """Show a view model."""
    response = Response(visit.templates.render(template, model, locale=locale), status, content_type=HTML)
    if NOTICE in visit.request.cookies:
        response.delete_cookie(NOTICE, path="/")
    return response


def go(href: str, notice: str = "", title: str = "", *, undo: str = "") -> Response:
    """Send the browser on, with a short message for the next page; `undo` is where a form goes that takes it back."""
    response = Response("", HTTPStatus.SEE_OTHER, headers={"Location": href})
    if notice:
        said = urlencode({"code": notice, "title": title[:120], **({"undo": undo} if undo else {})})
        response.set_cookie(NOTICE, said, max_age=60, path="/", httponly=True, samesite="Lax")
    return response


def back_to(visit: Visit, otherwise: str) -> str:
    """Give the local address that a form asked to come back to."""
    asked = visit.request.values.get("next", "")
    return asked if asked and address.is_local(asked) else otherwise


def _path(visit: Visit) -> str:
    asked = visit.request
    return asked.full_path.rstrip("?") if asked.method == "GET" else asked.path


def _notices(visit: Visit, locale: str) -> tuple[Notice, ...]:
    said = dict(parse_qsl(visit.request.cookies.get(NOTICE, "")))
    message = _NOTICES.get(said.get("code", ""))
    if message is None:
        return ()
    undo = said.get("undo", "")
    shown = page.notice(Message(message.text, title=said.get("title", "")), locale)
    return (replace(shown, undo_href=undo if address.is_local(undo) else ""),)


def menu_objects(catalog: Catalog) -> tuple[str, ...]:
    """Give the objects of the menus, in their order."""
    return catalog.memo(_menu_objects)


def _menu_objects(catalog: Catalog) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for menu in sorted(catalog.of(Menu).values(), key=lambda menu: (menu.position, menu.name)):
        for item in menu.items:
            view = catalog.find(View, item.view) if item.view else None
            name = view.object if view else item.object
            if name and name in catalog.objects:
                found[name] = None
    own = [
        model.name for model in catalog.objects.values() if model.nature == "record" and not model.definition.managed
    ]
    # Before anyone wrote a menu for them, everything that people enter stands for it.
    return tuple(found) if any(name in found for name in own) else (*own, *found)


def may_change(ctx: Context, model: ObjectModel, verb: str, record_id: str) -> bool:
    """Whether this person may change or delete this record."""
    return records.may(ctx, verb, model.name) and records.may_record(ctx, verb, model.name, record_id)


def crumbs(seen: Look, model: ObjectModel, *more: Link) -> tuple[Link, ...]:
    """Give the way to a record's page."""
    plural = model.definition.shown_plural().show(seen.locale)
    return (Link(plural, address.listing(model.name)), *more)
