"""a strict budget of threads for answers that stay open"""

from __future__ import annotations

import threading
from collections.abc import Callable

USUAL = 2
"""Of eight threads."""


class Streams:
    """So many answers of one process may stay open at most: they must never starve pages of threads."""

    def __init__(self, most: int = USUAL) -> None:
        self._places = threading.BoundedSemaphore(most) if most > 0 else None

    def take(self) -> Callable[[], None] | None:
        """Take a place, and give what leaves it, however often it is called; None where all are taken."""
        places = self._places
        if places is None or not places.acquire(blocking=False):
            return None
        once = threading.Lock()

        def leave() -> None:
            if once.acquire(blocking=False):
                places.release()

        return leave
