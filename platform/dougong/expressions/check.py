"""names and types, before anything runs

`check` gives back the tree with every node typed, aggregates put together, and texts that are meant as dates, moments
or ids read as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dougong.base.names import hint_to
from dougong.base.text import Message
from dougong.expressions.complaints import hint_for_value, incomparable, many, no_list, not_numbers, unexpected
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.fitting import A_DATE, described, described_all, fitted, is_written_blank, unified
from dougong.expressions.functions import AGGREGATES, FUNCTIONS, Function, Parameter
from dougong.expressions.numbers import QUOTIENT_SCALE, product_scale
from dougong.expressions.paths import USER, Step, lines_at, steps
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
    parts,
    walk,
    with_parts,
)
from dougong.expressions.types import BOOLEAN, SPAN, TEXT, WHOLE, Scope, Type, number, record

_ORDERED = ("number", "text", "date", "moment")
_EQUAL = (*_ORDERED, "boolean", "record")


def check(node: Node, scope: Scope, object_name: str | None, *, expect: Type | None = None) -> Node:
    """Type an expression that stands on a record of an object (on none, if None), or raise `ExpressionError`.

    `expect` is what it has to give; a number with more decimal places than expected is rounded to them.
    """
    checked = _Check(scope, object_name).node(node)
    if checked.type.sort in ("span", "children"):
        raise ExpressionError(
            "the expression gives {given}", at=node.at, given=described(checked.type), hint=hint_for_value(checked)
        )
    if expect is None:
        return checked
    fitting = fitted(checked, expect)
    if fitting is None:
        raise unexpected(checked, expect)
    if expect.sort == "number" and fitting.type.scale > expect.scale:
        places = Literal(Decimal(expect.scale), fitting.at, WHOLE)
        return Call("round", (fitting, places), fitting.at, expect)
    return fitting


def references(node: Node, scope: Scope, object_name: str | None) -> Iterator[tuple[str, str]]:
    """Give every object and field that a checked expression reads, also those that its paths pass through."""
    if isinstance(node, Path) and object_name is not None:
        yield from _pairs(steps(scope, object_name, node.names, node.at))
    if isinstance(node, Me):
        yield from _pairs(steps(scope, USER, node.names, node.at))
    standing = object_name
    if isinstance(node, Aggregate) and object_name is not None:
        path = steps(scope, object_name, node.children, node.at)
        yield from _pairs(path)
        standing = path[-1].type.object
    for part in parts(node):
        yield from references(part, scope, standing)


def is_volatile(node: Node) -> bool:
    """Whether the value may change though no record does: by time, or by who asks."""
    return any(
        isinstance(part, Me)
        or (isinstance(part, Call) and part.function in FUNCTIONS and FUNCTIONS[part.function].is_volatile)
        for part in walk(node)
    )


def own_record_only(node: Node) -> bool:
    """Whether the value of a checked expression hangs on the fields of this one record alone, and on no person."""
    return not any(
        isinstance(part, (Aggregate, Me)) or (isinstance(part, Path) and len(part.names) > 1) for part in walk(node)
    )


def _pairs(path: Sequence[Step]) -> Iterator[tuple[str, str]]:
    return ((step.object, step.field) for step in path)


class _Check:
    """One walk over a tree, standing on an object."""

    def __init__(self, scope: Scope, object_name: str | None, *, inside: str = "") -> None:
        self.scope = scope
        self.object_name = object_name
        self.inside = inside
        """The aggregate around, if there is one."""
        self.by_class: Mapping[type, Callable[[Any], Node]] = {
            Literal: self.literal,
            Path: self.path,
            Me: self.me,
            Negative: self.negative,
            Arithmetic: self.arithmetic,
            Compare: self.compare,
            In: self.membership,
            IsNull: self.is_null,
            Both: self.logical,
            Either: self.logical,
            Not: self.logical,
            Conditional: self.conditional,
            Call: self.call,
            Aggregate: self.aggregate,
        }

    def node(self, node: Node) -> Node:
        """Type a node and all that is under it."""
        return self.by_class[type(node)](node)

    def value(self, node: Node) -> Node:
        """Type a node that must be one value: neither lines nor a span."""
        checked = self.node(node)
        if checked.type.sort in ("children", "span"):
            given = described(checked.type)
            raise ExpressionError("{given} cannot stand here", at=node.at, hint=hint_for_value(checked), given=given)
        return checked

    def condition(self, node: Node) -> Node:
        """Type a node that must be true or false."""
        checked = self.value(node)
        if checked.type.sort != "boolean":
            raise unexpected(checked, BOOLEAN)
        return checked

    def number(self, node: Node, what: str) -> Node:
        """Type a node that must be a number."""
        checked = fitted(self.value(node), number(0))
        if checked is None or checked.type.sort != "number":
            given = described(self.value(node).type)
            raise ExpressionError("{what} wants numbers, not {given}", at=node.at, what=what, given=given)
        return checked

    def literal(self, node: Literal) -> Node:
        return node

    def path(self, node: Path) -> Node:
        if self.object_name is None:
            known = ", ".join(f"'{name}'" for name in ("me", "today()"))
            piece = shown(".".join(node.names))
            raise ExpressionError(
                "there is no record here that could have '{piece}'",
                at=node.at,
                hint=Message("there is {known}", known=known),
                piece=piece,
            )
        found = self.steps(self.object_name, node)
        lines = lines_at(found)
        if lines is not None and lines < len(found) - 1:
            raise many(node, found[lines], self.inside)
        return replace(node, type=found[-1].type)

    def me(self, node: Me) -> Node:
        if not node.names:
            return replace(node, type=record(USER))
        at = node.at + len("me.")
        found = steps(self.scope, USER, node.names, at)
        if lines_at(found) is not None:
            raise ExpressionError("'{piece}' are many", at=at, piece=".".join(node.names))
        return replace(node, type=found[-1].type)

    def steps(self, object_name: str, node: Path) -> tuple[Step, ...]:
        try:
            return steps(self.scope, object_name, node.names, node.at)
        except ExpressionError as error:
            if len(node.names) == 1 and node.names[0] in {*FUNCTIONS, *AGGREGATES}:
                error.hint = Message("a function is called with brackets: {piece}()", piece=node.names[0])
            raise

    def negative(self, node: Negative) -> Node:
        of = self.number(node.of, "'-'")
        return replace(node, of=of, type=of.type)

    def arithmetic(self, node: Arithmetic) -> Node:
        left, right = self.node(node.left), self.node(node.right)
        sorts = {left.type.sort, right.type.sort}
        if "span" in sorts:
            return _moved(node, left, right)
        if "children" in sorts:
            self.value(node.left), self.value(node.right)
        if node.operator == "+" and "text" in sorts and sorts <= {"text", "blank"}:
            return replace(node, left=_blank_as(left, TEXT), right=_blank_as(right, TEXT), type=TEXT)
        if not sorts <= {"number", "blank"}:
            raise not_numbers(node, left, right)
        left, right = _blank_as(left, WHOLE), _blank_as(right, WHOLE)
        return replace(node, left=left, right=right, type=number(_scale(node, left, right)))

    def compare(self, node: Compare) -> Node:
        left, right = self.value(node.left), self.value(node.right)
        for side in (left, right):
            if is_written_blank(side):
                hint = Message("say 'is null' or 'is not null'")
                raise ExpressionError("a comparison with blank is never true", at=side.at, hint=hint)
        if (
            {left.type.sort, right.type.sort} == {"record", "text"}
            and not isinstance(right, Literal)
            and not isinstance(left, Literal)
        ):
            return self.comparison(node, left, right, "record")
        common = unified((left, right))
        if common is None:
            raise incomparable(node, left, right)
        left, right = common[1]
        return self.comparison(node, left, right, common[0].sort)

    def comparison(self, node: Compare, left: Node, right: Node, sort: str) -> Node:
        is_order = node.operator not in ("==", "!=")
        if sort not in (_ORDERED if is_order else _EQUAL):
            hint = hint_for_value(left)
            given = described(left.type)
            raise ExpressionError(
                "'{operator}' cannot compare {given}",
                at=node.at,
                hint=hint,
                operator=node.operator,
                given=given,
            )
        return replace(node, left=left, right=right, type=BOOLEAN)

    def membership(self, node: In) -> Node:
        item = self.value(node.item)
        if is_written_blank(item):
            raise ExpressionError("blank is in no list", at=item.at, hint=Message("say 'is null' or 'is not null'"))
        if isinstance(node.among, tuple):
            return self.in_list(node, item, node.among)
        among = self.value(node.among)
        if among.type.sort != "codes":
            raise no_list(among, item)
        if item.type.sort not in ("text", "record"):
            raise ExpressionError(
                "only a text can be one of several codes, not {given}", at=item.at, given=described(item.type)
            )
        return replace(node, item=item, among=among, type=BOOLEAN)

    def in_list(self, node: In, item: Node, among: Sequence[Node]) -> Node:
        elements = tuple(self.value(element) for element in among)
        for element in elements:
            if is_written_blank(element):
                raise ExpressionError("nothing is equal to blank", at=element.at, hint=Message("add 'or … is null'"))
        common = unified((item, *elements))
        if common is None or common[0].sort not in _EQUAL:
            given = described_all(element.type for element in elements)
            raise ExpressionError(
                "{item} cannot be in a list of {given}", at=node.at, item=described(item.type), given=given
            )
        return replace(node, item=common[1][0], among=common[1][1:], type=BOOLEAN)

    def is_null(self, node: IsNull) -> Node:
        return replace(node, of=self.value(node.of), type=BOOLEAN)

    def logical(self, node: Both | Either | Not) -> Node:
        return replace(with_parts(node, [self.condition(part) for part in parts(node)]), type=BOOLEAN)

    def conditional(self, node: Conditional) -> Node:
        condition = self.condition(node.condition)
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        common = unified((then, otherwise))
        if common is None:
            one, other = described(then.type), described(otherwise.type)
            raise ExpressionError(
                "'if' gives {one} or {other}", at=node.at, hint=Message("both must be alike"), one=one, other=other
            )
        return replace(node, condition=condition, then=common[1][0], otherwise=common[1][1], type=common[0])

    def call(self, node: Call) -> Node:
        if node.function in AGGREGATES:
            return self.over_lines(node)
        function = FUNCTIONS.get(node.function)
        if function is None:
            known = [*FUNCTIONS, *AGGREGATES]
            hint = hint_to(node.function, known)
            raise ExpressionError("there is no function '{piece}'", at=node.at, hint=hint, piece=shown(node.function))
        _check_count(node, function)
        arguments = [self.argument(node, function, place) for place in range(len(node.arguments))]
        if function.unifies:
            arguments = _alike(node, arguments)
        result = function.result(arguments) if callable(function.result) else function.result
        if function.unifies and result.sort == "number":
            result = number(max(argument.type.scale for argument in arguments))
        return replace(node, arguments=tuple(arguments), type=result)

    def argument(self, call: Call, function: Function, place: int) -> Node:
        parameter = function.parameters[min(place, len(function.parameters) - 1)]
        given = self.value(call.arguments[place])
        if function.unifies:
            return given
        found = next(
            (node for node in (fitted(given, Type(sort)) for sort in parameter.sorts) if node is not None),
            None,
        )
        if found is None:
            wanted = described_all(map(Type, parameter.sorts), either=True)
            raise ExpressionError(
                "'{function}' wants {wanted} as its {parameter}, not {given}",
                at=given.at,
                hint=Message("{signature}: {doc}", signature=function.signature, doc=Message(function.doc)),
                function=function.name,
                wanted=wanted,
                parameter=parameter.name,
                given=described(given.type),
            )
        _check_number(function, parameter, found)
        return found

    def over_lines(self, node: Call) -> Node:
        """Put an aggregate together: where its lines are, and what is computed on each."""
        function = AGGREGATES[node.function]
        if self.inside:
            raise ExpressionError(
                "'{function}' cannot stand inside '{inside}'",
                at=node.at,
                function=function.name,
                inside=self.inside,
            )
        if len(node.arguments) != 1:
            raise ExpressionError(
                "'{function}' takes one argument",
                at=node.at,
                hint=Message("like {example}", example=function.example),
                function=function.name,
            )
        if self.object_name is None:
            raise ExpressionError(
                "there is no record here whose lines '{function}' could take",
                at=node.at,
                function=function.name,
            )
        argument = node.arguments[0]
        lines = self.lines_of(node, argument)
        children = tuple(step.field for step in lines)
        of: Node | None = None
        if not (function.name == "count" and isinstance(argument, Path) and argument.names == children):
            _check_whole_lines(node, argument, children)
            standing = _Check(self.scope, lines[-1].type.object, inside=function.name)
            of = standing.value(_from_the_line(argument, len(children)))
            _check_lines_value(node, of)
        return Aggregate(function.name, children, of, node.at, _aggregate_type(function.name, of))

    def lines_of(self, call: Call, argument: Node) -> tuple[Step, ...]:
        """Find the one lot of lines that all paths of an aggregate go into."""
        found: tuple[Step, ...] = ()
        others: list[Path] = []
        for path in [part for part in walk(argument) if isinstance(part, Path)]:
            way = self.steps(self.object_name or "", path)
            place = lines_at(way)
            if place is None:
                others.append(path)
                continue
            if found and [step.field for step in way[: place + 1]] != [step.field for step in found]:
                raise ExpressionError("'{function}' can only take one lot of lines", at=path.at, function=call.function)
            found = way[: place + 1]
        if not found:
            hint = Message("there is: {names}", names=", ".join(self.lines_here()))
            raise ExpressionError(
                "'{function}' wants lines of this record",
                at=call.arguments[0].at,
                hint=hint if self.lines_here() else Message("this object has no lines"),
                function=call.function,
            )
        if others:
            piece = ".".join(others[0].names)
            hint = Message("put '{piece}' outside of '{function}'", piece=shown(piece), function=call.function)
            raise ExpressionError(
                "'{piece}' is not a field of the lines", at=others[0].at, hint=hint, piece=shown(piece)
            )
        return found

    def lines_here(self) -> list[str]:
        """The fields of this object that hold lines."""
        names = sorted(self.scope.names(self.object_name or ""))
        kinds = [(name, self.scope.type_of(self.object_name or "", name)) for name in names]
        return [name for name, kind in kinds if kind is not None and kind.sort == "children"]

    def aggregate(self, node: Aggregate) -> Node:
        return node


def _from_the_line(node: Node, steps_to_lines: int) -> Node:
    """Let the paths of an aggregate's argument begin at the line."""
    if isinstance(node, Path):
        at = node.at + sum(len(name) + 1 for name in node.names[:steps_to_lines])
        return Path(node.names[steps_to_lines:], at)
    return with_parts(node, [_from_the_line(part, steps_to_lines) for part in parts(node)])


