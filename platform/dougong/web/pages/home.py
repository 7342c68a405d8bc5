"""the start page: shortcuts and the newest records"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_timedelta
from flask import Response

from dougong.base.errors import DougongError
from dougong.base.text import Message
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.definitions.kinds import Menu
from dougong.features.reports import dashboard
from dougong.features.reports import service as reports
from dougong.records import service as records
from dougong.records.query import Page, Query
from dougong.web.pages import dashboards
from dougong.web.pages.frame import answer, frame, look, menu_objects
from dougong.web.pages.route import Visit
from dougong.web.present import address, chart, detail
from dougong.web.present.dashboard import switcher
from dougong.web.present.history import in_words
from dougong.web.present.page import Frame, Link
from dougong.web.present.page import known_locale as page_locale
from dougong.web.present.value import Look

MOST_TILES = 8
MOST_RECENT = 3
RECENT_SHOWN = 6
MOST_REPORTS = 8


@dataclass(frozen=True)
class Tile:
    """One object of the menus, with how many records there are."""

    label: str
    """Many are called so."""
    singular: str
    """One is called so."""
    icon: str
    """A name of the icon sprite."""
    count: str
    """How many this person may read."""
    href: str
    """The list."""
    new_href: str
    """The form for a new one; blank for those who may not."""


@dataclass(frozen=True)
class RecentRecord:
    """One of the newest records."""

    title: str
    """What names it."""
    href: str
    """Its page."""
    when: str
    """How long ago it was created, in words."""


@dataclass(frozen=True)
class Recent:
    """The newest records of one object."""

    label: str
    """Many are called so."""
    icon: str
    """A name of the icon sprite."""
    href: str
    """The list."""
    records: tuple[RecentRecord, ...]
    """Newest first."""


@dataclass(frozen=True)
class HomeChart:
    """A report, drawn."""

    label: str
    """What it is called."""
    href: str
    """The report."""
    data: Mapping[str, Any]
    """What the script draws."""


@dataclass(frozen=True)
class HomePage:
    """The start page."""

    frame: Frame
    """What stands around it."""
    greeting: str
    """A word for the person."""
    today: str
    """The day it is for them."""
    tiles: tuple[Tile, ...]
    """Shortcuts."""
    recent: tuple[Recent, ...]
    """The newest records."""
    reports: tuple[Link, ...]
    """Reports they may run."""
    chart: HomeChart | None = None
    """The first of them, drawn."""
    dashboards: tuple[Link, ...] = ()
    """Dashboards they may open instead."""


def show(ctx: Context, visit: Visit) -> Response:
    """Show the start page: the dashboard of one's role, or what anybody may begin with."""
    theirs = dashboard.home(ctx)
    if theirs is not None:
        return dashboards.page(ctx, visit, theirs, title=_greeting(ctx, page_locale(ctx.locale)))
    seen = look(ctx)
    names = [name for name in menu_objects(ctx.catalog) if seen.can_open(name) and not _is_managed(ctx, name)][
        :MOST_TILES
    ]
    found = {name: _newest(ctx, name) for name in names}
    listed = tuple(_reports(ctx, seen))
    drawn = _chart(ctx, seen)
    page = HomePage(
        frame=frame(ctx, visit, Message("Home").show(seen.locale), with_chart=drawn is not None),
        greeting=_greeting(ctx, seen.locale),
        dashboards=switcher(seen, dashboard.visible(ctx), home=None, path=address.HOME),
        today=in_words(ctx.today(), seen.locale),
        tiles=tuple(_tile(ctx, seen, name, found[name]) for name in names),
        recent=tuple(_recent(ctx, seen, found))[:MOST_RECENT],
        reports=listed[:MOST_REPORTS],
        chart=drawn,
    )
    return answer(visit, "home.html", page, locale=seen.locale)


def _greeting(ctx: Context, locale: str) -> str:
    return Message("Hello, {name}", name=ctx.actor.name).show(locale)


def _newest(ctx: Context, name: str) -> Page:
    """Give the newest records. Ids ascend in time, so no index of its own is needed."""
    model = ctx.catalog.object(name)
    readable = {field.name for field in records.readable(ctx, name)}
    fields = tuple(each for each in ("id", model.title, "created_at") if each in readable)
    return records.list(ctx, name, Query(fields=fields, sort=("-id",), limit=RECENT_SHOWN, count="to_limit"))


def _tile(ctx: Context, seen: Look, name: str, found: Page) -> Tile:
    definition = ctx.catalog.object(name).definition
    return Tile(
        label=definition.shown_plural().show(seen.locale),
        singular=definition.shown_label().show(seen.locale),
        icon=definition.icon or "table",
        count=f"{found.count or 0:,}{'+' if found.more_than_count else ''}",
        href=address.listing(name),
        new_href=address.new(name) if records.may(ctx, "create", name) else "",
    )


def _recent(ctx: Context, seen: Look, found: dict[str, Page]) -> Iterator[Recent]:
    for name, page in found.items():
        if not page.records:
            continue
        model = ctx.catalog.object(name)
        listed = tuple(
            RecentRecord(
                detail.title_of(seen.with_titles(record.titles), model, record),
                address.record(name, record.id),
                _ago(ctx, record.get("created_at"), seen.locale),
            )
            for record in page.records
        )
        label = model.definition.shown_plural().show(seen.locale)
        yield Recent(label, model.definition.icon or "table", address.listing(name), listed)


def _ago(ctx: Context, moment: object, locale: str) -> str:
    if moment is None:
        return ""
    passed = moment - ctx.now()  # type: ignore[operator]
    return str(format_timedelta(passed, add_direction=True, locale=locale.replace("-", "_")))


def _is_managed(ctx: Context, name: str) -> bool:
    return ctx.catalog.object(name).definition.managed


def _reports(ctx: Context, seen: Look) -> Iterator[Link]:
    for report in _offered(ctx, seen):
        yield Link(report.shown_label().show(seen.locale), address.report(report.name))


def _offered(ctx: Context, seen: Look) -> Iterator[Report]:
    """Give the reports this person may run, in the order of the menus."""
    menus = sorted(ctx.catalog.of(Menu).values(), key=lambda menu: (menu.position, menu.name))
    named = [item.report for menu in menus for item in menu.items if item.report]
    for name in dict.fromkeys((*named, *ctx.catalog.of(Report))):
        report = ctx.catalog.find(Report, name)
        if report is not None and seen.can_open(report.object):
            yield report


def _chart(ctx: Context, seen: Look) -> HomeChart | None:
    """Draw the first report that has a chart."""
    report = next((each for each in _offered(ctx, seen) if each.chart), None)
    if report is None:
        return None
    try:
        data = chart.drawn(seen, reports.run(ctx, report.name))
    except DougongError:
        return None
    if data is None:
        return None
    return HomeChart(report.shown_label().show(seen.locale), address.report(report.name), data)
