"""identifiers, did-you-mean, and ids"""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterable

import uuid_utils

from dougong.base.text import Message

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_NAME = 40
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_name(text: str) -> bool:
    """Whether a text may name something: ASCII snake_case, at most 40, no Python keyword."""
    return bool(NAME.fullmatch(text)) and not keyword.iskeyword(text)


def is_id(text: object) -> bool:
    """Whether a value is the text of an id."""
    return isinstance(text, str) and bool(_ID.fullmatch(text))


def new_id() -> str:
    """Make an id: UUIDv7 text, ascending in time."""
    return str(uuid_utils.uuid7())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that was probably meant."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def hint_to(name: str, known: Iterable[str]) -> Message:
    """Say to a person what was probably meant, or what there is, in their language."""
    names = sorted(set(known))
    guess = nearest(name, names)
    if guess:
        return Message("did you mean '{name}'?", name=guess)
    if not names:
        return Message("there is none")
    return Message("there is: {names}", names=", ".join(names[:6]) + (" …" if len(names) > 6 else ""))


def hint_for(name: str, known: Iterable[str]) -> str:
    """Say to an author, whose problems are told in English, what was probably meant, or what there is."""
    return str(hint_to(name, known))
