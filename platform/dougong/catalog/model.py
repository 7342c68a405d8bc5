"""the compiled, immutable model: all definitions, and what is derived from them"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from dougong.base.errors import UnknownName
from dougong.base.names import hint_to
from dougong.base.text import Message
from dougong.catalog.physical import Physical
from dougong.definitions.kinds import Bundle, Flow, Form, Object, Options, PermissionSet, Report, Role, View
from dougong.definitions.kinds.access import as_options
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.options import ROLES
from dougong.definitions.kinds.parts import Definition
from dougong.expressions.types import Type
from dougong.sdk.extensions import Extensions
from dougong.sdk.field_type import Option

T = TypeVar("T")
D = TypeVar("D", bound=Definition)

Definitions = Mapping[str, Mapping[str, Definition]]
"""Linked definitions by kind and name; patches are already applied, system fields already there."""


@dataclass(frozen=True)
class ObjectModel:
    """An object as the engine reads it: its definition, its fields by name, its parent."""

    definition: Object
    fields: Mapping[str, Field]
    """System fields first, then the author's, by name and in order."""
    parent: str | None = None
    """For nature `child`: the object whose line it is."""
    parent_field: str | None = None
    """For nature `child`: the parent's field that holds it."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def nature(self) -> str:
        """Its nature: record, child, link, event or external."""
        return self.definition.nature

    @property
    def title(self) -> str | None:
        """The field that names a record."""
        return self.definition.title

    def field(self, name: str) -> Field:
        """Give a field, or say which was probably meant."""
        try:
            return self.fields[name]
        except KeyError:
            raise UnknownName(
                Message(
                    "object '{object}' has no field '{name}'; {hint}",
                    code="unknown_field",
                    object=self.name,
                    name=name,
                    hint=hint_to(name, self.fields),
                )
            ) from None

    def own_fields(self) -> Iterable[Field]:
        """The author's fields, in order."""
        return (each for each in self.fields.values() if not each.is_system)


@dataclass(frozen=True)
class Catalog:
    """All definitions of an installation, compiled and frozen. Replaced whole, never changed.

    `memo` keeps what is derived from it on first use: tables, statements, compiled expressions, forms.
    """

    fingerprint: str
    definitions: Definitions
    objects: Mapping[str, ObjectModel]
    extensions: Extensions
    physical: Physical
    language: str = "en"
    processes: Mapping[str, str] = field(default_factory=dict)
    """The texts of BPMN files as flows name them: `contracts/contract_approval.bpmn`."""
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def memo(self, build: Callable[..., T], *arguments: Hashable) -> T:
        """Give `build(catalog, *arguments)`, computed once in this catalog's life."""
        key = (build, arguments)
        try:
            found: T = self._memo[key]
        except KeyError:
            found = self._memo.setdefault(key, build(self, *arguments))
        return found

    def object(self, name: str) -> ObjectModel:
        """Give an object, or say which was probably meant."""
        try:
            return self.objects[name]
        except KeyError:
            hint = hint_to(name, self.objects)
            raise UnknownName(
                Message("there is no object '{name}'; {hint}", code="unknown_object", name=name, hint=hint)
            ) from None

    def of(self, kind: type[D]) -> Mapping[str, D]:
        """All definitions of a kind, by name."""
        return self.definitions.get(kind.KIND, MappingProxyType({}))  # type: ignore[return-value]

    def get(self, kind: type[D], name: str) -> D:
        """Give one definition, or say which was probably meant."""
        found = self.of(kind)
        try:
            return found[name]
        except KeyError:
            raise UnknownName(
                Message("there is no {kind} '{name}'; {hint}", kind=kind.KIND, name=name, hint=hint_to(name, found))
            ) from None

    def find(self, kind: type[D], name: str) -> D | None:
        """Give one definition, or None."""
        return self.of(kind).get(name)

    def options(self, name: str) -> tuple[Option, ...]:
        """The entries of an `options` definition, or one for each role; none where there is no such definition."""
        if name == ROLES:
            return self.memo(_roles)
        found = self.find(Options, name)
        return found.entries if found else ()

    def related(self, name: str) -> tuple[tuple[str, str], ...]:
        """The lookups of other records that lead to an object, as (object, field): its related lists."""
        return self.memo(_related, name)

    def type_of(self, object_name: str, field_name: str) -> Type | None:
        """Give the type of a field in expressions (this makes the catalog a `Scope`)."""
        found = self.objects.get(object_name)
        each = found.fields.get(field_name) if found else None
        return each.type.expression_type() if each else None

    def names(self, object_name: str) -> Iterable[str]:
        """The names of an object's fields."""
        found = self.objects.get(object_name)
        return found.fields if found else ()


def _roles(catalog: Catalog) -> tuple[Option, ...]:
    return as_options(catalog.of(Role).values())


def _related(catalog: Catalog, name: str) -> tuple[tuple[str, str], ...]:
    found = []
    for model in catalog.objects.values():
        if model.nature in ("record", "link", "event"):
            found += [(model.name, each.name) for each in model.own_fields() if each.type.lookup() == name]
    return tuple(found)


__all__ = ["Bundle", "Catalog", "Definitions", "Flow", "Form", "ObjectModel", "PermissionSet", "Report", "Role", "View"]
