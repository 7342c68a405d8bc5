"""every place of a definition that names something, found by the marks of its kind"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from dougong.definitions.kinds.parts import Definition, ExpressionOn, Refers
from dougong.definitions.marked import Path
from dougong.definitions.shapes import Mark, Shape, Shapes
from dougong.sdk.field_type import FieldType


@dataclass(frozen=True)
class Use:
    """One value that names something."""

    definition: Definition
    path: Path
    value: str
    mark: Mark
    around: tuple[BaseModel, ...]
    """The parts it stands in, the definition first."""

    def said(self, key: str) -> object:
        """Give what the nearest part around says under a key."""
        for part in reversed(self.around):
            value = getattr(part, key, None)
            if value is not None and key in type(part).model_fields:
                return value
        return None


def uses(definition: Definition, shapes: Shapes) -> Iterator[Use]:
    """Find all that a definition names."""
    yield from _of_part(definition, definition, (), (definition,), shapes)


def _of_part(
    definition: Definition, part: BaseModel, path: Path, around: tuple[BaseModel, ...], shapes: Shapes
) -> Iterator[Use]:
    for shape in shapes[type(part)].values():
        value = shape.of(part)
        here = (*path, shape.name)
        if value is None:
            continue
        if isinstance(value, FieldType):
            yield from _of_type(definition, value, path, around)
            continue
        for mark in shape.marks:
            yield Use(definition, here, str(value), mark, around)
        if shape.item_marks or shape.part:
            yield from _of_items(definition, value, here, around, shape, shapes)


def _of_items(
    definition: Definition, value: object, path: Path, around: tuple[BaseModel, ...], shape: Shape, shapes: Shapes
) -> Iterator[Use]:
    """Find what the items of a list name, or the one part under a key."""
    items = [((*path, at), item) for at, item in enumerate(value)] if isinstance(value, tuple) else [(path, value)]
    for where, item in items:
        for mark in shape.item_marks:
            yield Use(definition, where, str(item), mark, around)
        if isinstance(item, BaseModel):
            yield from _of_part(definition, item, where, (*around, item), shapes)


def _of_type(
    definition: Definition, field_type: FieldType[object], path: Path, around: tuple[BaseModel, ...]
) -> Iterator[Use]:
    """Find what a field names through its type."""
    named = getattr(field_type, "options", None)
    found: list[tuple[str, str | None, Mark]] = [
        ("to", field_type.lookup(), Refers("object")),
        ("of", field_type.lines(), Refers("object")),
        ("options", named if isinstance(named, str) else None, Refers("options")),
        ("expr", field_type.computed_by(), ExpressionOn("")),
        ("where", field_type.offers(), ExpressionOn("", expect="boolean", offered=True)),
    ]
    for key, value, mark in found:
        if value is not None:
            yield Use(definition, (*path, key), value, mark, around)
