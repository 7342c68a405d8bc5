"""the questions we ask a plugin, and the moments we announce"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from dougong.sdk.action import Action
    from dougong.sdk.field_type import FieldType

PROJECT = "dougong"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def field_types() -> list[type[FieldType[Any]]]:  # type: ignore[empty-body]
    """Which field types do you add?"""


@hookspec
def actions() -> list[type[Action]]:  # type: ignore[empty-body]
    """Which actions do you add?"""


@hookspec
def records_changed(events: list[object]) -> None:
    """Some records were changed, and the change is committed."""


@hookspec
def catalog_published(fingerprint: str) -> None:
    """New definitions hold from now on, in this process."""


@hookspec
def engine_started() -> None:
    """The engine is assembled and is about to do its first work."""
