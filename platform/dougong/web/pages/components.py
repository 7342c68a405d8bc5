"""the living page of all components, for administrators: each piece of the design system as pages show it"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from dougong.base.text import Message
from dougong.context import Context
from dougong.web.pages.frame import answer, frame
from dougong.web.pages.route import Visit
from dougong.web.pages.studio import administrators_only
from dougong.web.present import address
from dougong.web.present.listing import Column, Row
from dougong.web.present.page import Frame, Link, Notice, known_locale
from dougong.web.present.value import Badge, Cell

COLOURS = ("", "blue", "teal", "green", "yellow", "orange", "red", "purple", "pink")
TONES = ("positive", "caution", "negative", "neutral")
SURFACES = ("canvas", "surface", "surface-sunken", "surface-hover", "surface-raised", "line", "line-strong")
INKS = ("ink", "ink-soft", "ink-faint", "accent", "accent-strong", "positive", "caution", "negative")
CHARTS = tuple(f"chart-{number}" for number in range(1, 9))


@dataclass(frozen=True)
class ComponentsPage:
    """What the living page shows."""

    frame: Frame
    """What stands around it."""
    themes: tuple[Link, ...]
    """The themes that stand side by side; `href` is the name."""
    colours: tuple[str, ...]
    """Hues of chips and avatars."""
    tones: tuple[str, ...]
    """Tones of notices and messages."""
    surfaces: tuple[str, ...]
    """Names of the tokens of surfaces and hairlines."""
    inks: tuple[str, ...]
    """Names of the tokens of text."""
    charts: tuple[str, ...]
    """Names of the tokens of charts."""
    columns: tuple[Column, ...]
    """Heads of the example table."""
    rows: tuple[Row, ...]
    """Its rows."""
    cells: tuple[Cell, ...]
    """Values of every sort."""
    tabs: tuple[Link, ...]
    """Tabs."""
    crumbs: tuple[Link, ...]
    """A way."""
    notices: tuple[Notice, ...]
    """Messages of every tone, one with an undo."""


def show(ctx: Context, visit: Visit) -> Response:
    """Show every component."""
    administrators_only(ctx)
    locale = known_locale(ctx.locale)

    def said(text: str) -> str:
        return Message(text).show(locale)

    here = "/admin/components"
    blank = Cell("", is_blank=True)
    badge = Cell("", badges=(Badge(said("Signed"), "green"), Badge(said("Draft"))))
    columns = (
        Column("name", said("Name"), "start", "ascending", here),
        Column("state", said("State"), "start", "", here),
        Column("amount", said("Amount"), "end", "", here),
        Column("note", said("Note"), "start"),
    )
    rows = tuple(
        Row("example", here, (Cell(name), badge, Cell(amount, "end"), note))
        for name, amount, note in (
            ("澜川控股集团有限公司", "¥1,280.50", Cell(said("A sentence that explains what this is."))),
            ("Northwind Traders Ltd.", "-¥96.00", blank),
        )
    )
    page = ComponentsPage(
        frame=frame(ctx, visit, said("Components"), crumbs=(Link(said("Definitions"), address.ADMIN),)),
        themes=(Link(said("Light"), "light"), Link(said("Dark"), "dark")),
        colours=COLOURS,
        tones=TONES,
        surfaces=SURFACES,
        inks=INKS,
        charts=CHARTS,
        columns=columns,
        rows=rows,
        cells=(Cell("¥1,280.50", "end"), Cell("lin@example.com", href="mailto:lin@example.com"), badge, blank),
        tabs=(Link(said("Overview"), here, is_current=True), Link(said("History"), here), Link(said("Files"), here)),
        crumbs=(Link(said("Customers"), here), Link("澜川控股集团有限公司", here)),
        notices=tuple(
            Notice(said("A sentence that explains what this is."), tone, here if tone == "positive" else "")
            for tone in TONES
        ),
    )
    return answer(visit, "admin/components.html", page, locale=locale)