def _check_whole_lines(call: Call, argument: Node, children: tuple[str, ...]) -> None:
    """Refuse lines taken as if they were a value."""
    for path in walk(argument):
        if isinstance(path, Path) and path.names == children:
            example = AGGREGATES[call.function].example
            raise ExpressionError(
                "'{function}' wants a field of the lines",
                at=path.at,
                hint=Message("like {example}", example=example),
                function=call.function,
            )


def _check_lines_value(call: Call, of: Node) -> None:
    function = AGGREGATES[call.function]
    if of.type.sort not in function.sorts:
        wanted = described_all(map(Type, function.sorts), either=True)
        hint = Message("say 'is not null' to count what is there") if function.name == "count" else None
        raise ExpressionError(
            "'{function}' wants {wanted}, not {given}",
            at=of.at,
            hint=hint,
            function=function.name,
            wanted=wanted,
            given=described(of.type),
        )


def _aggregate_type(name: str, of: Node | None) -> Type:
    if name == "count" or of is None:
        return WHOLE
    return number(QUOTIENT_SCALE) if name == "avg" else of.type


def _check_count(call: Call, function: Function) -> None:
    given, most = len(call.arguments), len(function.parameters)
    if function.needed <= given <= most or (function.repeats and given > most):
        return
    raise ExpressionError(
        "'{function}' cannot take {given}",
        at=call.at,
        hint=Message("{signature}", signature=function.signature),
        function=function.name,
        given=Message("one argument") if given == 1 else Message("{count} arguments", count=given),
    )


