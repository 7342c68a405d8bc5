"""what the keys of a part are: texts, lists and how they merge, parts within, and their marks"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from dougong.base.text import Text
from dougong.definitions.kinds import KINDS
from dougong.definitions.kinds.parts import ExpressionOn, FieldOf, Merges, Refers
from dougong.sdk.extensions import Extensions

Mark = Refers | FieldOf | ExpressionOn
Part = type[BaseModel]


@dataclass(frozen=True)
class Shape:
    """What one key of a part is."""

    name: str
    """As an author writes it."""
    attribute: str = ""
    """Where the model keeps it, where Python has no such name: `from`."""
    marks: tuple[Mark, ...] = ()
    """What its value names."""
    item_marks: tuple[Mark, ...] = ()
    """For a list: what each item names."""
    merges: Literal["name", "set", "whole"] | None = None
    part: Part | None = None
    """The class of its value, or of each item of a list."""
    is_list: bool = False
    is_text: bool = False

    def of(self, part: BaseModel) -> Any:
        """Give what a part has under this key."""
        return getattr(part, self.attribute or self.name)


Shapes = Mapping[Part, Mapping[str, Shape]]


def shapes(extensions: Extensions) -> Shapes:
    """Read the shapes of all kinds, of what extensions let an author write, and of all parts within."""
    found: dict[Part, Mapping[str, Shape]] = {}
    waiting: list[Part] = [*KINDS.values(), *extensions.field_types, *extensions.actions]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found[part] = {shape.name: shape for shape in _shapes_of(part)}
            waiting += [shape.part for shape in found[part].values() if shape.part]
    return found


def _shapes_of(part: Part) -> Iterator[Shape]:
    for name, info in part.model_fields.items():
        if not info.exclude:
            shape = _shape(info.alias or name, info.annotation, info.metadata)
            yield replace(shape, attribute=name) if info.alias else shape


def _shape(name: str, annotation: Any, metadata: Iterable[Any]) -> Shape:
    seen = _Seen()
    seen.take(metadata)
    seen.look(annotation)
    return Shape(
        name=name,
        marks=tuple(seen.marks),
        item_marks=tuple(seen.item_marks),
        merges=seen.merges.how if seen.merges else None,
        part=seen.part,
        is_list=seen.is_list,
        is_text=seen.is_text,
    )


class _Seen:
    """What was found in an annotation so far."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.item_marks: list[Mark] = []
        self.merges: Merges | None = None
        self.part: Part | None = None
        self.is_list = False
        self.is_text = False

    def take(self, metadata: Iterable[Any]) -> None:
        """Keep the marks among the metadata of an annotation."""
        for each in metadata:
            if isinstance(each, (Refers, FieldOf, ExpressionOn)):
                (self.item_marks if self.is_list else self.marks).append(each)
            elif isinstance(each, Merges):
                self.merges = each

    def look(self, annotation: Any) -> None:
        """Look into an annotation."""
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *metadata = get_args(annotation)
            self.take(metadata)
            self.look(inner)
        elif origin in (Union, types.UnionType):
            for each in get_args(annotation):
                self.look(each)
        elif origin in (tuple, list):
            self.is_list = True
            self.look(get_args(annotation)[0])
        elif annotation is Text:
            self.is_text = True
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            self.part = annotation
