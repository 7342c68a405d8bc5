"""a dashboard: the data of its tiles, each under the rights of who looks"""

from __future__ import annotations

import datetime as dt
import decimal
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import DougongError, NotFound
from dougong.base.names import hint_to
from dougong.base.text import Message, Text
from dougong.catalog.model import Report, View
from dougong.context import Context
from dougong.definitions.kinds import Dashboard
from dougong.definitions.kinds.dashboard import Comparison, Shortcut, Tile
from dougong.expressions.dates import shift_date
from dougong.features.reports import aggregate, drill, parameters, service
from dougong.features.reports.dataset import Dataset
from dougong.records import service as records
from dougong.records.query import Page, Query
from dougong.storage.database import is_stale_plan

_log = logging.getLogger(__name__)
_FAILED = Message("This tile could not be shown. What went wrong is in the log of the server.", code="tile_failed")
_LINES = 5
"""How many lines a list or an inbox has where nothing is said."""
_COLUMNS = ((4, 2), (6, 3), (8, 5), (12, 7))
"""How many columns a list has: up to this width, so many."""


@dataclass(frozen=True)
class Before:
    """The number of the period before, as far as the same day."""

    period: str
    """`week`, `month`, `quarter` or `year`."""
    value: Any
    shown: str
    change: decimal.Decimal | None
    """How much more it is now, as a part of what it was; None where it was nothing."""


@dataclass(frozen=True)
class Number:
    """One number, and where the records behind it are."""

    value: Any
    shown: str
    """In the reader's language, whole."""
    label: Text | None
    """What is measured; None for a count of records."""
    object: str
    where: str | None
    """The condition for the records behind it; None where no list shows them."""
    view: str | None = None
    """The view that was counted: its list shows them."""
    is_amount: bool = False
    """Whether it is an amount in base currency."""
    more: bool = False
    """Whether there are more than were counted."""
    before: Before | None = None


