"""work items: the inbox, and one to decide on"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dougong.base.text import Message
from dougong.features.flows.inbox import Entry
from dougong.web.present import address
from dougong.web.present.approval import DONE, STATUSES, Clock, FlowPanel, ToldRow
from dougong.web.present.detail import FactSection
from dougong.web.present.filters import Choice
from dougong.web.present.form import Input
from dougong.web.present.page import Frame, Link

STATES: Mapping[str, Message] = {
    "open": Message("To decide"),
    "done": Message("Decided"),
    "mine": Message("Submitted by me"),
    "cc": Message("For information"),
}


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox."""

    href: str
    """The work item, or the approval."""
    title: str
    """What names the record."""
    label: str
    """What sort of record it is."""
    node: str
    """Where it stands; blank where that is not asked."""
    applicant: str
    """Who submitted it."""
    at: str
    """Since when, or when."""
    moment: str
    """The same for machines."""
    due: str
    """Until when it should be decided; blank for no limit."""
    is_late: bool
    """Whether that is over."""
    is_unread: bool
    """Whether it has not been looked at."""
    did: str
    """What was decided; blank where it is open."""
    status: str
    """Where the approval stands."""
    colour: str
    """The colour of that."""


@dataclass(frozen=True)
class InboxPage:
    """What waits for a person, and what they had to do with."""

    frame: Frame
    """What stands around it."""
    tabs: tuple[Link, ...]
    """To decide, decided, submitted, for information."""
    state: str
    """Which of them is shown."""
    rows: tuple[InboxRow, ...]
    """The lines."""
    words: str = ""
    """What was searched."""
    next_href: str = ""
    """The next ones; blank where there are no more."""


@dataclass(frozen=True)
class WorkItemPage:
    """One work item, with what one needs to decide."""

    frame: Frame
    """What stands around it."""
    title: str
    """What names the record."""
    label: str
    """The flow and the node."""
    icon: str
    """A name of the icon sprite."""
    action: str
    """Where a decision is sent."""
    verbs: tuple[str, ...]
    """What may be done now."""
    panel: FlowPanel
    """Where it stands."""
    told: tuple[ToldRow, ...]
    """What happened, the newest first."""
    sections: tuple[FactSection, ...] = ()
    """The record, as far as one may read it."""
    record_href: str = ""
    """The record's own page; blank for those who may not open it."""
    changed: tuple[str, ...] = ()
    """The fields that were changed since one decided last."""
    inputs: tuple[Input, ...] = ()
    """What may be entered while approving."""
    returns: tuple[Choice, ...] = ()
    """Where it may be returned to."""
    people: tuple[Choice, ...] = ()
    """To whom it may be transferred or sent."""
    opinion: str = ""
    """What was typed."""
    needs_opinion: tuple[str, ...] = ()
    """The verbs that want words."""
    problems: tuple[str, ...] = ()
    """Why it could not be done."""
    version: int | None = None
    """The version of the record that is shown."""
    due: str = ""
    """Until when it should be decided."""
    is_late: bool = False
    """Whether that is over."""


def tabs(state: str, locale: str) -> tuple[Link, ...]:
    """Present the parts of the inbox."""
    return tuple(
        Link(label.show(locale), address.inbox(state=name), is_current=name == state) for name, label in STATES.items()
    )


def row(each: Entry, label: str, state: str, clock: Clock) -> InboxRow:
    """Present one line."""
    status, colour = STATUSES[each.status]
    return InboxRow(
        href=address.work_item(each.id),
        title=each.title,
        label=label,
        node=each.node_label.show(clock.locale) if each.node_label is not None else "",
        applicant=each.applicant_name,
        at=clock.say(each.at),
        moment=each.at.isoformat(),
        due=clock.say(each.due_at) if state == "open" else "",
        is_late=state == "open" and clock.is_over(each.due_at),
        is_unread=each.is_unread,
        did=DONE[each.verb].show(clock.locale) if each.verb and each.verb in DONE else "",
        status=status.show(clock.locale),
        colour=colour,
    )
