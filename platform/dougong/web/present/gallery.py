"""a gallery: records as cards beside each other"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.web.present.cards import Card


@dataclass(frozen=True)
class Gallery:
    """Records as cards."""

    cards: tuple[Card, ...]
    """The records of the page."""
