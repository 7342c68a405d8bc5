"""a dashboard: its tiles as people see them"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.dates import format_timedelta

from dougong.base.text import Message, Text
from dougong.catalog.model import Report, View
from dougong.definitions.kinds import Dashboard
from dougong.definitions.kinds.dashboard import Shortcut
from dougong.features.reports.dashboard import Before, Listed, Number, ShownTile, Waiting
from dougong.features.reports.dataset import Dataset
from dougong.sdk.numbers import currency_sign, locale_of, show_compact, show_percent
from dougong.web.present import address, chart, listing
from dougong.web.present.chart import DataTable
from dougong.web.present.listing import Column, Row
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Look

_BEFORE: Mapping[str, Message] = {
    "week": Message("as far last week: {number}"),
    "month": Message("as far last month: {number}"),
    "quarter": Message("as far last quarter: {number}"),
    "year": Message("as far last year: {number}"),
}
_ALL = Message("All {count}")


@dataclass(frozen=True)
class Figure:
    """One number."""

    text: str
    """In short units, where it is long."""
    whole: str
    """The whole number; blank where the text is all of it."""
    caption: str
    """What is measured; blank where the heading says it."""
    href: str
    """The records behind it; blank where no list shows them."""
    change: str = ""
    """How much more it is than before, as `+12%`; blank where nothing is compared."""
    change_icon: str = ""
    """A name of the icon sprite, for the same."""
    before: str = ""
    """What it was, in words."""


@dataclass(frozen=True)
class Records:
    """The first records of a view."""

    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[Row, ...]
    """The records."""
    title_column: int
    """Which column names the record."""


@dataclass(frozen=True)
class Task:
    """Something that waits for the person."""

    title: str
    """What it is."""
    href: str
    """Where it is done."""
    since: str
    """How long ago it came."""
    due: str
    """When it is due; blank where it is not."""
    is_late: bool = False
    """Whether it should be done already."""


@dataclass(frozen=True)
class TileView:
    """One tile; of its contents there is the one of its sort, or an error."""

    name: str
    """The tile's name."""
    sort: str
    """`number`, `list`, `chart`, `shortcut` or `inbox`."""
    label: str
    """The heading."""
    width: int
    """Columns of twelve."""
    href: str = ""
    """All of what it shows a part of; blank where there is no page of it."""
    more: str = ""
    """What the link to it says."""
    error: str = ""
    """Why it cannot be shown."""
    figure: Figure | None = None
    """The number."""
    chart: Mapping[str, Any] | None = None
    """What the script draws."""
    table: DataTable | None = None
    """The same as the chart, as a table."""
    records: Records | None = None
    """The list."""
    links: tuple[Link, ...] = ()
    """The shortcuts."""
    tasks: tuple[Task, ...] = ()
    """What waits."""


@dataclass(frozen=True)
class DashboardPage:
    """A dashboard."""

    frame: Frame
    """What stands around it."""
    title: str
    """The heading."""
    subtitle: str
    """What stands below it."""
    dashboards: tuple[Link, ...]
    """All that this person may open, where there are several."""
    tiles: tuple[TileView, ...]
    """Its tiles, in their order."""


def switcher(look: Look, dashboards: Sequence[Dashboard], *, home: Dashboard | None, path: str) -> tuple[Link, ...]:
    """Present the dashboards to choose from: one's home stands first, and is the start page."""
    start = home.shown_label() if home is not None else Text({"en": "Overview", "zh-CN": "总览"})
    links = [Link(start.show(look.locale), address.HOME, "home", is_current=path == address.HOME)]
    for each in dashboards:
        if each is not home:
            href = address.dashboard(each.name)
            links.append(Link(each.shown_label().show(look.locale), href, is_current=path == href))
    return tuple(links) if len(links) > 1 else ()


_ACROSS = 12


def filled(tiles: Sequence[TileView]) -> tuple[TileView, ...]:
    """Widen tiles, so that no gap is where others are left out: the widest of each row takes what is over."""
    rows: list[list[TileView]] = [[]]
    for each in tiles:
        if sum(other.width for other in rows[-1]) + each.width > _ACROSS:
            rows.append([])
        rows[-1].append(each)
    return tuple(each for row in rows if row for each in _widened(row))


def _widened(row: list[TileView]) -> list[TileView]:
    over = _ACROSS - sum(each.width for each in row)
    widest = max(row, key=lambda each: each.width)
    return [replace(each, width=each.width + over) if each is widest else each for each in row]


