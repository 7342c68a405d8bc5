"""what one was told, as a person reads it"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dougong.features.activity.centre import Told
from dougong.web.present import address
from dougong.web.present.jobs import moment
from dougong.web.present.page import Frame


@dataclass(frozen=True)
class NotificationRow:
    """One notification."""

    title: str
    """What happened."""
    body: tuple[str, ...]
    """More of it, by lines."""
    at: str
    """When."""
    open_href: str
    """Where one opens it, which marks it as read."""
    leads: bool
    """Whether it leads anywhere."""


@dataclass(frozen=True)
class NotificationsPage:
    """What one was told."""

    frame: Frame
    """What stands around it."""
    unread: tuple[NotificationRow, ...]
    """What is new, the newest first."""
    read: tuple[NotificationRow, ...]
    """What was read, the newest first."""
    next_href: str
    """Older ones; blank where there are none."""
    has_more_unread: bool
    """Whether there are more unread ones than are shown."""


@dataclass(frozen=True)
class WayRow:
    """By which ways a person hears of something."""

    name: str
    """What it is called when it is sent."""
    label: str
    """What the person reads."""
    app: bool
    """In the application."""
    mail: bool
    """By mail."""


def rows(told: Iterable[Told], *, locale: str, zone: str) -> tuple[NotificationRow, ...]:
    """Present notifications."""
    return tuple(
        NotificationRow(
            title=each.title,
            body=tuple(line for line in each.body.splitlines() if line.strip()),
            at=moment(each.at, locale, zone),
            open_href=address.notification(each.id),
            leads=address.is_local(each.href),
        )
        for each in told
    )
