"""values that are given from outside, by names that expressions may use"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dougong.expressions.paths import steps
from dougong.expressions.tree import Aggregate, Literal, Node, Path, Value, parts, with_parts
from dougong.expressions.types import Scope, Type


@dataclass(frozen=True)
class Parameter:
    """One of them: its name, its type, and the value that was given, None for blank."""

    name: str
    type: Type
    value: Value = None


@dataclass(frozen=True)
class Parameters:
    """Parameters of an expression: names beside the fields of the object that it stands on."""

    each: tuple[Parameter, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.each)

    def beside(self, scope: Scope, object_name: str) -> Scope:
        """Give the scope in which they are names beside an object's fields; a field comes first."""
        return _Beside(scope, object_name, {each.name: each.type for each in self.each}) if self.each else scope

    def put_into(self, node: Node, scope: Scope, object_name: str) -> Node:
        """Put their values into a tree that was checked beside the scope, or raise `ExpressionError`.

        A parameter is a value of its own: no path leads to it or on from it.
        """
        if not self.each:
            return node
        given = {each.name: each for each in self.each}

        def put(part: Node) -> Node:
            if isinstance(part, Path) and len(part.names) > 1:
                steps(scope, object_name, part.names, part.at)
                return part
            if isinstance(part, Path) and part.names[0] in given and scope.type_of(object_name, part.names[0]) is None:
                return Literal(given[part.names[0]].value, part.at, part.type)
            # What stands on a line has names of its own.
            return part if isinstance(part, Aggregate) else with_parts(part, [put(each) for each in parts(part)])

        return put(node)


NONE = Parameters()


class _Beside:
    """A scope with more names on one object."""

    def __init__(self, scope: Scope, object_name: str, types: Mapping[str, Type]) -> None:
        self._scope = scope
        self._object = object_name
        self._types = types

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field, or else of a parameter."""
        found = self._scope.type_of(object_name, field)
        return self._types.get(field) if found is None and object_name == self._object else found

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names of fields and parameters."""
        more = self._types if object_name == self._object else ()
        return (*self._scope.names(object_name), *more)