@dataclass(frozen=True)
class Listed:
    """The first records of a view."""

    view: View
    columns: tuple[str, ...]
    page: Page


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the person."""

    title: str
    href: str
    since: dt.datetime | None
    due: dt.datetime | None


Content = Number | Dataset | Listed | tuple[Shortcut, ...] | tuple[Waiting, ...]


@dataclass(frozen=True)
class ShownTile:
    """A tile with what it shows, or why it cannot."""

    tile: Tile
    label: Text
    content: Content | None = None
    """None where it failed."""
    error: Message | None = None


@dataclass(frozen=True)
class Opened:
    """A dashboard as one person sees it."""

    dashboard: Dashboard
    tiles: tuple[ShownTile, ...]


def visible(ctx: Context) -> tuple[Dashboard, ...]:
    """Give the dashboards that are for the actor, in their order."""
    found = sorted(ctx.catalog.of(Dashboard).values(), key=lambda each: (each.position, each.name))
    return tuple(each for each in found if may_open(ctx, each))


def may_open(ctx: Context, dashboard: Dashboard) -> bool:
    """Whether a dashboard is for the actor: by a role, and as there is something on it that they may see."""
    is_theirs = not dashboard.roles or ADMINISTRATOR in ctx.actor.roles or ctx.actor.is_system
    if not is_theirs and not set(dashboard.roles) & set(ctx.actor.roles):
        return False
    return any(_sees(ctx, tile) for tile in dashboard.tiles)


def home(ctx: Context) -> Dashboard | None:
    """Give the dashboard that the actor begins with: the first that is for one of their roles."""
    theirs = set(ctx.actor.roles)
    return next((each for each in visible(ctx) if set(each.roles) & theirs), None)


def open_(ctx: Context, name: str) -> Opened:
    """Read all tiles of a dashboard that the actor may see, or raise `NotFound`; a tile that fails says so itself."""
    found = ctx.catalog.find(Dashboard, name)
    if found is None or not may_open(ctx, found):
        known = [each.name for each in visible(ctx)]
        said = "There is no dashboard '{name}' for you; {hint}"
        raise NotFound(
            Message(said, code="unknown_dashboard", name=name[:100], hint=hint_to(name[:100], known))
            if known
            else Message("There is no dashboard '{name}' for you.", code="unknown_dashboard", name=name[:100])
        )
    shown = (_shown(ctx, tile) for tile in found.tiles if _sees(ctx, tile))
    return Opened(found, tuple(each for each in shown if each is not None))


# What one may see.


def _sees(ctx: Context, tile: Tile) -> bool:
    """Whether the actor may read what a tile shows; what an inbox holds is only known when it is asked for."""
    if tile.report is not None:
        report = ctx.catalog.get(Report, tile.report)
        return service.may_run(ctx, report) and (
            tile.measure is None or tile.measure in aggregate.measures_seen(ctx, report)
        )
    if tile.view is not None:
        return _may_look(ctx, ctx.catalog.get(View, tile.view))
    if tile.type == "shortcut":  # a closed set
        return any(_may_go(ctx, item) for item in tile.items)
    return "inbox" in ctx.performers


def _may_look(ctx: Context, view: View) -> bool:
    model = ctx.catalog.object(view.object)
    return records.may(ctx, "read", view.object) and (view.where is None or aggregate.reads(ctx, model, view.where))


def _may_go(ctx: Context, item: Shortcut) -> bool:
    if item.object is not None:
        return records.may(ctx, "create" if item.new else "read", item.object)
    if item.view is not None:
        return records.may(ctx, "read", ctx.catalog.get(View, item.view).object)
    if item.report is not None:
        return service.may_run(ctx, ctx.catalog.get(Report, item.report))
    dashboard = ctx.catalog.get(Dashboard, str(item.dashboard))
    return not dashboard.roles or bool(set(dashboard.roles) & set(ctx.actor.roles))


# What it shows.


def _shown(ctx: Context, tile: Tile) -> ShownTile | None:
    """Read one tile; None where there is nothing that could be shown in it."""
    label = _label(ctx, tile)
    try:
        # Who only reads has no transaction on PostgreSQL, so a statement that fails takes no other with it.
        content = _READERS[tile.type](ctx, tile)
    except DougongError as wrong:
        return ShownTile(tile, label, error=wrong.message)
    except (sa.exc.SQLAlchemyError, ArithmeticError, LookupError, TypeError, ValueError) as wrong:
        if isinstance(wrong, sa.exc.DBAPIError) and is_stale_plan(wrong):
            raise
        _log.exception("tile %s failed", tile.name)
        return ShownTile(tile, label, error=_FAILED)
    return None if content is None else ShownTile(tile, label, content)


def _label(ctx: Context, tile: Tile) -> Text:
    if tile.label is not None:
        return tile.label
    if tile.report is not None:
        return ctx.catalog.get(Report, tile.report).shown_label()
    if tile.view is not None:
        return ctx.catalog.get(View, tile.view).shown_label()
    return _LABELS[tile.type]


_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "inbox": Text({"en": "Waiting for you", "zh-CN": "待我处理"}),
        "shortcut": Text({"en": "Shortcuts", "zh-CN": "快捷入口"}),
    }
)


def _number(ctx: Context, tile: Tile) -> Number:
    return _counted(ctx, ctx.catalog.get(View, tile.view)) if tile.view is not None else _measured(ctx, tile)


def _counted(ctx: Context, view: View) -> Number:
    found = records.list(
        ctx, view.object, Query(where=view.where, fields=("id",), sort=("-id",), limit=1, count="to_limit")
    )
    more = "+" if found.more_than_count else ""
    count = found.count or 0
    shown = f"{count:,}{more}"
    return Number(count, shown, None, view.object, None, view=view.name, more=found.more_than_count)


def _measured(ctx: Context, tile: Tile) -> Number:
    report = ctx.catalog.get(Report, str(tile.report))
    chosen = parameters.bound(report, parameters.choose(ctx, report, {}))
    seen = aggregate.measures_seen(ctx, report)
    measure = seen[tile.measure] if tile.measure else next(iter(seen.values()))
    spans = _spans(ctx, report, tile.compare) if tile.compare else ()
    whole = aggregate.whole(ctx, report, measure, within=spans or (None,), parameters=chosen)
    # A sum of nothing is nothing, and not unknown.
    zero = whole.told.exact(decimal.Decimal(0)) if measure.function == "sum" else None
    value, *others = (zero if each is None else each for each in whole.values)
    ways = drill.of_report(ctx, report, [measure], where=report.where, parameters=chosen)
    within = drill.condition(ctx, ctx.catalog.object(report.object), spans[0]) if spans else drill.EVERYTHING
    where = drill.joined([ways.where(measure=measure.name), within]) if ways is not None else None
    before = _before(str(tile.compare.period), value, others[0], whole.show) if tile.compare else None
    label = whole.told.column.label
    is_amount = whole.told.is_amount()
    return Number(value, whole.show(value), label, report.object, where, is_amount=is_amount, before=before)


def _before(period: str, value: Any, other: Any, show: Callable[[Any], str]) -> Before:
    change = None
    if other and isinstance(other, (int, decimal.Decimal)) and not isinstance(other, bool):
        change = (decimal.Decimal(value or 0) - decimal.Decimal(other)) / abs(decimal.Decimal(other))
    return Before(period, other, show(other), change)


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _spans(ctx: Context, report: Report, compare: Comparison) -> tuple[str, str]:
    """Give the conditions for this period so far, and for the same days of the one before."""
    today = ctx.today(ctx.zone)
    if compare.period == "week":
        first = today - dt.timedelta(days=today.weekday())
        earlier, until = first - dt.timedelta(weeks=1), today - dt.timedelta(weeks=1)
    else:
        months = _MONTHS[compare.period]
        first = dt.date(today.year, (today.month - 1) // months * months + 1, 1)
        earlier, until = shift_date(first, -months, 0), shift_date(today, -months, 0)
    day = dt.timedelta(days=1)
    return _between(compare.by, first, today + day), _between(compare.by, earlier, min(until + day, first))


def _between(by: str, first: dt.date, end: dt.date) -> str:
    return f'({by}) >= "{first.isoformat()}" and ({by}) < "{end.isoformat()}"'


def _list(ctx: Context, tile: Tile) -> Listed:
    view = ctx.catalog.get(View, str(tile.view))
    model = ctx.catalog.object(view.object)
    most = next(columns for width, columns in _COLUMNS if tile.width <= width)
    names = [each.name for each in view.columns if aggregate.reads(ctx, model, each.name)]
    if model.title and model.title not in names[:most] and aggregate.reads(ctx, model, model.title):
        names.insert(0, model.title)
    columns = tuple(names[:most])
    sort = [text for text in view.sort if aggregate.reads(ctx, model, text.removeprefix("-"))]
    query = Query(
        where=view.where,
        sort=tuple(sort),
        fields=tuple(dict.fromkeys(("id", *((model.title,) if model.title in names else ()), *columns))),
        limit=tile.limit or _LINES,
        count="to_limit",
    )
    return Listed(view, columns, records.list(ctx, view.object, query))


def _chart(ctx: Context, tile: Tile) -> Dataset:
    return service.run(ctx, str(tile.report))


def _shortcuts(ctx: Context, tile: Tile) -> tuple[Shortcut, ...]:
    return tuple(item for item in tile.items if _may_go(ctx, item))


def _inbox(ctx: Context, tile: Tile) -> tuple[Waiting, ...] | None:
    found: Sequence[Mapping[str, Any]] | None = ctx.perform("inbox", limit=tile.limit or _LINES)
    if found is None:
        return None
    return tuple(Waiting(each["title"], each["href"], each.get("since"), each.get("due")) for each in found)


_READERS: Mapping[str, Callable[[Context, Tile], Content | None]] = MappingProxyType(
    {"number": _number, "list": _list, "chart": _chart, "shortcut": _shortcuts, "inbox": _inbox}
)
