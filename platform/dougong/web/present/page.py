"""the frame: navigation, title, messages"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dougong.base.actor import Actor
from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog
from dougong.definitions.kinds import Dashboard, Menu, Report, View
from dougong.definitions.kinds.menu import MenuItem
from dougong.web.present import address

LANGUAGES = (("zh-CN", "中文"), ("en", "English"))
"""The languages our own sentences are in, each with its own name for itself."""

Tone = str
"""`positive`, `caution`, `negative` or `neutral`."""


@dataclass(frozen=True)
class Link:
    """A place to go to."""

    label: str
    """What the person reads."""
    href: str
    """Where it leads."""
    icon: str = ""
    """A name of the icon sprite; blank for none."""
    is_current: bool = False
    """Whether the page stands there."""
    count: str = ""
    """How many things wait there; blank where nobody counts."""


@dataclass(frozen=True)
class Group:
    """Links of the navigation under one heading."""

    name: str
    """The menu's name."""
    label: str
    """The heading."""
    links: tuple[Link, ...]
    """What the person may open; never empty."""
    is_open: bool = True
    """Whether it is unfolded."""


@dataclass(frozen=True)
class Notice:
    """A short message at the edge of the page."""

    text: str
    """What happened, as a sentence."""
    tone: Tone = "positive"
    """How it is coloured."""
    undo_href: str = ""
    """Where a form goes that takes it back; blank where that is not offered."""


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    name: str
    """As others read it."""
    letter: str
    """What stands in the little circle."""
    login: str = ""
    """What they sign in with."""
    id: str = ""
    """Who they are, for the draft of a form: two people may have one name."""


@dataclass(frozen=True)
class Search:
    """The search box of the top bar: it looks in everything that the person may see."""

    words: str = ""
    """What is asked now."""
    of: str = ""
    """The object that the page is about: its records are offered first."""


@dataclass(frozen=True)
class Frame:
    """What every page has around its content."""

    title: str
    """The name of the page, for the browser's tab."""
    locale: str
    """The language of the page (BCP 47)."""
    theme: str
    """`light`, `dark`, or blank: as the system has it."""
    csrf: str
    """What every form sends back."""
    path: str
    """This page with its query, to come back to."""
    person: Person | None = None
    """Who is signed in; None on the sign-in page."""
    navigation: tuple[Group, ...] = ()
    """The menus."""
    crumbs: tuple[Link, ...] = ()
    """The way here, without this page."""
    notices: tuple[Notice, ...] = ()
    """What just happened."""
    search: Search | None = None
    """The search box; None for those who are not signed in."""
    languages: tuple[Link, ...] = field(default_factory=lambda: tuple(Link(label, code) for code, label in LANGUAGES))
    """The languages to choose from; `href` is the code."""
    is_administrator: bool = False
    """Whether the administrator's pages are offered."""
    unread: int = 0
    """How many notifications this person has not read, to 100."""
    waiting: int | None = None
    """How many work items wait for this person, to 100; None where there are no flows."""
    density: str = ""
    """`compact`, or blank: comfortable."""
    is_side_compact: bool = False
    """Whether the navigation shows icons only."""
    side_closed: frozenset[str] = frozenset()
    """The groups of the navigation that this person folded."""
    with_chart: bool = False
    """Whether the script for charts is loaded."""


def known_locale(asked: str) -> str:
    """Give the language of ours that is nearest to the one asked for."""
    family = asked.split("-")[0].lower()
    return next((code for code, _ in LANGUAGES if code.split("-")[0] == family), LANGUAGES[-1][0])


def person(actor: Actor) -> Person:
    """Present who is signed in."""
    return Person(
        name=actor.name,
        letter=actor.name.strip()[:1].upper() or "·",
        login=str(actor.facts.get("login", "")),
        id=actor.id,
    )


def _none(name: str) -> bool:
    return False


def navigation(
    catalog: Catalog,
    may_read: Callable[[str], bool],
    *,
    locale: str,
    path: str,
    may_open: Callable[[str], bool] = _none,
    closed: frozenset[str] = frozenset(),
) -> tuple[Group, ...]:
    """Give the menus with what this person may open, the entry of this page marked; `may_open` is of dashboards.

    Groups named in `closed` are folded, unless this page is in them.
    """
    menus = sorted(catalog.of(Menu).values(), key=lambda menu: (menu.position, menu.name))
    groups = []
    for menu in menus:
        offered = [each for each in menu.items if each.dashboard is None or may_open(each.dashboard)]
        links = tuple(_links(catalog, offered, may_read, locale=locale, path=path, icon=menu.icon or ""))
        if links:
            is_open = menu.name not in closed or any(link.is_current for link in links)
            groups.append(Group(menu.name, menu.shown_label().show(locale), links, is_open))
    return tuple(groups)


def _links(
    catalog: Catalog, items: Sequence[MenuItem], may_read: Callable[[str], bool], *, locale: str, path: str, icon: str
) -> Iterable[Link]:
    for item in items:
        target = _target(catalog, item)
        if target is None:
            continue
        object_name, label, href, own_icon = target
        if not object_name or may_read(object_name):
            shown = (item.label or label).show(locale)
            chosen = item.icon or own_icon or icon or "table"
            yield Link(shown, href, chosen, is_current=address.is_within(path, href))


def _target(catalog: Catalog, item: MenuItem) -> tuple[str, Text, str, str] | None:
    """Give the object one must be able to read, the label, the address and the icon of a menu entry.

    A dashboard hangs on no object of its own.
    """
    if item.dashboard and (dashboard := catalog.find(Dashboard, item.dashboard)):
        return "", dashboard.shown_label(), address.dashboard(dashboard.name), "layout-dashboard"
    if item.report and (report := catalog.find(Report, item.report)):
        return report.object, report.shown_label(), address.report(report.name), "chart-bar"
    if item.view and (view := catalog.find(View, item.view)):
        icon = catalog.object(view.object).definition.icon or ""
        return view.object, view.shown_label(), address.listing(view.object, view=view.name), icon
    if item.object and item.object in catalog.objects:
        definition = catalog.object(item.object).definition
        return item.object, definition.shown_plural(), address.listing(item.object), definition.icon or ""
    return None


def notice(message: Message, locale: str, tone: Tone = "positive") -> Notice:
    """Present a message."""
    return Notice(message.show(locale), tone)
