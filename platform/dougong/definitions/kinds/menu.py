"""a menu: what stands in the navigation"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, Merges, Name, Part, Refers


class MenuItem(Part):
    """One entry: an object with its first view, a view, a report or a dashboard. Shown to those who may read it."""

    name: Name
    label: Text | None = None
    icon: str | None = Field(default=None, description="The name of a Tabler icon.")
    object: Annotated[Name, Refers("object")] | None = Field(default=None, description="Opens its first view.")
    view: Annotated[Name, Refers("view")] | None = Field(default=None, description="Opens this view.")
    report: Annotated[Name, Refers("report")] | None = Field(default=None, description="Opens this report.")
    dashboard: Annotated[Name, Refers("dashboard")] | None = Field(default=None, description="Opens this dashboard.")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> MenuItem:
        if sum(target is not None for target in (self.object, self.view, self.report, self.dashboard)) != 1:
            raise ValueError("a menu item leads to one of: object, view, report, dashboard")
        return self


class Menu(Definition):
    """A group of entries in the navigation."""

    KIND: ClassVar[str] = "menu"
    FOLDER: ClassVar[str] = "menus"

    icon: str | None = None
    position: int = Field(default=100, description="Menus stand in this order.")
    items: Annotated[tuple[MenuItem, ...], Merges("name")] = ()
