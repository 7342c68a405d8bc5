"""what can go wrong with an expression"""

from __future__ import annotations

from typing import Any

from dougong.base.errors import DougongError
from dougong.base.text import Message

LONGEST_PIECE = 40


class ExpressionError(DougongError):
    """An expression that cannot be read or makes no sense. The message is for its author."""

    def __init__(self, text: str, *, at: int, hint: Message | None = None, **params: Any) -> None:
        super().__init__(Message(text, code="expression", **params))
        self.at = at
        """Where the trouble begins in the text, from 0."""
        self.hint = hint
        """How to mend it, where we can guess."""


class Overflow(DougongError):
    """A number of more than 18 digits, a text that is too long, or a date outside the years 1 to 9999."""


def shown(piece: str) -> str:
    """Show a piece of an expression inside a message: short, and with nothing invisible in it."""
    cut = piece if len(piece) <= LONGEST_PIECE else piece[:LONGEST_PIECE] + "…"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in cut)