def tile(look: Look, shown: ShownTile, *, now: dt.datetime) -> TileView:
    """Present one tile."""
    base: dict[str, Any] = {
        "name": shown.tile.name,
        "sort": shown.tile.type,
        "label": shown.label.show(look.locale),
        "width": shown.tile.width,
    }
    match shown.content:
        case Number() as number:
            return TileView(**base, figure=_figure(look, shown, number))
        case Dataset() as dataset:
            return TileView(**base, **_chart(look, dataset))
        case Listed() as listed:
            return TileView(**base, **_listed(look, listed))
        case None:
            error = shown.error or Message("This tile could not be shown.")
            return TileView(**base, error=error.show(look.locale))
        case several if shown.tile.type == "inbox":  # a closed set
            tasks = tuple(_task(look, each, now) for each in several if isinstance(each, Waiting))
            more = Message("Inbox").show(look.locale)
            return TileView(**base, href=address.INBOX, more=more, tasks=tasks)
        case several:
            return TileView(**base, links=_links(look, (each for each in several if isinstance(each, Shortcut))))


def _figure(look: Look, shown: ShownTile, number: Number) -> Figure:
    text = _brief(look, number)
    href = ""
    if number.view is not None:
        href = address.listing(number.object, view=number.view)
    elif number.where is not None and look.can_open(number.object):
        href = address.rows(number.object, number.where)
    label = shown.label.show(look.locale)
    caption = number.label.show(look.locale) if number.label is not None else ""
    change, icon = _change(look, number.before) if number.before else ("", "")
    before = ""
    if number.before is not None:
        was = _signed(look, number, number.before.shown or "0")
        before = Message(_BEFORE[number.before.period].text, number=was).show(look.locale)
    whole = _signed(look, number, number.shown)
    return Figure(text, whole if whole != text else "", caption if caption != label else "", href, change, icon, before)


def _brief(look: Look, number: Number) -> str:
    if number.value is None:
        return number.shown or "—"
    if number.more or isinstance(number.value, (str, bool, dt.date)):
        return number.shown
    return _signed(look, number, show_compact(number.value, look.locale))


def _signed(look: Look, number: Number, text: str) -> str:
    """Put the sign of base currency before an amount."""
    if not number.is_amount or not text:
        return text
    sign = currency_sign(look.showing.base_currency, look.locale)
    return f"-{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"


def _change(look: Look, before: Before) -> tuple[str, str]:
    if before.change is None:
        return "", ""
    shown = show_percent(abs(before.change), look.locale, 0)
    if before.change == 0:
        return shown, "minus"
    return (f"+{shown}", "trending-up") if before.change > 0 else (f"−{shown}", "trending-down")


def _chart(look: Look, dataset: Dataset) -> dict[str, Any]:
    return {
        "href": address.report(dataset.name),
        "more": Message("Open").show(look.locale),
        "chart": chart.drawn(look, dataset) if dataset.rows else None,
        "table": chart.table(look, dataset),
    }


def _listed(look: Look, listed: Listed) -> dict[str, Any]:
    view, page = listed.view, listed.page
    model = look.catalog.object(view.object)
    asked = listing.Asked(view)
    columns = tuple(Column(each.name, each.label, each.align) for each in listing.head(look, asked, listed.columns))
    rows = listing.rows(look, model, listed.columns, page.records)
    title_column = listed.columns.index(model.title) if model.title in listed.columns else 0
    count = f"{page.count or 0:,}{'+' if page.more_than_count else ''}"
    return {
        "href": address.listing(view.object, view=view.name),
        "more": Message(_ALL.text, count=count).show(look.locale),
        "records": Records(columns, rows, title_column),
    }


def _task(look: Look, waiting: Waiting, now: dt.datetime) -> Task:
    return Task(
        title=waiting.title,
        href=waiting.href,
        since=_ago(waiting.since, now, look.locale),
        due=_ago(waiting.due, now, look.locale),
        is_late=waiting.due is not None and waiting.due < now,
    )


def _ago(moment: dt.datetime | None, now: dt.datetime, locale: str) -> str:
    if moment is None:
        return ""
    return str(format_timedelta(moment - now, add_direction=True, locale=locale_of(locale)))


def _links(look: Look, items: Iterable[Shortcut]) -> tuple[Link, ...]:
    return tuple(_link(look, item) for item in items)


def _link(look: Look, item: Shortcut) -> Link:
    label, href, icon = _target(look, item)
    shown = (item.label or label).show(look.locale)
    if item.new and item.label is None:
        shown = Message("New {object}", object=shown).show(look.locale)
    return Link(shown, href, item.icon or icon)


def _target(look: Look, item: Shortcut) -> tuple[Text, str, str]:
    catalog = look.catalog
    if item.object is not None:
        definition = catalog.object(item.object).definition
        if item.new:
            return definition.shown_label(), address.new(item.object), "plus"
        return definition.shown_plural(), address.listing(item.object), definition.icon or "table"
    if item.view is not None:
        view = catalog.get(View, item.view)
        icon = listing.ICONS.get(view.type, "table")
        return view.shown_label(), address.listing(view.object, view=view.name), icon
    if item.report is not None:
        return catalog.get(Report, item.report).shown_label(), address.report(item.report), "chart-bar"
    found = catalog.get(Dashboard, str(item.dashboard))
    return found.shown_label(), address.dashboard(found.name), "layout-dashboard"
