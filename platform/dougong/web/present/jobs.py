"""long work as a person watches it, and promises that an administrator looks after"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from babel.dates import format_datetime

from dougong.base.text import Message
from dougong.jobs.outbox import Figures, Parked
from dougong.jobs.service import Job
from dougong.web.present import address
from dougong.web.present.page import Frame, Link

Labels = Callable[[str], str]
"""Says what jobs of a topic do."""

_STATUS: Mapping[str, tuple[Message, str]] = {
    "waiting": (Message("waiting"), "yellow"),
    "running": (Message("running"), "blue"),
    "cancelling": (Message("stopping"), "yellow"),
    "done": (Message("done"), "green"),
    "failed": (Message("failed"), "red"),
    "cancelled": (Message("cancelled"), ""),
}


@dataclass(frozen=True)
class JobRow:
    """One job."""

    id: str
    """Its id."""
    label: str
    """What it does."""
    who: str
    """Who started it."""
    at: str
    """When it was started."""
    status: str
    """How it stands, in words."""
    colour: str
    """Of the status."""
    done: int
    """How much is done."""
    total: int | None
    """How much there is; None where nobody knows."""
    percent: int | None
    """How far it is."""
    note: str
    """What it is at."""
    error: str
    """Why it failed."""
    is_moving: bool
    """Whether it is still under way."""
    cancel_href: str
    """Where one stops it; blank where one cannot."""


@dataclass(frozen=True)
class JobsPage:
    """The jobs of a person, or of all."""

    frame: Frame
    """What stands around it."""
    tabs: tuple[Link, ...]
    """Mine, everyone's, promises; none for who sees only their own."""
    rows: tuple[JobRow, ...]
    """The newest first."""
    refresh_href: str
    """This page, to look again; blank where nothing moves."""
    next_href: str
    """Older ones; blank where there are none."""
    with_who: bool
    """Whether others' jobs are among them."""


@dataclass(frozen=True)
class ParkedRow:
    """A promise that was tried too often."""

    id: str
    """Its id."""
    name: str
    """Who carries it out."""
    at: str
    """When it was promised."""
    failed_at: str
    """When it was given up."""
    attempts: int
    """How often it was tried."""
    error: str
    """The last line of why."""
    detail: str
    """All of why."""


@dataclass(frozen=True)
class PromisesPage:
    """How the outbox stands, and what waits for an administrator."""

    frame: Frame
    """What stands around it."""
    tabs: tuple[Link, ...]
    """The pages beside it."""
    facts: tuple[Link, ...]
    """How many wait, and since when; `href` holds the value."""
    is_late: bool
    """Whether promises wait so long that no worker seems to run."""
    rows: tuple[ParkedRow, ...]
    """What was tried too often, the newest first."""


def job_rows(
    jobs: Iterable[Job],
    labels: Labels,
    names: Mapping[str, str],
    *,
    locale: str,
    zone: str,
) -> tuple[JobRow, ...]:
    """Present jobs; `names` are those of people by their ids."""
    return tuple(_row(each, labels, names, locale, zone) for each in jobs)


def _row(job: Job, labels: Labels, names: Mapping[str, str], locale: str, zone: str) -> JobRow:
    said, colour = _STATUS["cancelling" if job.is_cancelling else job.status]
    percent = min(100, job.done * 100 // job.total) if job.total else None
    return JobRow(
        id=job.id,
        label=labels(job.kind),
        who=names.get(job.user, ""),
        at=moment(job.at, locale, zone),
        status=said.show(locale),
        colour=colour,
        done=job.done,
        total=job.total,
        percent=percent,
        note=job.note or "",
        error=job.error.show(locale) if job.error is not None else "",
        is_moving=not job.has_ended,
        cancel_href=address.cancel_job(job.id) if not job.has_ended and not job.is_cancelling else "",
    )


def parked_rows(parked: Iterable[Parked], *, locale: str, zone: str) -> tuple[ParkedRow, ...]:
    """Present promises that were tried too often."""
    return tuple(
        ParkedRow(
            id=each.id,
            name=each.name,
            at=moment(each.at, locale, zone),
            failed_at=moment(each.failed_at, locale, zone),
            attempts=each.attempts,
            error=(each.error.splitlines() or [""])[-1],
            detail=each.error,
        )
        for each in parked
    )


def facts(figures: Figures, *, locale: str, zone: str) -> tuple[Link, ...]:
    """Say how the outbox stands."""
    since = moment(figures.oldest, locale, zone) if figures.oldest is not None else "—"
    return (
        Link(Message("Due now").show(locale), str(figures.due)),
        Link(Message("The oldest is due since").show(locale), since),
        Link(Message("For later").show(locale), str(figures.later)),
        Link(Message("Failed").show(locale), str(figures.parked)),
    )


def moment(value: dt.datetime, locale: str, zone: str) -> str:
    """Show a moment in the reader's zone."""
    return format_datetime(value, "medium", tzinfo=zoneinfo.ZoneInfo(zone), locale=locale.replace("-", "_"))
