"""who asks"""

from __future__ import annotations

from dataclasses import dataclass, field

SYSTEM_USER = "00000000-0000-7000-8000-000000000001"
"""The id of the row in `user` that the system's own acts are by."""


@dataclass(frozen=True)
class Actor:
    """Who asks: a person, a token of a person, or the system with a reason."""

    id: str
    """The user's id."""
    name: str
    roles: frozenset[str] = frozenset()
    """Names of the roles held now."""
    units: tuple[str, ...] = ()
    """Ids of the units one belongs to, the main one first."""
    superior: str | None = None
    locale: str = "en"
    zone: str = "UTC"
    is_system: bool = False
    """The system itself: every right, with a reason in the history."""
    reason: str | None = None
    token_scope: frozenset[str] | None = None
    """What a token may do at most (`read`, `customer:update` …); None: all that its user may."""
    facts: dict[str, object] = field(default_factory=dict, hash=False, compare=False)

    @property
    def unit(self) -> str | None:
        """The main unit."""
        return self.units[0] if self.units else None
