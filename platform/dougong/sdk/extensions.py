"""what the plugins added, by sort and name"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from dougong.base.registry import Registry
from dougong.sdk.action import Action
from dougong.sdk.field_type import FieldType

T = TypeVar("T")


class Moments(Protocol):
    """What we announce to plugins; each is called with keywords."""

    def records_changed(self, *, events: list[object]) -> object:
        """Tell that records were changed, after the commit."""

    def catalog_published(self, *, fingerprint: str) -> object:
        """Tell that new definitions hold."""

    def engine_started(self) -> object:
        """Tell that the engine is assembled."""


class Silence:
    """Moments that nobody hears."""

    def records_changed(self, *, events: list[object]) -> object:
        """Do nothing."""

    def catalog_published(self, *, fingerprint: str) -> object:
        """Do nothing."""

    def engine_started(self) -> object:
        """Do nothing."""


def _no_actions() -> Registry[type[Action]]:
    return Registry("action")


@dataclass(frozen=True)
class Extensions:
    """All extensions of one engine. Its registries are frozen; `memo` keeps what is derived from them on first use."""

    field_types: Registry[type[FieldType[Any]]]
    moments: Moments = field(default_factory=Silence)
    actions: Registry[type[Action]] = field(default_factory=_no_actions)
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def memo(self, build: Callable[[Extensions], T]) -> T:
        """Give `build(extensions)`, computed once in their life."""
        try:
            found: T = self._memo[build]
        except KeyError:
            found = self._memo.setdefault(build, build(self))
        return found
