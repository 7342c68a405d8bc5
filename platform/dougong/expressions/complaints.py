"""what `check` says about an expression that makes no sense, and how to mend it"""

from __future__ import annotations

from dougong.base.text import Message
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.fitting import described
from dougong.expressions.functions import AGGREGATES
from dougong.expressions.paths import Step
from dougong.expressions.tree import Arithmetic, Compare, Node, Path
from dougong.expressions.types import BLANK, CODES, Type


def hint_for_value(node: Node) -> Message | None:
    """Say what can be done with a value that cannot stand where it does."""
    match node.type.sort:
        case "children" if isinstance(node, Path):
            return Message("say count({piece}) or sum({piece}.…)", piece=".".join(node.names))
        case "codes":
            return Message('say "…" in the field')
        case "span":
            return Message("add it to a date")
        case "record":
            return Message("compare lookups with == and !=")
        case _:
            return None


def many(node: Path, lines: Step, inside: str) -> ExpressionError:
    """Say that a path goes into lines where one value is wanted."""
    piece = ".".join(node.names)
    hint = Message("say sum({piece}), or another of {names}", piece=shown(piece), names=", ".join(AGGREGATES))
    return ExpressionError(
        "'{piece}' goes into '{lines}', which are many",
        at=node.at,
        hint=None if inside else hint,
        piece=shown(piece),
        lines=lines.field,
    )


_FOR_A_CONDITION = {"text": Message('say == "…" or is not null'), "number": Message("say > 0 or is not null")}


def unexpected(node: Node, expect: Type) -> ExpressionError:
    """Say that a value is not what is wanted."""
    hint = _FOR_A_CONDITION.get(node.type.sort, Message("say is not null")) if expect.sort == "boolean" else None
    given, wanted = described(node.type), described(expect)
    return ExpressionError(
        "this gives {given}, but {wanted} is wanted", at=node.at, hint=hint, given=given, wanted=wanted
    )


def not_numbers(node: Arithmetic, left: Node, right: Node) -> ExpressionError:
    """Say that an operator cannot take two values."""
    sorts = (left.type.sort, right.type.sort)
    hint = None
    if node.operator == "-" and set(sorts) <= {"date", "moment"}:
        hint = Message("say days_between(start, end)")
    elif node.operator == "+" and "text" in sorts:
        hint = Message("text_of(…) makes a text of a number or date")
    elif set(sorts) == {"date", "number"}:
        hint = Message("say days(…), months(…) or years(…)")
    return ExpressionError(
        "'{operator}' cannot take {left} and {right}",
        at=node.at,
        hint=hint,
        operator=node.operator,
        left=described(left.type),
        right=described(right.type),
    )


def incomparable(node: Compare, left: Node, right: Node) -> ExpressionError:
    """Say that two values cannot be compared."""
    if CODES in (left.type, right.type):
        hint = Message('say "…" in the field')
    elif BLANK in (left.type, right.type):
        hint = Message("say 'is null'")
    else:
        hint = None
    one, other = described(left.type), described(right.type)
    return ExpressionError("{one} cannot be compared with {other}", at=node.at, hint=hint, one=one, other=other)


def no_list(among: Node, item: Node) -> ExpressionError:
    """Say that what follows `in` is no list."""
    hint = Message('write a list in brackets: in ("a", "b")')
    if among.type.sort == "text":
        hint = Message('say contains(text, part), or write a list: in ("a",)')
    return ExpressionError("{given} is not a list", at=among.at, hint=hint, given=described(among.type))
