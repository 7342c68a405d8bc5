"""text made safe to keep, and the keys that lists sort by"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from dougong.base.errors import InvalidValue
from dougong.base.heavy import load
from dougong.base.text import Message

LONGEST_KEY = 64
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What a database, XML or a spreadsheet cannot hold."""
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029")
_CHINESE = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_TONES = re.compile("[\u0300-\u036f]")
_DIGITS = re.compile(r"\d+")
_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def text_column() -> sa.types.TypeEngine[Any]:
    """Give the column of any text: no length, and compared by code point on every database.

    The longest text is a rule of the field and not of the column, so that changing it changes no table.
    """
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def read_text(raw: Any, *, longest: int, lines: bool = False) -> str:
    """Give text in NFC, trimmed, with `\\n` between its lines, or raise `InvalidValue`."""
    if not isinstance(raw, str):
        raise InvalidValue(Message("Enter text.", code="text_expected"))
    text: str = raw
    if text.isascii() and text.isprintable():
        # Most of what is imported: nothing in it can be unfit, a break or not in NFC.
        text = text.strip()
        if len(text) <= longest:
            return text
    if len(text) <= 4 * longest + 100:
        # Normalizing and trimming may shorten it; beyond this it is not worth the work.
        text = _BREAKS.sub("\n", unicodedata.normalize("NFC", text)).strip()
    if len(text) > longest:
        raise InvalidValue(Message("Enter at most {longest} characters.", code="text_too_long", longest=longest))
    if _UNFIT.search(text):
        raise InvalidValue(Message("Take out the characters that cannot be shown.", code="text_unfit"))
    if not lines and "\n" in text:
        raise InvalidValue(Message("Enter it on one line.", code="text_one_line"))
    return text


def narrow(text: str) -> str:
    """Give the ordinary letters, digits and signs for full-width ones, as Chinese keyboards type them."""
    return text if text.isascii() else text.translate(_WIDE)


def sort_key(text: str) -> str:
    """Give what lists sort by: no case, no accents, pinyin for Chinese; at most 64 characters."""
    if not text.isascii():
        if _CHINESE.search(text):
            text = _CHINESE.sub(_pinyin, text)
        plain = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_NOT_DECOMPOSED)
    return " ".join(text.casefold().split())[:LONGEST_KEY].rstrip()


def number_key(text: str) -> str:
    """Give what lists sort numbered things by, such that `C-9` comes before `C-10`."""
    return _DIGITS.sub(lambda digits: digits.group().zfill(20), text)


def syllables(chinese: str) -> list[str]:
    """Give the pinyin of Chinese text without tones, a syllable for each character."""
    # Only who has Chinese text pays for pypinyin. Its own `lazy_pinyin` gives the same five times as slowly, which an
    # import of 100,000 names would feel.
    pypinyin = load("pypinyin.constants")
    words: Iterable[str] = load("pypinyin.seg.mmseg").seg.cut(chinese)
    found: list[str] = []
    for word in words:
        phrase = pypinyin.PHRASES_DICT.get(word) if len(word) > 1 else None
        if phrase:
            found += [readings[0] for readings in phrase]
        else:
            found += [pypinyin.PINYIN_DICT.get(ord(letter), letter).split(",")[0] for letter in word]
    apart = unicodedata.normalize("NFD", " ".join(found)).replace("u\u0308", "v")
    return _TONES.sub("", apart).split(" ")


def _pinyin(chinese: re.Match[str]) -> str:
    # A key needs 64 letters, and no syllable has fewer than one.
    return " " + " ".join(syllables(chinese.group()[:LONGEST_KEY])) + " "
