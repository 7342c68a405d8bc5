"""what stands around every page, and how a page answers"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from flask import Response

from dougong.access.grants import ADMINISTRATOR
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds import Menu, View
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

_NOTICES = {
    "created": Message("“{title}” was created."),
    "saved": Message("“{title}” was saved."),
    "unchanged": Message("Nothing was changed."),
    "deleted": Message("“{title}” was deleted."),
    "preferences": Message("Your preferences were saved."),
    "password": Message("Your password was changed. Other sessions were signed out."),
    "applied": Message("The plan was carried out: {title}."),
    "stored": Message("“{title}” was saved."),
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
    )
    return Look(ctx.catalog, showing, may_read(ctx))


def frame(
    ctx: Context,
    visit: Visit,
    title: str,
    *,
    crumbs: tuple[Link, ...] = (),
    search_in: str | None = None,
    search: Search | None = None,
    with_chart: bool = False,
) -> Frame:
    """Gather what stands around a page."""
    locale = page.known_locale(ctx.locale)
    path = _path(visit)
    reads = may_read(ctx)
    searched = search_in or _first_object(ctx.catalog, reads)
    return Frame(
        title=title,
        locale=locale,
        theme=theme(visit),
        csrf=visit.csrf,
        path=path,
        person=page.person(ctx.actor) if ctx.actor.id else None,
        navigation=page.navigation(ctx.catalog, reads, locale=locale, path=path) if ctx.actor.id else (),
        crumbs=crumbs,
        notices=_notices(visit, locale),
        search=search or (_search(ctx.catalog, searched, locale) if searched and ctx.actor.id else None),
        is_administrator=is_administrator(ctx),
        with_chart=with_chart,
    )


def theme(visit: Visit) -> str:
    """Give the theme that was chosen; blank where the system decides."""
    chosen = visit.request.cookies.get(THEME, "")
    return chosen if chosen in ("light", "dark") else ""


def answer(visit: Visit, template: str, model: object, *, locale: str, status: int = HTTPStatus.OK) -> Response:
    """Show a view model."""
    response = Response(visit.templates.render(template, model, locale=locale), status, content_type=HTML)
    if NOTICE in visit.request.cookies:
        response.delete_cookie(NOTICE, path="/")
    return response


def go(href: str, notice: str = "", title: str = "") -> Response:
    """Send the browser on, with a short message for the next page."""
    response = Response("", HTTPStatus.SEE_OTHER, headers={"Location": href})
    if notice:
        said = urlencode({"code": notice, "title": title[:120]})
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
    return (page.notice(Message(message.text, title=said.get("title", "")), locale),)


def _search(catalog: Catalog, object_name: str, locale: str) -> Search:
    label = catalog.object(object_name).definition.shown_plural().show(locale)
    return Search(address.listing(object_name), label)


def _first_object(catalog: Catalog, reads: Callable[[str], bool]) -> str | None:
    """Give the object that is searched where a page is not about one: the first of the menus."""
    return next((name for name in menu_objects(catalog) if reads(name)), None)


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
