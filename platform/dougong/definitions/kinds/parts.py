"""what all kinds are made of: a definition is a part with marks on its keys (see `sdk.marks`)"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from dougong.base.problems import Place
from dougong.base.text import Text
from dougong.sdk.marks import ExpressionOn, FieldOf, Merges, Name, Part, Refers

__all__ = [
    "LANGUAGE",
    "Definition",
    "ExpressionOn",
    "FieldOf",
    "FormerNames",
    "Merges",
    "Name",
    "Part",
    "Refers",
]

LANGUAGE = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""How a language is written (BCP 47): `en`, `zh-CN`."""


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
