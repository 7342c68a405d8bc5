"""a dashboard: a page of tiles, and the home of who holds a role"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, Merges, Name, Part, Refers

TileType = Literal["number", "list", "chart", "shortcut", "inbox"]
_SHOWS: dict[str, tuple[str, ...]] = {
    "number": ("report", "view"),
    "list": ("view",),
    "chart": ("report",),
    "shortcut": ("items",),
    "inbox": (),
}
"""What a tile of each type shows: one of these keys; of the other keys that name something it has none."""
_MOST_SHOWN = 20


class Shortcut(Part):
    """One entry of a tile of shortcuts: an object, a form for a new record, a view, a report or a dashboard."""

    name: Name
    label: Text | None = None
    icon: str | None = Field(default=None, description="The name of a Tabler icon.")
    object: Annotated[Name, Refers("object")] | None = Field(default=None, description="Opens its first view.")
    new: bool = Field(default=False, description="With `object`: opens the form for a new record instead.")
    view: Annotated[Name, Refers("view")] | None = Field(default=None, description="Opens this view.")
    report: Annotated[Name, Refers("report")] | None = Field(default=None, description="Opens this report.")
    dashboard: Annotated[Name, Refers("dashboard")] | None = Field(default=None, description="Opens this dashboard.")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Shortcut:
        if sum(target is not None for target in (self.object, self.view, self.report, self.dashboard)) != 1:
            raise ValueError("a shortcut leads to one of: object, view, report, dashboard")
        if self.new and self.object is None:
            raise ValueError("'new' goes with 'object'")
        return self


class Comparison(Part):
    """A number of this period so far, beside that of the same days of the period before."""

    by: str = Field(description="A date or moment of the report's object, or an expression that gives one.")
    period: Literal["week", "month", "quarter", "year"] = "month"


class Tile(Part):
    """One piece of a dashboard. Who may not read what it shows does not see it."""

    name: Name
    type: TileType = Field(description="What it shows: a number, a list, a chart, shortcuts, or what waits for one.")
    label: Text | None = Field(default=None, description="The heading; by default that of what it shows.")
    width: int = Field(default=4, ge=2, le=12, description="Columns of the twelve that a row has.")
    report: Annotated[Name, Refers("report")] | None = Field(
        default=None, description="For a chart, and for a number over all that the report finds."
    )
    measure: Name | None = Field(default=None, description="Which number of the report; by default its first.")
    view: Annotated[Name, Refers("view")] | None = Field(
        default=None, description="For a list, and for a number: how many records the view has."
    )
    compare: Comparison | None = Field(default=None, description="For a number of a report: this period and the last.")
    limit: int | None = Field(default=None, ge=1, le=_MOST_SHOWN, description="How many lines a list or an inbox has.")
    items: Annotated[tuple[Shortcut, ...], Merges("name")] = Field(default=(), description="For shortcuts.")

    @model_validator(mode="after")
    def _shows_one_thing(self) -> Tile:
        shown = _SHOWS[self.type]
        given = [key for key in ("report", "view", "items") if getattr(self, key)]
        if shown and (len(given) != 1 or given[0] not in shown):
            raise ValueError(
                f"a tile of type '{self.type}' needs {' or '.join(repr(key) for key in shown)}, and no more"
            )
        if not shown and given:
            raise ValueError(f"a tile of type '{self.type}' has no '{given[0]}'")
        is_number = self.type == "number" and self.report is not None  # a closed set
        if not is_number and (self.measure or self.compare):
            raise ValueError("'measure' and 'compare' go with a number of a report")
        if self.limit is not None and self.type not in ("list", "inbox"):  # a closed set
            raise ValueError("'limit' goes with a list or an inbox")
        return self


class Dashboard(Definition):
    """A page of tiles. Each shows what its reader may see, and nothing else."""

    KIND: ClassVar[str] = "dashboard"
    FOLDER: ClassVar[str] = "dashboards"

    roles: Annotated[tuple[Annotated[Name, Refers("role")], ...], Merges("set")] = Field(
        default=(), description="Whose home it is: who holds one of these roles begins here. By default it is for all."
    )
    position: int = Field(default=100, description="The first of one's dashboards is one's home.")
    tiles: Annotated[tuple[Tile, ...], Merges("name")] = Field(min_length=1, description="In their order.")
