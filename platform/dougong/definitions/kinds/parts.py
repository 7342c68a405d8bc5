"""what all kinds are made of: parts, and the marks that say what a key means

A mark stands in `Annotated`. `link` and `check` read the marks, so a reference or an expression is declared once, where
its key is declared, and is found by the checker, `dougong uses` and the merge alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema

from dougong.base.problems import Place
from dougong.base.text import Text

LANGUAGE = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""How a language is written (BCP 47): `en`, `zh-CN`."""

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
    """The key is an expression on the object that another key names (`""`: the definition itself is the object)."""

    object_key: str
    expect: Literal["boolean", "number", "any"] = "any"

    def _said(self) -> dict[str, Any]:
        return {"x-expression": self.expect}


@dataclass(frozen=True)
class Merges:
    """How a list merges between layers: by the `name` of its items, as a set, or as a whole."""

    how: Literal["name", "set", "whole"]


class Part(BaseModel):
    """A piece of a definition: frozen, and without keys that nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, ser_json_inf_nan="constants")


class Definition(Part):
    """What every kind has."""

    KIND: ClassVar[str]
    FOLDER: ClassVar[str]

    kind: str
    name: Name
    label: Text | None = Field(default=None, description="What people read; text, or texts by language.")
    description: Text | None = Field(default=None, description="A sentence for the next author.")

    place: Place = Field(default_factory=Place, exclude=True, repr=False)
    bundle: str = Field(default="", exclude=True)

    def shown_label(self) -> Text:
        """The label, or the name made readable."""
        return self.label or Text({"en": self.name.replace("_", " ").capitalize()})


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


_NAME_SCHEMA = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}

FormerNames = Annotated[
    tuple[Name, ...],
    Merges("set"),
    BeforeValidator(_one_or_several),
    WithJsonSchema({"anyOf": [_NAME_SCHEMA, {"type": "array", "items": _NAME_SCHEMA}]}),
]
"""Names that something had before: one, or a list, so that an upgrade may skip versions."""
