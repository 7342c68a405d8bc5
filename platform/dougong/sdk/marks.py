"""what definitions and the options of extensions are made of: parts, and the marks that say what a key means

A mark stands in `Annotated`. `link` and `check` read the marks, so a reference or an expression is declared once, where
its key is declared, and is found by the checker, `dougong uses` and the merge alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Published:
    """A mark that stands in the JSON Schema too, for the studio and for editors."""

    def _said(self) -> dict[str, Any]:
        raise NotImplementedError

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self._said()}


@dataclass(frozen=True)
class Refers(_Published):
    """The key names a definition of this kind."""

    kind: str

    def _said(self) -> dict[str, Any]:
        return {"x-refers": self.kind}


@dataclass(frozen=True)
class FieldOf(_Published):
    """The key names a field, or a path over lookups, of the object that another key names.

    `object_key` is a key of the same part or of one around it (`""`: the definition itself is the object); `sort` says
    that a leading `-` is allowed. `through` is a key of the same part that names a lookup or children: the field is of
    the object that it leads to. `parent` says that the field is of the object whose lines these records are.
    """

    object_key: str
    path: bool = False
    sort: bool = False
    through: str = ""
    parent: bool = False

    def _said(self) -> dict[str, Any]:
        return {"x-field-of": self.object_key}


@dataclass(frozen=True)
class ExpressionOn(_Published):
    """The key is an expression on the object that another key names (`""`: the definition itself is the object).

    `beside` is the key of a definition under which parameters stand whose names it may use.
    """

    object_key: str
    expect: Literal["boolean", "number", "any"] = "any"
    beside: str = ""
    offered: bool = False
    """It stands on the object that a field's type points to, and `this` is of the object that has the field."""
    outermost: bool = False
    """It is the definition itself that names the object, whatever stands around the key."""
    rooted: bool = False
    """It may name what was given and made before: `given.reason`, `made.task`."""

    def _said(self) -> dict[str, Any]:
        return {"x-expression": self.expect}


@dataclass(frozen=True)
class Merges:
    """How a list merges between layers: by the `name` of its items, as a set, or as a whole."""

    how: Literal["name", "set", "whole"]


class Part(BaseModel):
    """A piece of a definition: frozen, and without keys that nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, ser_json_inf_nan="constants")
