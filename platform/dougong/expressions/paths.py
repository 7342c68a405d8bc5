"""where a path of names leads, through lookups and into lines"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.base.names import hint_to
from dougong.base.text import Message
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.types import Scope, Type

USER = "user"
"""The object that `me` is a record of."""


@dataclass(frozen=True)
class Step:
    """One name of a path: a field, the object it belongs to, and its type."""

    object: str
    field: str
    type: Type
    at: int


def steps(scope: Scope, object_name: str, names: tuple[str, ...], at: int) -> tuple[Step, ...]:
    """Follow a path from an object, or raise `ExpressionError` where it leads nowhere."""
    found: list[Step] = []
    standing: str | None = object_name
    for name in names:
        if standing is None:
            before = found[-1].field
            hint = Message("'{before}' is no lookup", before=before)
            raise ExpressionError("'{before}' has no '{piece}'", at=at, hint=hint, before=before, piece=shown(name))
        kind = scope.type_of(standing, name)
        if kind is None:
            raise _unknown(scope, standing, name, at)
        found.append(Step(standing, name, kind, at))
        standing = kind.object if kind.sort in ("record", "children") else None
        at += len(name) + 1
    return tuple(found)


def lines_at(path: tuple[Step, ...]) -> int | None:
    """Say at which step a path goes into lines, from 0."""
    return next((place for place, step in enumerate(path) if step.type.sort == "children"), None)


def _unknown(scope: Scope, object_name: str, name: str, at: int) -> ExpressionError:
    return ExpressionError(
        "object '{object}' has no field '{piece}'",
        at=at,
        hint=hint_to(name, scope.names(object_name)),
        object=object_name,
        piece=shown(name),
    )