def _check_number(function: Function, parameter: Parameter, node: Node) -> None:
    if parameter.is_written:
        if not (
            isinstance(node, Literal)
            and isinstance(node.value, Decimal)
            and node.type.scale == 0
            and 0 <= node.value <= 18
        ):
            raise ExpressionError(
                "the {parameter} of '{function}' must be written out, 0 to 18",
                at=node.at,
                parameter=parameter.name,
                function=function.name,
            )
    elif parameter.is_whole and node.type.scale > 0:
        raise ExpressionError(
            "'{function}' wants a whole number",
            at=node.at,
            hint=Message("{example}", example="round(…), floor(…)"),
            function=function.name,
        )


def _alike(call: Call, arguments: Sequence[Node]) -> list[Node]:
    common = unified(arguments)
    if common is None:
        given = described_all(argument.type for argument in arguments)
        raise ExpressionError("'{function}' cannot mix {given}", at=call.at, function=call.function, given=given)
    return list(common[1])


def _blank_as(node: Node, wanted: Type) -> Node:
    return replace(node, type=wanted) if is_written_blank(node) else node


def _scale(node: Arithmetic, left: Node, right: Node) -> int:
    match node.operator:
        case "+" | "-":
            return max(left.type.scale, right.type.scale)
        case "*":
            return product_scale(left.type.scale, right.type.scale)
        case "/":
            return QUOTIENT_SCALE


def _moved(node: Arithmetic, left: Node, right: Node) -> Node:
    """Type a date or moment moved by a span; the span is put on the right."""
    if left.type == SPAN and node.operator == "+":
        left, right = right, left
    if isinstance(left, Literal) and left.type.sort == "text":
        wanted = Type("date") if len(str(left.value)) <= len(A_DATE) else Type("moment")
        left = fitted(left, wanted) or left
    if right.type != SPAN or left.type.sort not in ("date", "moment") or node.operator not in ("+", "-"):
        hint = Message("like {example}", example="today() + days(3)")
        raise ExpressionError(
            "a span of time can only be added to a date or moment, or taken from it", at=node.at, hint=hint
        )
    return replace(node, left=left, right=right, type=left.type)
