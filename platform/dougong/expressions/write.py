"""the tree as text again: what `parse` and `check` read as the same tree"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dougong.expressions.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Compare,
    Conditional,
    Either,
    In,
    IsNull,
    Literal,
    Me,
    Negative,
    Node,
    Not,
    Path,
    Value,
    walk,
)

_CONDITIONAL, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)
_ARITHMETIC = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


class Unwritable(Exception):
    """A tree that no text stands for: a value that nobody can write down, or lines that are named nowhere."""


def write(node: Node) -> str:
    """Give the text of a tree, or raise `Unwritable`; a date, moment or id is written as a text that fits it."""
    return _Writing(()).text(node, _CONDITIONAL)


def quoted(text: str) -> str:
    """Write a text as a literal."""
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(signs.get(sign) or _escaped(sign) for sign in text) + '"'


def literal(value: Value) -> str:
    """Write a value as a literal, or raise `Unwritable`."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value or abs(value):f}"
        case dt.datetime():
            return quoted(value.astimezone(dt.UTC).isoformat("T", "milliseconds").replace("+00:00", "Z"))
        case dt.date():
            return quoted(value.isoformat())
        case str():
            return quoted(value)
        case _:
            raise Unwritable(repr(value))


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() or sign == " " else f"\\u{ord(sign):04x}"


class _Writing:
    """Where paths begin: at the record, or under the lines that an aggregate stands on."""

    def __init__(self, under: tuple[str, ...]) -> None:
        self.under = under

    def text(self, node: Node, least: int) -> str:
        """Write a node; in brackets where it binds less than its place wants."""
        text, binds = self.bound(node)
        return f"({text})" if binds < least else text

    def bound(self, node: Node) -> tuple[str, int]:  # noqa: C901 -- one line for each sort of node
        """Write a node, and say how strongly it binds."""
        match node:
            case Literal(value, _, kind):
                if isinstance(value, Decimal):
                    places = max(kind.scale, -int(value.as_tuple().exponent))
                    # There is one nought: what was worked out may have a sign of its own.
                    return f"{value or abs(value):.{places}f}", _SIGN if value < 0 else _ATOM
                return literal(value), _ATOM
            case Path(names):
                return ".".join((*self.under, *names)), _ATOM
            case Me(names):
                return ".".join(("me", *names)), _ATOM
            case Negative(of):
                return f"-{self.text(of, _ATOM)}", _SIGN
            case Arithmetic(operator, left, right):
                binds = _ARITHMETIC[operator]
                return f"{self.text(left, binds)} {operator} {self.text(right, binds + 1)}", binds
            case Compare(operator, left, right):
                return f"{self.text(left, _SUM)} {operator} {self.text(right, _SUM)}", _COMPARE
            case In(item, among, negated):
                return f"{self.text(item, _SUM)} {'not in' if negated else 'in'} {self.among(among)}", _COMPARE
            case IsNull(of, negated):
                return f"{self.text(of, _SUM)} is {'not ' if negated else ''}null", _COMPARE
            case Not(of):
                return f"not {self.text(of, _NOT)}", _NOT
            case Both(parts):
                return " and ".join(self.text(part, _NOT) for part in parts), _AND
            case Either(parts):
                return " or ".join(self.text(part, _AND) for part in parts), _OR
            case Conditional(condition, then, otherwise):
                chosen = f"{self.text(then, _OR)} if {self.text(condition, _OR)}"
                return f"{chosen} else {self.text(otherwise, _CONDITIONAL)}", _CONDITIONAL
            case Call(function, arguments):
                return f"{function}({', '.join(self.text(each, _CONDITIONAL) for each in arguments)})", _ATOM
            case Aggregate(function, children, of):
                if of is not None and not any(isinstance(each, Path) for each in walk(of)):
                    raise Unwritable("an aggregate of a constant: its text would not say over which lines")
                lines = (*self.under, *children)
                over = ".".join(lines) if of is None else _Writing(lines).text(of, _CONDITIONAL)
                return f"{function}({over})", _ATOM
            case _:
                raise Unwritable(type(node).__name__)

    def among(self, among: tuple[Node, ...] | Node) -> str:
        if not isinstance(among, tuple):
            return self.text(among, _SUM)
        listed = ", ".join(self.text(each, _CONDITIONAL) for each in among)
        return f"({listed})" if len(among) > 1 else f"[{listed}]"
