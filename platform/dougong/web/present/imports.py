"""importing a file by screen: what of the file goes where, how far it is, and what came of it"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dougong.web.present.jobs import JobRow
from dougong.web.present.page import Frame, Link


@dataclass(frozen=True)
class Choice:
    """One entry of a select."""

    value: str
    """What is sent."""
    label: str
    """What people read."""
    is_chosen: bool = False
    """Whether it is what holds now."""


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file."""

    position: int
    """From 0: how its inputs are called."""
    header: str
    """What stands above it."""
    samples: tuple[str, ...]
    """Some of its cells."""
    choices: tuple[Choice, ...]
    """Where it may go."""
    is_key: bool
    """Whether it is part of the key."""
    sureness: str
    """How sure the guess is, in words; blank where nothing was guessed or it was chosen."""
    colour: str = ""
    """Of these words."""


@dataclass(frozen=True)
class Figure:
    """One count of a result."""

    label: str
    """What is counted."""
    count: str
    """How many."""
    tone: str = ""
    """`positive`, `negative` or blank."""


@dataclass(frozen=True)
class WrongRow:
    """One thing wrong with a row."""

    row: str
    """Its number in the file."""
    column: str
    """The header; blank for the row as a whole."""
    value: str
    """What stands there."""
    message: str
    """What is wrong, and how to mend it."""


@dataclass(frozen=True)
class BatchRow:
    """One import there was."""

    at: str
    """When."""
    who: str
    """By whom."""
    file: str
    """From which file."""
    state: str
    """How it ended, in words."""
    colour: str
    """Of the state."""
    counts: str
    """What came of it, in words."""
    href: str
    """Its page."""


@dataclass(frozen=True)
class UploadPage:
    """Choosing a file, and the imports there were."""

    frame: Frame
    """What stands around it."""
    plural: str
    """What is imported."""
    action: str
    """Where the file is sent."""
    most: str
    """How large a file may be."""
    open: tuple[Link, ...]
    """Files that were uploaded and not imported yet."""
    batches: tuple[BatchRow, ...]
    """The newest first."""
    problem: str = ""
    """Why the file was not taken."""
    example_href: str = ""
    """The list as a file that can be imported; blank for those who may not export."""


@dataclass(frozen=True)
class ImportPage:
    """One file on its way."""

    frame: Frame
    """What stands around it."""
    step: str
    """`map`, `moving`, `checked`, `done` or `failed`."""
    file: str
    """Its name."""
    plural: str
    """What is imported."""
    back_href: str
    """Where all imports of the object are."""
    list_href: str
    """The records."""
    here: str
    """This page."""
    action: str
    """Where what is chosen is sent."""
    problem: str = ""
    """What is wrong with what was chosen, or why it failed."""
    sheets: tuple[Choice, ...] = ()
    """The sheets of a workbook."""
    header_row: int = 1
    """Which row names the columns."""
    rows: str = ""
    """How many rows there are, where that is known."""
    columns: tuple[ColumnRow, ...] = ()
    """What goes where."""
    as_exported: bool | None = None
    """Whether it is read by its technical names, as our own export wrote it; None where that is not offered."""
    is_remembered: bool = False
    """Whether the mapping is that of an earlier file."""
    map_href: str = ""
    """Where the mapping is changed; blank where that is over."""
    job: JobRow | None = None
    """How far it is."""
    figures: tuple[Figure, ...] = ()
    """The counts of a check or an import."""
    sums_up: str = ""
    """How the counts add up."""
    wrong: tuple[WrongRow, ...] = ()
    """The first errors."""
    errors_href: str = ""
    """The rows with errors, to be corrected."""
    note: str = ""
    """What else is to be known of the counts."""
    undo_href: str = ""
    """Where the import is taken back; blank where there is none."""


@dataclass(frozen=True)
class BatchPage:
    """One import there was, and taking it back."""

    frame: Frame
    """What stands around it."""
    file: str
    """From which file."""
    facts: tuple[tuple[str, str], ...]
    """What is known of it."""
    action: str
    """Where taking it back is sent; blank where it cannot be."""
    back_href: str
    """All imports of the object."""
    list_href: str
    """The records."""
    foreseen: tuple[str, ...] = ()
    """What taking it back would do."""
    problem: str = ""
    """Why it cannot be taken back now."""
    job: JobRow | None = None
    """How far taking it back is."""
    here: str = ""
    """This page."""
    outcome: tuple[Figure, ...] = ()
    """What became of its records."""
    left: tuple[tuple[str, str], ...] = ()
    """What stays, and why."""


def chosen(choices: Sequence[Choice]) -> str:
    """Give what a select holds."""
    return next((each.value for each in choices if each.is_chosen), "")


def sure(confidence: float, words: Mapping[str, str]) -> tuple[str, str]:
    """Say how sure a guess is, and in which colour."""
    if confidence >= 0.9:
        return words["sure"], "green"
    return (words["likely"], "yellow") if confidence > 0 else ("", "")
