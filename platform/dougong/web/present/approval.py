"""where an approval stands: its nodes, who decided what, and what may still come"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from babel.dates import format_datetime

from dougong.base.text import Message
from dougong.features.flows.inbox import Told, Trace, Visit, Vote
from dougong.features.flows.simulation import Step

DONE: Mapping[str, Message] = {
    "submit": Message("submitted"),
    "approve": Message("approved"),
    "reject": Message("rejected"),
    "return": Message("returned"),
    "transfer": Message("transferred"),
    "cc": Message("sent a copy"),
    "remind": Message("reminded"),
    "withdraw": Message("withdrew"),
    "skip": Message("passed over"),
    "timer": Message("time is over"),
    "end_approve": Message("The approval ended: approved"),
    "end_reject": Message("The approval ended: rejected"),
}
STATUSES: Mapping[str, tuple[Message, str]] = {
    "running": (Message("In approval"), "blue"),
    "returned": (Message("Returned"), "orange"),
    "approved": (Message("Approved"), "green"),
    "rejected": (Message("Rejected"), "red"),
    "withdrawn": (Message("Withdrawn"), "gray"),
    "cancelled": (Message("Cancelled"), "gray"),
}
_MODES: Mapping[str, Message] = {
    "any": Message("one decides"),
    "all": Message("all decide"),
    "sequence": Message("one after another"),
    "percent": Message("a share decides"),
}
_VISITS: Mapping[str, tuple[Message, str]] = {
    "open": (Message("waits"), "blue"),
    "approve": (Message("approved"), "green"),
    "reject": (Message("rejected"), "red"),
    "return": (Message("returned"), "orange"),
    "void": (Message("no longer needed"), "gray"),
}
_ICONS: Mapping[str, str] = {
    "submit": "send", "approve": "circle-check", "reject": "circle-x", "return": "arrow-back-up",
    "transfer": "transfer", "cc": "mail", "remind": "bell", "withdraw": "arrow-back-up", "skip": "circle-dashed",
    "timer": "alarm", "end_approve": "check", "end_reject": "x",
}  # fmt: skip


@dataclass(frozen=True)
class PersonRow:
    """One who decides, decided, or would decide."""

    name: str
    """Who."""
    did: str
    """What they did; blank while it is open."""
    when: str
    """When, or since when it waits for them."""
    opinion: str
    """What they said."""
    why: str
    """Why it is them."""
    is_late: bool = False
    """Whether it should have been decided by now."""


@dataclass(frozen=True)
class StepRow:
    """One node of the way."""

    label: str
    """What it is called."""
    mode: str
    """How several decide; blank where it is one."""
    state: str
    """What became of it, in words."""
    colour: str
    """The colour of that."""
    people: tuple[PersonRow, ...]
    """Who decides there."""
    is_ahead: bool = False
    """Whether it may still come."""


@dataclass(frozen=True)
class Diagram:
    """The picture of a process."""

    xml: str
    """BPMN with places."""
    marks: Mapping[str, str]
    """What became of each node, by its id: `open`, `approve`, `reject`, `return`."""


@dataclass(frozen=True)
class FlowPanel:
    """Where an approval stands."""

    label: str
    """What the flow is called."""
    status: str
    """Where it stands, in words."""
    colour: str
    """The colour of that."""
    waits: str
    """For whom it waits, since when; blank where it does not."""
    steps: tuple[StepRow, ...]
    """The nodes it came to, and those that may come."""
    diagram: Diagram | None
    """The picture; None where there is none."""
    href: str = ""
    """Where one decides or sees more; blank where the page is that."""
    is_mine: bool = False
    """Whether it waits for the reader."""
    copied: str = ""
    """Who was told of it."""


@dataclass(frozen=True)
class ToldRow:
    """Something that happened."""

    icon: str
    """A name of the icon sprite."""
    who: str
    """Who did it; blank where nobody did."""
    did: str
    """What, in words."""
    node: str
    """At which node."""
    to: str
    """Whom or where it went to."""
    when: str
    """When."""
    moment: str
    """The same for machines."""
    opinion: str
    """What they said."""
    fields: str
    """What they entered."""


@dataclass(frozen=True)
class Clock:
    """How moments are written for a reader."""

    locale: str
    """Their language."""
    zone: str
    """Their time zone."""
    now: dt.datetime
    """What time it is."""

    def say(self, moment: dt.datetime | None) -> str:
        """Write a moment."""
        if moment is None:
            return ""
        zone = zoneinfo.ZoneInfo(self.zone)
        return format_datetime(moment, "short", tzinfo=zone, locale=self.locale.replace("-", "_"))

    def is_over(self, moment: dt.datetime | None) -> bool:
        """Whether a moment has passed."""
        return moment is not None and moment < self.now


def panel(trace: Trace, clock: Clock, diagram: Diagram | None, *, href: str = "", is_mine: bool = False) -> FlowPanel:
    """Present where an approval stands."""
    status, colour = STATUSES[trace.status]
    waiting = [vote for visit in trace.visits for vote in visit.votes if vote.state == "open"]
    waits = ""
    if waiting:
        since = min((vote.opened_at for vote in waiting if vote.opened_at), default=None)
        names = ", ".join(dict.fromkeys(vote.name for vote in waiting))
        waits = Message("Waits for {names} since {since}", names=names, since=clock.say(since)).show(clock.locale)
    steps = [_visit(each, clock) for each in trace.visits] + [_ahead(each, clock) for each in trace.next]
    return FlowPanel(
        label=trace.flow_label.show(clock.locale),
        status=status.show(clock.locale),
        colour=colour,
        waits=waits,
        steps=tuple(steps),
        diagram=diagram,
        href=href,
        is_mine=is_mine,
        copied=", ".join(trace.copied),
    )


def marks(trace: Trace) -> dict[str, str]:
    """Say what became of each node last, for the picture."""
    found: dict[str, str] = {}
    for visit in trace.visits:
        found.pop(visit.node, None)
        if visit.state == "void" or (visit.round != trace.round and trace.status == "running"):
            continue
        if visit.state == "approve" and visit.node not in trace.results:
            continue
        found[visit.node] = visit.state
    return found


def _visit(visit: Visit, clock: Clock) -> StepRow:
    state, colour = _VISITS[visit.state]
    several = len(visit.votes) > 1
    return StepRow(
        label=visit.label.show(clock.locale),
        mode=_MODES[visit.mode].show(clock.locale) if several else "",
        state=state.show(clock.locale),
        colour=colour,
        people=tuple(_person(each, clock) for each in visit.votes),
    )


def _person(vote: Vote, clock: Clock) -> PersonRow:
    did = DONE[vote.verb].show(clock.locale) if vote.verb and vote.verb in DONE else ""
    return PersonRow(
        name=vote.name,
        did=did,
        when=clock.say(vote.done_at or vote.opened_at),
        opinion=vote.opinion or "",
        why=vote.why.show(clock.locale),
        is_late=vote.state == "open" and clock.is_over(vote.due_at),
    )


def _ahead(step: Step, clock: Clock) -> StepRow:
    return StepRow(
        label=step.label.show(clock.locale),
        mode=_MODES[step.mode].show(clock.locale) if len(step.people) > 1 else "",
        state=(step.skipped or Message("comes next")).show(clock.locale),
        colour="gray",
        people=tuple(PersonRow(each.name, "", "", "", each.why.show(clock.locale)) for each in step.people),
        is_ahead=True,
    )


def told(events: Iterable[Told], labels: Mapping[str, str], nodes: Mapping[str, str], clock: Clock) -> list[ToldRow]:
    """Present what happened, the newest first; `labels` are those of fields, `nodes` those of nodes."""
    found = []
    for each in events:
        is_end = each.verb.startswith("end_")
        found.append(
            ToldRow(
                icon=_ICONS.get(each.verb, "circle"),
                who="" if is_end or each.verb in ("skip", "timer") else each.name,
                did=DONE[each.verb].show(clock.locale) if each.verb in DONE else each.verb,
                node=each.node_label.show(clock.locale) if each.node_label is not None else "",
                to=", ".join(nodes.get(name, name) for name in each.to),
                when=clock.say(each.at),
                moment=each.at.isoformat(),
                opinion=each.opinion or "",
                fields=", ".join(labels.get(name, name) for name in each.fields),
            )
        )
    return found[::-1]
