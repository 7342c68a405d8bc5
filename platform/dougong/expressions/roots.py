"""names that lead, before a dot, to something beside the record: `given.reason`, `made.task.title`"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.expressions.setting import Reach
from dougong.expressions.tree import Value
from dougong.expressions.types import Scope, Type, record

_MARK = "."
"""Ends the name of a root where an object's name would stand; no object is called so."""


@dataclass(frozen=True)
class Roots:
    """What stands beside a record, by root and name: the type of each."""

    types: tuple[tuple[str, tuple[tuple[str, Type], ...]], ...] = ()

    @staticmethod
    def of(types: Mapping[str, Mapping[str, Type]]) -> Roots:
        """Make roots of types by root and name."""
        return Roots(tuple((root, tuple(named.items())) for root, named in types.items()))

    def __bool__(self) -> bool:
        return bool(self.types)

    def beside(self, scope: Scope, object_name: str) -> Scope:
        """Give the scope in which they stand beside an object's fields; a root hides a field of its name."""
        return _Rooted(scope, object_name, {root: dict(named) for root, named in self.types}) if self.types else scope

    def real(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Leave out of the fields that an expression reads what is none: the roots, and what they hold."""
        names = {root for root, _ in self.types}
        return (pair for pair in pairs if pair[1] not in names and not pair[0].endswith(_MARK))


NONE = Roots()


class _Rooted:
    """A scope with roots on one object."""

    def __init__(self, scope: Scope, object_name: str, types: Mapping[str, Mapping[str, Type]]) -> None:
        self._scope = scope
        self._object = object_name
        self._types = types

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field, of a root, or of what a root holds."""
        if object_name == self._object and field in self._types:
            return record(field + _MARK)
        if object_name.endswith(_MARK):
            return self._types[object_name.removesuffix(_MARK)].get(field)
        return self._scope.type_of(object_name, field)

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names of fields, or those that a root holds."""
        if object_name.endswith(_MARK):
            return self._types[object_name.removesuffix(_MARK)]
        return self._scope.names(object_name)


@dataclass(frozen=True)
class Beside:
    """A record with what the roots hold: values by root and name, or the record behind a value."""

    record: Reach
    held: Mapping[str, Mapping[str, Any]]
    behind: Mapping[str, Mapping[str, Reach | None]] = field(default_factory=dict)
    """The record that a value points to, where paths may lead on from it."""

    def get(self, names: tuple[str, ...]) -> Value:
        """Give the value at the end of a path; blank where a root holds nothing of this name."""
        if names[0] not in self.held or len(names) < 2:
            return self.record.get(names)
        if len(names) == 2:
            found: Value = self.held[names[0]].get(names[1])
            return found
        other = self.behind.get(names[0], {}).get(names[1])
        return other.get(names[2:]) if other is not None else None

    def children(self, names: tuple[str, ...]) -> Iterable[Reach]:
        """Give the lines at the end of a path."""
        if names[0] not in self.held or len(names) < 2:
            return self.record.children(names)
        other = self.behind.get(names[0], {}).get(names[1])
        return other.children(names[2:]) if other is not None else ()
