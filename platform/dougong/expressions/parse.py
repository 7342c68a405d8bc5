"""text into a small, closed syntax tree

Python's parser reads the text after `scan` has let it through; what comes out is translated, by a list of what is
allowed, into nodes of `tree`. Nothing is ever evaluated, executed or compiled to code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from dougong.base.text import Message
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.scan import DEEPEST, Piece, flat, number_of, scan, text_of, too_deep
from dougong.expressions.tree import (
    Arithmetic,
    ArithmeticOperator,
    Both,
    Call,
    Compare,
    CompareOperator,
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
)
from dougong.expressions.types import BOOLEAN, TEXT, number

MOST_NODES = 500
LONGEST_PATH = 8
ME = "me"

_COMPARES: Mapping[type[ast.cmpop], CompareOperator] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_ARITHMETICS: Mapping[type[ast.operator], ArithmeticOperator] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}


def parse(text: str) -> Node:
    """Read an expression, or raise `ExpressionError`. The tree has no types yet: `check` adds them."""
    pieces = scan(text)
    literals = {piece.at: literal for piece in pieces if (literal := _literal(piece)) is not None}
    # The brackets let an expression go over several lines; scan has made sure that it cannot close them.
    source = f"({flat(text)})"
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        raise _unreadable(pieces, (error.offset or 1) - 2) from None
    except (RecursionError, MemoryError):
        raise too_deep(0) from None
    return _Translation(source, literals).node(tree.body, 0)


def _literal(piece: Piece) -> Literal | None:
    """Read a number or text ourselves: Python would make a float of the one, and know more escapes in the other."""
    if piece.sort == "number":
        value = number_of(piece)
        return Literal(value, piece.at, number(-int(value.as_tuple().exponent)))
    return Literal(text_of(piece), piece.at, TEXT) if piece.sort == "text" else None


def _unreadable(pieces: Sequence[Piece], at: int) -> ExpressionError:
    """Say at which piece reading stopped."""
    last = pieces[-1]
    piece = next((piece for piece in pieces if piece.at + len(piece.text) > at), None)
    if piece is None or (piece is last and not piece.ends_operand):
        return ExpressionError(
            "something is missing after '{piece}'", at=last.at + len(last.text), piece=shown(last.text)
        )
    return ExpressionError("'{piece}' cannot stand here", at=piece.at, piece=shown(piece.text))


class _Translation:
    """Python's nodes into ours; everything that is not listed is refused."""

    def __init__(self, source: str, literals: Mapping[int, Literal]) -> None:
        self.source = source
        self.is_ascii = source.isascii()
        self.literals = literals
        self.nodes = 0
        self.by_class: Mapping[type[ast.expr], Callable[[Any, int], Node]] = {
            ast.Constant: self.constant,
            ast.Name: self.path,
            ast.Attribute: self.path,
            ast.UnaryOp: self.unary,
            ast.BinOp: self.arithmetic,
            ast.Compare: self.compare,
            ast.BoolOp: self.logical,
            ast.IfExp: self.conditional,
            ast.Call: self.call,
        }

    def at(self, node: ast.expr) -> int:
        """Give the place of a node in the author's text; Python counts bytes, and our bracket."""
        if self.is_ascii:
            return max(node.col_offset - 1, 0)
        return max(len(self.source.encode()[: node.col_offset].decode()) - 1, 0)

    def node(self, node: ast.expr, depth: int) -> Node:
        """Translate one node and what is under it."""
        self.nodes += 1
        if depth > DEEPEST:
            raise too_deep(self.at(node))
        if self.nodes > MOST_NODES:
            raise ExpressionError("the expression has more than {most} parts", at=self.at(node), most=MOST_NODES)
        translate = self.by_class.get(type(node))
        if translate is None:
            raise self.refused(node)
        return translate(node, depth + 1)

    def refused(self, node: ast.expr) -> ExpressionError:
        """Say what is not allowed, and where."""
        at = self.at(node)
        piece = (ast.get_source_segment(self.source, node) or "").strip("()") or self.source[at + 1 :]
        if isinstance(node, (ast.Tuple, ast.List)):
            return ExpressionError("a list can only stand on the right of 'in'", at=at)
        return ExpressionError("'{piece}' is not allowed in an expression", at=at, piece=shown(piece))

    def constant(self, node: ast.Constant, depth: int) -> Node:
        at = self.at(node)
        if at in self.literals:
            return self.literals[at]
        if node.value is None:
            return Literal(None, at)
        if isinstance(node.value, bool):
            return Literal(node.value, at, BOOLEAN)
        raise self.refused(node)

    def path(self, node: ast.Name | ast.Attribute, depth: int) -> Node:
        at = self.at(node)
        names: list[str] = []
        rest: ast.expr = node
        while isinstance(rest, ast.Attribute):
            names.insert(0, rest.attr)
            rest = rest.value
        if not isinstance(rest, ast.Name):
            raise ExpressionError("only a field can be followed by '.{piece}'", at=at, piece=shown(names[0]))
        names.insert(0, rest.id)
        if len(names) > LONGEST_PATH:
            raise ExpressionError(
                "'{piece}' has more than {most} steps", at=at, piece=shown(".".join(names)), most=LONGEST_PATH
            )
        constant = next((name for name in names if name in _CONSTANTS), None)
        if constant is not None and len(names) > 1:
            raise ExpressionError("'{piece}' cannot be part of a path", at=at, piece=constant)
        if names[0] == ME:
            return Me(tuple(names[1:]), at)
        if constant is not None:
            value = _CONSTANTS[constant]
            return Literal(None, at) if value is None else Literal(value, at, BOOLEAN)
        return Path(tuple(names), at)

    def unary(self, node: ast.UnaryOp, depth: int) -> Node:
        at = self.at(node)
        if isinstance(node.op, ast.Not):
            return Not(self.node(node.operand, depth), at)
        if not isinstance(node.op, ast.USub):
            raise ExpressionError("'+' needs something on its left", at=at)
        of = self.node(node.operand, depth)
        if isinstance(of, Literal) and of.type.sort == "number":
            return Literal(_negative(of), at, of.type)
        return Negative(of, at)

    def arithmetic(self, node: ast.BinOp, depth: int) -> Node:
        operator = _ARITHMETICS.get(type(node.op))
        if operator is None:
            raise self.refused(node)
        return Arithmetic(operator, self.node(node.left, depth), self.node(node.right, depth), self.at(node))

    def logical(self, node: ast.BoolOp, depth: int) -> Node:
        parts = tuple(self.node(value, depth) for value in node.values)
        return Both(parts, self.at(node)) if isinstance(node.op, ast.And) else Either(parts, self.at(node))

    def conditional(self, node: ast.IfExp, depth: int) -> Node:
        condition = self.node(node.test, depth)
        # A chain of `else` is as flat as it reads.
        chained = depth - 1 if isinstance(node.orelse, ast.IfExp) else depth
        return Conditional(condition, self.node(node.body, depth), self.node(node.orelse, chained), self.at(node))

    def call(self, node: ast.Call, depth: int) -> Node:
        at = self.at(node)
        if not isinstance(node.func, ast.Name):
            raise ExpressionError("only a function can be called", at=at)
        # Neither a star nor a keyword argument gets past scan; this stands here in case it ever does.
        if node.keywords:
            raise self.refused(node)
        return Call(node.func.id, tuple(self.node(argument, depth) for argument in node.args), at)

    def compare(self, node: ast.Compare, depth: int) -> Node:
        """Translate `a < b`, and `a < b < c` as `a < b and b < c`."""
        operands = [node.left, *node.comparators]
        parts = [
            self.pair(left, op, right, depth) for (left, right), op in zip(pairwise(operands), node.ops, strict=True)
        ]
        return parts[0] if len(parts) == 1 else Both(tuple(parts), self.at(node))

    def pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Node:
        at = self.at(left)
        if isinstance(op, (ast.In, ast.NotIn)):
            return In(self.node(left, depth), self.among(right, depth), isinstance(op, ast.NotIn), at)
        if isinstance(op, (ast.Is, ast.IsNot)):
            blank = self.node(right, depth)
            if not (isinstance(blank, Literal) and blank.value is None):
                raise ExpressionError(
                    "only 'null' can follow 'is'", at=self.at(right), hint=Message("say '==' to compare")
                )
            return IsNull(self.node(left, depth), isinstance(op, ast.IsNot), at)
        return Compare(_COMPARES[type(op)], self.node(left, depth), self.node(right, depth), at)

    def among(self, node: ast.expr, depth: int) -> tuple[Node, ...] | Node:
        if not isinstance(node, (ast.Tuple, ast.List)):
            return self.node(node, depth)
        if not node.elts:
            raise ExpressionError("the list after 'in' is empty", at=self.at(node))
        return tuple(self.node(element, depth) for element in node.elts)


def _negative(literal: Literal) -> Any:
    # A plain minus would round to the precision of the thread's context.
    return literal.value.copy_negate() if literal.value else literal.value  # type: ignore[union-attr]
