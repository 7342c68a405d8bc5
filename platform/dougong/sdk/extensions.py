"""what the plugins added, by sort and name"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from dougong.base.registry import Registry
from dougong.sdk.field_type import FieldType


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


@dataclass(frozen=True)
class Extensions:
    """All extensions of one engine. Its registries are frozen."""

    field_types: Registry[type[FieldType[Any]]]
    moments: Moments = field(default_factory=Silence)
