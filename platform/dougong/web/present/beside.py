"""what stands beside a record: view models of its timeline, comments and files"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.records.named import Person
from dougong.web.present.history import Event
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Cell


@dataclass(frozen=True)
class Piece:
    """A piece of a text: words, a link, or somebody who is mentioned."""

    text: str
    """What the person reads."""
    href: str = ""
    """Where it leads; blank for words."""
    is_mention: bool = False
    """Whether it names somebody."""


@dataclass(frozen=True)
class CommentItem:
    """One comment."""

    pieces: tuple[Piece, ...]
    """Its text."""
    raw: str
    """Its text as it was written, to be changed."""
    is_edited: bool
    """Whether it was changed."""
    edit_href: str = ""
    """Where a changed text is sent; blank for those who may not."""
    delete_href: str = ""
    """Where it is taken back; blank for those who may not."""


@dataclass(frozen=True)
class FileItem:
    """One file."""

    name: str
    """What it is called."""
    size: str
    """How large it is, in words."""
    icon: str
    """A name of the icon sprite."""
    href: str
    """Its page, with a preview."""
    save_href: str
    """Its content, to be saved."""
    picture_href: str = ""
    """The picture that it is; blank for what is none, or too large to be drawn beside a record."""
    delete_href: str = ""
    """Where it is taken away; blank for those who may not."""


@dataclass(frozen=True)
class RelatedItem:
    """A related record."""

    label: str
    """What sort of record it is."""
    icon: str
    """A name of the icon sprite."""
    title: str
    """What names it."""
    href: str
    """Its page."""
    subtitle: Cell | None = None
    """What stands under its title."""


@dataclass(frozen=True)
class Item:
    """One thing that happened; one of `event`, `comment`, `file` and `related` says what."""

    id: str
    """Names it on the page."""
    kind: str
    """`changes`, `comments`, `files` or `related`."""
    who: str
    """Who did it; blank where the reader may not see them."""
    time: str
    """At what time, in the reader's zone; blank for a date."""
    moment: str
    """The moment for machines."""
    event: Event | None = None
    """A change."""
    comment: CommentItem | None = None
    """A comment."""
    file: FileItem | None = None
    """A file."""
    related: RelatedItem | None = None
    """A related record."""


@dataclass(frozen=True)
class ActivityDay:
    """Everything of one day."""

    label: str
    """The day, in words."""
    items: tuple[Item, ...]
    """Newest first."""


@dataclass(frozen=True)
class Choice:
    """One choice of a filter."""

    value: str
    """What is sent."""
    label: str
    """What the person reads."""
    is_chosen: bool = False
    """Whether it holds now."""


@dataclass(frozen=True)
class Narrowing:
    """Which part of it is shown."""

    kind: str = ""
    """A kind; blank for all."""
    by: str = ""
    """Somebody's id; blank for everyone."""
    since: str = ""
    """From this day on, as the browser sends it; blank for the beginning."""
    until: str = ""
    """To this day; blank for the end."""

    @property
    def is_narrow(self) -> bool:
        """Whether a person or a range of dates was chosen."""
        return bool(self.by or self.since or self.until)

    def query(self) -> list[tuple[str, str]]:
        """Give it as a query."""
        return [("kind", self.kind), ("by", self.by), ("since", self.since), ("until", self.until)]


@dataclass(frozen=True)
class Activity:
    """What happened to a record, and where one adds to it."""

    csrf: str
    """What every form sends back."""
    days: tuple[ActivityDay, ...]
    """Newest first."""
    kinds: tuple[Link, ...]
    """The kinds to choose from."""
    narrowing: Narrowing
    """Which part is shown."""
    people: tuple[Choice, ...]
    """Those who did something here, to choose from; empty where the choice is not offered yet."""
    here: str
    """The address of this part, without a choice."""
    back: str
    """Where a form without script comes back to."""
    comment_href: str
    """Where a comment is sent; blank for those who may not write one."""
    upload_href: str
    """Where files are sent; blank for those who may not."""
    mention_href: str
    """What a comment asks while one types a name."""
    limit: str
    """How large a file may be, in words."""
    older_href: str = ""
    """What is older; blank where nothing is."""
    is_older: bool = False
    """Whether this is not the newest part."""
    draft: str = ""
    """What was written and could not be saved."""
    problem: str = ""
    """Why it could not be saved."""
    notice: str = ""
    """What else is to be known of what was just done."""


@dataclass(frozen=True)
class ActivityPage:
    """What happened to a record, on a page of its own."""

    frame: Frame
    """What stands around it."""
    label: str
    """What sort of record it is."""
    icon: str
    """A name of the icon sprite."""
    title: str
    """What names it."""
    tabs: tuple[Link, ...]
    """The parts of a record's page."""
    activity: Activity
    """What happened."""


@dataclass(frozen=True)
class MentionsPage:
    """People who may be meant, while one types."""

    people: tuple[Person, ...]
    """By name."""


@dataclass(frozen=True)
class EditCommentPage:
    """A comment of one's own, to be changed."""

    frame: Frame
    """What stands around it."""
    action: str
    """Where it is sent."""
    cancel_href: str
    """The way back."""
    mention_href: str
    """What it asks while one types a name."""
    text: str
    """As it was written."""
    problem: str = ""
    """Why it could not be saved."""


@dataclass(frozen=True)
class FilePage:
    """One file, shown as far as a browser can show it safely."""

    frame: Frame
    """What stands around it."""
    file: FileItem
    """The file."""
    facts: tuple[tuple[str, str], ...]
    """What is known of it: labels and values."""
    record: Link
    """The record that it hangs on."""
    shown: str = ""
    """How it is shown: `picture`, `pdf`, `text`, or blank."""
    shown_href: str = ""
    """Where the browser gets what is shown."""
    text: str = ""
    """The beginning of a text."""
    is_cut: bool = False
    """Whether the text goes on."""
