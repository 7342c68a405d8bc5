"""a page of tiles: numbers, lists, charts, shortcuts, and what waits"""

from __future__ import annotations

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds import Dashboard
from dougong.features.reports import dashboard as dashboards
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, dashboard
from dougong.web.present.history import in_words


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show a dashboard."""
    found = ctx.catalog.find(Dashboard, name)
    if found is None or not dashboards.may_open(ctx, found):
        raise NotFound(Message("There is no such dashboard, or it is not yours to see.", code="not_found"))
    return page(ctx, visit, found)


def page(ctx: Context, visit: Visit, found: Dashboard, *, title: str = "") -> Response:
    """Answer with a dashboard; `title` stands above it in place of its name."""
    seen = look(ctx)
    opened = dashboards.open_(ctx, found.name)
    tiles = tuple(dashboard.tile(seen, each, now=ctx.now()) for each in opened.tiles)
    if len(tiles) < len(found.tiles):
        tiles = dashboard.filled(tiles)
    home = dashboards.home(ctx)
    path = address.HOME if found is home else address.dashboard(found.name)
    shown = found.shown_label().show(seen.locale)
    model = dashboard.DashboardPage(
        frame=frame(ctx, visit, shown, with_chart=any(each.chart for each in tiles)),
        title=title or shown,
        subtitle=in_words(ctx.today(), seen.locale) if title else _description(found, seen.locale),
        dashboards=dashboard.switcher(seen, dashboards.visible(ctx), home=home, path=path),
        tiles=tiles,
    )
    return answer(visit, "dashboard.html", model, locale=seen.locale)


def _description(found: Dashboard, locale: str) -> str:
    return found.description.show(locale) if found.description else ""
