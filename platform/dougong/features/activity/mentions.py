"""mentions: people who are named in a text by `@login` or `@name`"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from dougong.base.actor import Actor
from dougong.context import Context
from dougong.records import named
from dougong.records import service as records
from dougong.records.named import Person

MOST = 20
"""So many people one text may mention; more are only words."""
LONGEST_NAME = 40
OFFERED = 8

_AT = re.compile(r"(?<![A-Za-z0-9_.@/-])@(?=\w)")
_WORD = re.compile(r"[\w.-]")


@dataclass(frozen=True)
class Mention:
    """One person, named in a text."""

    start: int
    end: int
    """Where in the text: `text[start:end]` is what was typed, with the `@`."""
    user: str
    name: str = ""
    """As the reader may see it; blank where they may not."""


def find(ctx: Context, text: str) -> tuple[Mention, ...]:
    """Find whom a text mentions, among the active people whom the actor may see.

    After an `@` the longest login or name counts that one person has; a name that several have means nobody, and
    their logins tell them apart. Chinese names need no blank behind them.
    """
    places = [each.start() for each in _AT.finditer(text)]
    if not places:
        return ()
    known = _known(ctx, {guess for place in places[:MOST] for guess in _guesses(text, place)})
    found = []
    for place in places[:MOST]:
        guess = next((each for each in _guesses(text, place) if each.casefold() in known), None)
        if guess is not None:
            found.append(Mention(place, place + 1 + len(guess), known[guess.casefold()]))
    return tuple(found)


def _guesses(text: str, place: int) -> list[str]:
    """Give what may be a name or login behind an `@`, the longest first."""
    line = text[place + 1 : place + 1 + LONGEST_NAME].split("\n")[0]
    return [line[:end] for end in range(len(line), 0, -1) if _ends(line, end)]


def _ends(line: str, end: int) -> bool:
    """Whether a name may end here: not with a blank, and not within a word of Latin letters or digits."""
    last, following = line[end - 1], line[end : end + 1]
    if last.isspace() or last == "@":
        return False
    return not (following and last.isascii() and following.isascii() and _WORD.match(last) and following.isalnum())


def _known(ctx: Context, wanted: Iterable[str]) -> dict[str, str]:
    """Give whom each of these logins and names means: the one active person who has it, if the actor may see them."""
    people = named.called(ctx, sorted({*wanted, *(each.casefold() for each in wanted)}))
    by_name: dict[str, list[str]] = {}
    for each in people:
        by_name.setdefault(each.name.casefold(), []).append(each.id)
    found = {name: ids[0] for name, ids in by_name.items() if len(ids) == 1}
    return found | {each.login.casefold(): each.id for each in people}


def offer(ctx: Context, words: str) -> tuple[Person, ...]:
    """Give people whom somebody may mean who has typed this much of a login or name."""
    return named.with_part(ctx, words.strip()[:LONGEST_NAME])[:OFFERED]


def may_read(ctx: Context, user: str, object_name: str, record_id: str) -> bool:
    """Whether somebody else may read a record; an engine that cannot tell says no."""
    actor: Actor | None = ctx.perform("actor", user=user)
    if actor is None:
        return False
    return records.may_record(dataclasses.replace(ctx, actor=actor, memos={}), "read", object_name, record_id)


def written(found: Iterable[Mention]) -> str:
    """Give mentions as they are kept."""
    return orjson.dumps([[each.start, each.end, each.user] for each in found]).decode()


def read(kept: str) -> tuple[Mention, ...]:
    """Read what `written` gave."""
    return tuple(Mention(start, end, user) for start, end, user in orjson.loads(kept))
