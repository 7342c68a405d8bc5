"""what time it is, and in tests, what we say it is"""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in UTC to the millisecond."""

    def now(self) -> dt.datetime:
        """Give this moment: aware, UTC, whole milliseconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Give this moment."""
        moment = dt.datetime.now(dt.UTC)  # noqa: TID251 -- the one place that asks the machine
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that tests set and move."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        """Give the moment that was set."""
        return self.moment

    def move(self, **by: float) -> None:
        """Let time pass: `clock.move(minutes=5)`."""
        self.moment += dt.timedelta(**by)
