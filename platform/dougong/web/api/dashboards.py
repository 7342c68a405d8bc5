"""dashboards as JSON: their tiles with the data of the caller"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.context import Context
from dougong.definitions.kinds import Dashboard
from dougong.definitions.kinds.dashboard import Shortcut
from dougong.features.reports import dashboard as dashboards
from dougong.features.reports.dashboard import Listed, Number, ShownTile, Waiting
from dougong.features.reports.dataset import Dataset, plain
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call) -> Response:
    """Give the dashboards that the caller may open, the one they begin with marked."""
    reading.parameters(call.request, ())
    home = dashboards.home(ctx)
    found = [{**_described(ctx, each), "home": each is home} for each in dashboards.visible(ctx)]
    return showing.answer({"dashboards": found})


def show(ctx: Context, call: Call, name: str) -> Response:
    """Give a dashboard with the data of its tiles; a tile that failed has an `error`."""
    reading.parameters(call.request, ())
    opened = dashboards.open_(ctx, name)
    tiles = [_tile(ctx, each) for each in opened.tiles]
    return showing.answer({**_described(ctx, opened.dashboard), "tiles": tiles})


def _described(ctx: Context, found: Dashboard) -> dict[str, Any]:
    return {"name": found.name, "label": found.shown_label().show(ctx.locale)}


def _tile(ctx: Context, shown: ShownTile) -> dict[str, Any]:
    tile = shown.tile
    base = {"name": tile.name, "type": tile.type, "label": shown.label.show(ctx.locale), "width": tile.width}
    match shown.content:
        case None:
            return {**base, "error": shown.error.show(ctx.locale) if shown.error else ""}
        case Number() as number:
            return {**base, "number": _number(ctx, number)}
        case Dataset() as dataset:
            return {**base, "report": dataset.as_data()}
        case Listed() as listed:
            return {**base, **_listed(ctx, listed)}
        case several:
            return {**base, "items": [_item(ctx, each) for each in several]}


def _number(ctx: Context, number: Number) -> dict[str, Any]:
    before = number.before
    return {
        "value": plain(number.value),
        "shown": number.shown,
        "measure": number.label.show(ctx.locale) if number.label else None,
        "object": number.object,
        "view": number.view,
        "where": number.where,
        "before": {"period": before.period, "value": plain(before.value), "change": plain(before.change)}
        if before
        else None,
    }


def _listed(ctx: Context, listed: Listed) -> dict[str, Any]:
    page = listed.page
    count = f"{page.count}+" if page.more_than_count else page.count
    found = [showing.record(ctx, record) for record in page.records]
    return {"view": listed.view.name, "object": listed.view.object, "records": found, "count": count}


def _item(ctx: Context, item: Shortcut | Waiting) -> dict[str, Any]:
    if isinstance(item, Waiting):
        return {"title": item.title, "href": item.href, "since": plain(item.since), "due": plain(item.due)}
    target = {"object": item.object, "view": item.view, "report": item.report, "dashboard": item.dashboard}
    return {"name": item.name, **{key: name for key, name in target.items() if name}, "new": item.new}
