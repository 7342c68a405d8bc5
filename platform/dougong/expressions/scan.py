"""the first look at a text: its pieces, and whether it may be parsed at all

Nothing but this language's own words, signs and brackets gets past here, and nothing nested so deep that a parser
could suffer; so Python's parser only ever sees a small, plain expression.
"""

from __future__ import annotations

import decimal
import keyword
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal as OneOf

from dougong.base.names import LONGEST_NAME, NAME
from dougong.base.sql_types import MOST_DIGITS
from dougong.base.text import Message
from dougong.expressions.errors import ExpressionError, shown

LONGEST_TEXT = 4000
MOST_BRACKETS = 50
"""How deep brackets may be nested, and how many signs may stand before a value."""
DEEPEST = 32
"""How deep a tree may be; what SQLAlchemy makes of one level takes up to 25 frames of Python's stack."""

CONSTANTS = frozenset({"True", "False", "None", "true", "false", "null"})
OPERATOR_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else"})

_PIECE = re.compile(
    r"""(?P<space>[ \t\r\n\u3000\u00a0]+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)
      | (?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
      | (?P<sign>==(?!=)|!=(?!=)|<=|>=|<(?!>)|>|\*(?!\*)|/(?!/)|[-+(),.\[\]])""",
    re.VERBOSE,
)
_INSTEAD = {
    "===": "==", "!==": "!=", "=": "==", "<>": "!=", "!": "not", "&&": "and", "&": "and", "||": "or", "|": "or",
    "“": '"', "”": '"', "‘": "'", "’": "'", "（": "(", "）": ")", "，": ",", "。": ".", "．": ".", "＝": "==",
    "！": "not", "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=", "＋": "+", "－": "-", "–": "-", "—": "-",
    "×": "*", "＊": "*", "÷": "/", "／": "/", "【": "[", "】": "]", "?": "a if b else c", "%": "/ 100",
    ":=": "==", "、": ",",
}  # fmt: skip
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_CLOSING = {"(": ")", "[": "]"}

PieceSort = OneOf["word", "number", "text", "sign"]


@dataclass(frozen=True)
class Piece:
    """One word, number, text or sign of an expression."""

    sort: PieceSort
    text: str
    at: int

    @property
    def is_name(self) -> bool:
        """Whether it names a field or a function."""
        return self.sort == "word" and self.text not in OPERATOR_WORDS and self.text not in CONSTANTS

    @property
    def begins_operand(self) -> bool:
        """Whether a value may begin with it, brackets aside."""
        return self.sort in ("number", "text") or (self.sort == "word" and self.text not in OPERATOR_WORDS)

    @property
    def ends_operand(self) -> bool:
        """Whether a value may end with it."""
        return self.begins_operand or self.text in (")", "]")


def scan(text: str) -> tuple[Piece, ...]:
    """Cut a text into its pieces, or raise `ExpressionError` where it is not of this language."""
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(
            "an expression has at most {most} characters, this has {length}",
            at=LONGEST_TEXT,
            most=LONGEST_TEXT,
            length=len(text),
        )
    unreadable = _UNREADABLE.search(text)
    if unreadable:
        raise ExpressionError(
            "an expression cannot hold '{piece}'",
            at=unreadable.start(),
            piece=ascii(unreadable.group())[1:-1],
        )
    pieces = _pieces(text)
    if not pieces:
        raise ExpressionError("there is no expression", at=0)
    _check_neighbours(pieces)
    _check_nesting(pieces)
    return pieces


def number_of(piece: Piece) -> decimal.Decimal:
    """Read a number exactly as it is written."""
    before, _, after = piece.text.partition(".")
    if len(before) > 1 and before.startswith("0"):
        raise ExpressionError("the number '{piece}' begins with a zero", at=piece.at, piece=shown(piece.text))
    if len(before.lstrip("0")) + len(after) > MOST_DIGITS:
        raise ExpressionError(
            "the number '{piece}' has more than {most} digits",
            at=piece.at,
            piece=shown(piece.text),
            most=MOST_DIGITS,
        )
    return decimal.Decimal(piece.text)


def text_of(piece: Piece) -> str:
    """Read what stands between quotes."""

    def read(found: re.Match[str]) -> str:
        code, sign = found.groups()
        value = chr(int(code, 16)) if code else _ESCAPED.get(sign)
        if value is None or value == "\x00" or "\ud800" <= value <= "\udfff":
            at = piece.at + 1 + found.start()
            hint = Message(r"there is: \n \t \\ \" \' and \u with four digits")
            raise ExpressionError("a text cannot hold '{piece}'", at=at, hint=hint, piece=shown(found.group()))
        return value

    return unicodedata.normalize("NFC", _ESCAPE.sub(read, piece.text[1:-1]))


