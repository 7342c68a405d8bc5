"""the frame: navigation, title, messages"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dougong.base.actor import Actor
from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog
from dougong.definitions.kinds import Menu, Report, View
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


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    name: str
    """As others read it."""
    letter: str
    """What stands in the little circle."""
    login: str = ""
    """What they sign in with."""


@dataclass(frozen=True)
class Search:
    """The search box of the top bar."""

    action: str
    """The list that is searched."""
    label: str
    """What is searched, in words."""
    words: str = ""
    """What is asked now."""
    hidden: tuple[tuple[str, str], ...] = ()
    """What stays as it is when one searches: view, filters, sort."""


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
    """The search box; None where there is nothing to search."""
    languages: tuple[Link, ...] = field(default_factory=lambda: tuple(Link(label, code) for code, label in LANGUAGES))
    """The languages to choose from; `href` is the code."""
    is_administrator: bool = False
    """Whether the administrator's pages are offered."""
    with_chart: bool = False
    """Whether the script for charts is loaded."""


def known_locale(asked: str) -> str:
    """Give the language of ours that is nearest to the one asked for."""
    family = asked.split("-")[0].lower()
    return next((code for code, _ in LANGUAGES if code.split("-")[0] == family), LANGUAGES[-1][0])


def person(actor: Actor) -> Person:
    """Present who is signed in."""
    return Person(
        name=actor.name, letter=actor.name.strip()[:1].upper() or "·", login=str(actor.facts.get("login", ""))
    )


def navigation(catalog: Catalog, may_read: Callable[[str], bool], *, locale: str, path: str) -> tuple[Group, ...]:
    """Give the menus with what this person may open, the entry of this page marked."""
    menus = sorted(catalog.of(Menu).values(), key=lambda menu: (menu.position, menu.name))
    groups = []
    for menu in menus:
        links = tuple(_links(catalog, menu.items, may_read, locale=locale, path=path, icon=menu.icon or ""))
        if links:
            groups.append(Group(name=menu.name, label=menu.shown_label().show(locale), links=links))
    return tuple(groups)


def _links(
    catalog: Catalog, items: Sequence[MenuItem], may_read: Callable[[str], bool], *, locale: str, path: str, icon: str
) -> Iterable[Link]:
    for item in items:
        target = _target(catalog, item)
        if target is None:
            continue
        object_name, label, href, own_icon = target
        if may_read(object_name):
            shown = (item.label or label).show(locale)
            chosen = item.icon or own_icon or icon or "table"
            yield Link(shown, href, chosen, is_current=address.is_within(path, href))


def _target(catalog: Catalog, item: MenuItem) -> tuple[str, Text, str, str] | None:
    """Give the object one must be able to read, the label, the address and the icon of a menu entry."""
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
