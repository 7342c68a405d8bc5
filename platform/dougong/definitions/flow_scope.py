"""what the conditions and timers of a flow may name: the record's fields, `applicant`, and what became of each node"""

from __future__ import annotations

from collections.abc import Iterable

from dougong.base.text import Message
from dougong.definitions.bpmn import Timer
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import parse
from dougong.expressions.paths import USER
from dougong.expressions.tree import Node, Path, walk
from dougong.expressions.types import BOOLEAN, TEXT, Scope, Type, record

APPLICANT = "applicant"
NODE = "node"
NODES = "nodes of the flow"
"""What `node` leads to: no object has this name."""
RESULTS = ("approve", "reject", "skip")
"""What `node.NAME` may be; blank before the node was decided."""


class FlowScope:
    """The names of one object, with `applicant` and `node.NAME` beside them."""

    def __init__(self, scope: Scope, object_name: str, nodes: Iterable[str]) -> None:
        self._scope = scope
        self._object = object_name
        self._nodes = tuple(nodes)

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a name."""
        if object_name == NODES:
            return TEXT if field in self._nodes else None
        if object_name == self._object and field in (APPLICANT, NODE):
            return record(USER) if field == APPLICANT else record(NODES)
        return self._scope.type_of(object_name, field)

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names that there are, for did-you-mean."""
        if object_name == NODES:
            return self._nodes
        return (*self._scope.names(object_name), APPLICANT, NODE) if object_name == self._object else ()


def condition(text: str, scope: FlowScope, object_name: str) -> Node:
    """Read the condition of an arrow, or raise `ExpressionError`."""
    return check(parse(text), scope, object_name, expect=BOOLEAN)


def time(timer: Timer, scope: FlowScope, object_name: str) -> Node:
    """Read the expression of a timer, or raise `ExpressionError`."""
    node = check(parse(timer.text), scope, object_name)
    wanted = ("number",) if timer.sort == "duration" else ("date", "moment")
    if node.type.sort not in wanted:
        hint = (
            Message("write P3D for three days, or an expression that gives a number of days")
            if timer.sort == "duration"
            else Message("write 2026-12-31, or an expression that gives a day or a moment")
        )
        raise ExpressionError("the timer's expression gives {given}", at=0, hint=hint, given=str(node.type))
    return node


def nodes_named(text: str) -> frozenset[str]:
    """Name the nodes whose results a condition reads."""
    paths = [part.names for part in walk(parse(text)) if isinstance(part, Path)]
    return frozenset(names[1] for names in paths if len(names) == 2 and names[0] == NODE)
