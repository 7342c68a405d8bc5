"""`customer.owner.name` as fields and joins"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.base.errors import UnknownName
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.definitions.kinds.object import Field


@dataclass(frozen=True)
class Path:
    """A way over lookups, from an object to a field."""

    text: str
    steps: tuple[tuple[str, Field], ...]
    """Each field with the object it belongs to; all but the last are lookups."""

    @property
    def field(self) -> Field:
        """The field it ends at."""
        return self.steps[-1][1]

    @property
    def object(self) -> str:
        """The object that the last field belongs to."""
        return self.steps[-1][0]

    @property
    def lookups(self) -> tuple[tuple[str, Field], ...]:
        """The lookups it passes through, each with its object."""
        return self.steps[:-1]


def resolve(catalog: Catalog, object_name: str, text: str) -> Path:
    """Follow a dotted path from an object, or raise `UnknownName` with the nearest name there is."""
    return catalog.memo(_resolve, object_name, text)


def _resolve(catalog: Catalog, object_name: str, text: str) -> Path:
    steps: list[tuple[str, Field]] = []
    standing: str | None = object_name
    for name in text.split("."):
        if standing is None:
            last = steps[-1][1].name
            said = "'{field}' is no lookup, so it has no '{name}'"
            raise UnknownName(Message(said, code="unknown_field", field=last, name=name))
        field = catalog.object(standing).field(name)
        steps.append((standing, field))
        standing = _leads_to(field)
    return Path(text, tuple(steps))


def _leads_to(field: Field) -> str | None:
    """Name the object whose record a field gives; an id gives its own."""
    kind = field.type.expression_type()
    return kind.object if kind is not None and kind.sort == "record" else None
