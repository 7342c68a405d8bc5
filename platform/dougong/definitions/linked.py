"""all definitions of an installation together, with the places of everything they say"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from dougong.base.problems import Place
from dougong.definitions.bpmn import Drawing
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.layers import Layers
from dougong.definitions.marked import Path, place_of, place_within
from dougong.definitions.shapes import Shapes
from dougong.expressions.tree import Node
from dougong.expressions.types import Type
from dougong.sdk.extensions import Extensions

D = TypeVar("D", bound=Definition)


@dataclass(frozen=True)
class Reference:
    """One place where a definition names another, or a field of an object."""

    kind: str
    name: str
    """What is named: `object` and `customer`."""
    field: str | None
    """The field of the object, if one is named."""
    by: Definition
    """Who names it."""
    place: Place


@dataclass(frozen=True)
class Linked:
    """Definitions by kind and name, with what linking found out about them. It is the scope of all expressions."""

    layers: Layers
    definitions: Mapping[str, Mapping[str, Definition]]
    fields: Mapping[str, Mapping[str, Field]]
    """The fields of every object by name, system fields first."""
    parents: Mapping[str, tuple[str, str]]
    """For an object of nature `child`: the object and the field that hold its records."""
    extensions: Extensions
    shapes: Shapes
    texts: Mapping[str, str]
    """The text of every file."""
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    """The BPMN files as flows name them: `contracts/contract_approval.bpmn`."""
    references: tuple[Reference, ...] = ()
    formulas: Mapping[tuple[str, str], Node] | None = None
    """The checked expression of every computed field, by object and field."""

    def of(self, kind: type[D]) -> Iterable[D]:
        """All definitions of a kind."""
        return self.definitions.get(kind.KIND, {}).values()  # type: ignore[return-value]

    def find(self, kind: type[D], name: str) -> D | None:
        """Give one definition, or None."""
        return self.definitions.get(kind.KIND, {}).get(name)  # type: ignore[return-value]

    def all(self) -> Iterator[Definition]:
        """Every definition."""
        for found in self.definitions.values():
            yield from found.values()

    def nature(self, object_name: str) -> str | None:
        """The nature of an object, if there is one of this name."""
        found = self.find(Object, object_name)
        return found.nature if found else None

    def place(self, definition: Definition, *path: str | int, key: bool = False) -> Place:
        """Say where something in a definition stands, in the file that said it."""
        return place_of(self.layers.effective[definition.kind, definition.name].data, path, key=key)

    def place_in_text(self, definition: Definition, path: Path, value: str, offset: int) -> Place:
        """Say where a character of a text in a definition stands."""
        place = self.place(definition, *path)
        source = self.texts.get(place.path)
        return place_within(place, value, offset, source) if source is not None and place.line else place

    def layer_at(self, place: Place) -> str:
        """Name the layer that a file belongs to."""
        return self.layers.layer_of.get(place.path, "")

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field in expressions."""
        found = self.fields.get(object_name, {}).get(field)
        return found.type.expression_type() if found else None

    def names(self, object_name: str) -> Iterable[str]:
        """The names of an object's fields."""
        return self.fields.get(object_name, {})
