"""find records by words

Each record of nature `record` has one hidden column with the tokens of its title, subtitle and searchable fields:
words in small letters without accents; Chinese as single characters and pairs, and as pinyin whole and in initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from dougong.catalog.model import Catalog, ObjectModel
from dougong.records.source import Source
from dougong.sdk.words import syllables

MOST_TOKENS = 12
MOST_BEGINNINGS = 16
LONGEST_SOUND = 24
LONGEST = 2000
NOWHERE = "\ue000"
_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")


def fold(text: str) -> str:
    """Small letters without accents, full-width forms made plain."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def tokens_of(words: str | None) -> tuple[str, ...]:
    """Read what a person typed: every token must occur. Chinese is looked for in pairs.

    Only signs that are in no word (`%`) are a token that occurs nowhere.
    """
    found: list[str] = []
    for word in _WORD.findall(fold(words or "")):
        found += _pairs(word) if _HAN.search(word) else [word]
    return tuple(dict.fromkeys(found))[:MOST_TOKENS] or ((NOWHERE,) if (words or "").strip() else ())


def _pairs(word: str) -> list[str]:
    pieces: list[str] = []
    for piece in re.findall(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\u3400-\u9fff\uf900-\ufaff]+", word):
        if not _HAN.match(piece) or len(piece) <= 2:
            pieces.append(piece)
        else:
            pieces += [piece[at : at + 2] for at in range(len(piece) - 1)]
    return pieces


def stored_tokens(model_fields: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """Give the token column of a record."""
    found: dict[str, None] = {}
    for name in model_fields:
        value = values.get(name)
        if value is None:
            continue
        for word in _WORD.findall(fold(str(value))):
            found |= dict.fromkeys(_indexed(word))
    return (" " + " ".join(found) + " ")[:LONGEST] if found else None


def _indexed(word: str) -> Iterable[str]:
    yield word
    for piece in _HAN.findall(word):
        yield from piece
        yield from (piece[at : at + 2] for at in range(len(piece) - 1))
        sounds = syllables(piece)
        # A word is found from any of its characters on: `yuntu` and `yt` find 北京云图.
        for start in range(min(len(sounds), MOST_BEGINNINGS)):
            rest = [sound for sound in sounds[start:] if sound]
            yield "".join(rest)[:LONGEST_SOUND]
            yield "".join(sound[0] for sound in rest)[:LONGEST_SOUND]


def searched_fields(catalog: Catalog, model: ObjectModel) -> tuple[str, ...]:
    """The fields whose words find a record: the title, the subtitle and those the author named."""
    return catalog.memo(_searched, model.name)


def _searched(catalog: Catalog, object_name: str) -> tuple[str, ...]:
    model = catalog.object(object_name)
    wanted = {model.title, model.definition.subtitle}
    return tuple(
        each.name
        for each in model.own_fields()
        if each.type.columns()
        and each.type.lookup() is None
        and not each.sensitive
        and (each.searchable or (each.searchable is None and each.name in wanted))
    )


def pattern(token: str) -> str:
    """Give the LIKE pattern for a token at the beginning of a word."""
    escaped = token.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"% {escaped}%"


def conditions(source: Source, count: int) -> list[Any]:
    """Give the conditions for so many tokens; an object without a token column matches nothing."""
    if not count:
        return []
    if "_tokens" not in source.table.c:
        return [sa.false()]
    column = source.table.c["_tokens"]
    return [column.like(sa.bindparam(f"token_{at}", type_=sa.Text), escape="\\") for at in range(count)]