def flat(text: str) -> str:
    """Put an expression of several lines on one line, character by character."""
    return re.sub(r"[\t\r\n\u3000\u00a0]", " ", text)


def _pieces(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise _stray(text, at)
        if found.lastgroup != "space":
            piece = Piece(found.lastgroup, found.group(), at)  # type: ignore[arg-type]  # the groups are named so
            _check_piece(piece, text, found.end())
            pieces.append(piece)
        at = found.end()
    return tuple(pieces)


def _check_piece(piece: Piece, text: str, end: int) -> None:
    following = text[end : end + 1]
    if piece.sort == "number" and (following in ("_", ".") or (following.isascii() and following.isalpha())):
        piece_shown = shown(text[piece.at : end + 6].split()[0])
        raise ExpressionError(
            "'{piece}' is not a number",
            at=piece.at,
            hint=Message("write all its digits, with a '.'"),
            piece=piece_shown,
        )
    if piece.is_name:
        _check_name(piece, following)


def _check_name(piece: Piece, following: str) -> None:
    word = piece.text
    if following in ("'", '"'):
        raise ExpressionError(
            "the text after '{piece}' has a prefix", at=piece.at, hint=Message("write it without"), piece=shown(word)
        )
    if keyword.iskeyword(word):
        raise ExpressionError("there is no '{piece}' in this language", at=piece.at, piece=word)
    if NAME.fullmatch(word):
        return
    if len(word) > LONGEST_NAME:
        raise ExpressionError("the name '{piece}' is too long", at=piece.at, piece=shown(word))
    hint = (
        Message("write '{instead}'", instead=word.lower())
        if NAME.fullmatch(word.lower())
        else Message("names are a to z, 0 to 9 and _, and begin with a letter")
    )
    raise ExpressionError("'{piece}' cannot be a name", at=piece.at, hint=hint, piece=shown(word))


def _stray(text: str, at: int) -> ExpressionError:
    if text[at] in "'\"":
        return ExpressionError("the text that begins with {piece} does not end", at=at, piece=shown(text[at:]))
    stray = next((text[at : at + size] for size in (3, 2, 1) if text[at : at + size] in _INSTEAD), None)
    if stray:
        return ExpressionError(
            "'{piece}' is not a sign of this language",
            at=at,
            hint=Message("write {instead}", instead=_INSTEAD[stray]),
            piece=stray,
        )
    double = text[at : at + 2]
    stray = double if double in ("**", "//", "<<", ">>", "->") else text[at]
    hint = Message("field names are ASCII; put a text in quotes") if stray.isalpha() else None
    return ExpressionError("'{piece}' is not a sign of this language", at=at, hint=hint, piece=shown(stray))


def _check_neighbours(pieces: tuple[Piece, ...]) -> None:
    for before, piece in pairwise(pieces):
        if before.ends_operand and piece.begins_operand:
            raise ExpressionError(
                "something is missing between '{before}' and '{piece}'",
                at=piece.at,
                hint=Message("an operator, a comma, or a quote"),
                before=shown(before.text),
                piece=shown(piece.text),
            )


def _check_nesting(pieces: tuple[Piece, ...]) -> None:
    open_brackets: list[Piece] = []
    prefixes = 0
    for piece in pieces:
        prefixes = prefixes + 1 if piece.text in ("not", "-", "+") and piece.sort != "text" else 0
        if piece.sort == "sign":
            _check_bracket(piece, open_brackets)
        if len(open_brackets) > MOST_BRACKETS or prefixes > MOST_BRACKETS:
            raise too_deep(piece.at, MOST_BRACKETS)
    if open_brackets:
        last = open_brackets[-1]
        raise ExpressionError("the bracket '{piece}' is not closed", at=last.at, piece=last.text)


def _check_bracket(piece: Piece, open_brackets: list[Piece]) -> None:
    if piece.text in _CLOSING:
        open_brackets.append(piece)
    elif piece.text in _CLOSING.values() and (not open_brackets or _CLOSING[open_brackets.pop().text] != piece.text):
        raise ExpressionError("the bracket '{piece}' closes nothing", at=piece.at, piece=piece.text)


def too_deep(at: int, most: int = DEEPEST) -> ExpressionError:
    """Say that an expression is nested too deep."""
    return ExpressionError(
        "the expression is nested deeper than {most} levels",
        at=at,
        hint=Message("split it into several formulas"),
        most=most,
    )
