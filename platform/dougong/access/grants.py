"""what an actor was given: roles, permission sets, grants"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from dougong.base.actor import Actor
from dougong.catalog.model import Catalog, ObjectModel, PermissionSet, Role
from dougong.definitions.kinds import access
from dougong.definitions.kinds.access import Grant, Verb

ADMINISTRATOR = access.ADMINISTRATOR

ALL_VERBS: frozenset[str] = frozenset(get_args(Verb))


@dataclass(frozen=True)
class Given:
    """One grant as its holder has it, with where it comes from."""

    role: str
    permission_set: str
    grant: str
    verbs: frozenset[str]
    scope: str
    where: str | None = None
    reveal: frozenset[str] = frozenset()
    fields: frozenset[str] | None = None
    reveals_all: bool = False


EVERYTHING = Given(ADMINISTRATOR, "", ADMINISTRATOR, ALL_VERBS, "all", reveals_all=True)


def roles_of(actor: Actor) -> frozenset[str]:
    """The roles that count for an actor; the system holds the administrator's."""
    return frozenset({ADMINISTRATOR}) if actor.is_system else actor.roles


def given(catalog: Catalog, roles: frozenset[str], object_name: str) -> tuple[Given, ...]:
    """All that these roles give on an object itself (not on the parent of a child)."""
    return catalog.memo(_given, roles, object_name)


def _given(catalog: Catalog, roles: frozenset[str], object_name: str) -> tuple[Given, ...]:
    if ADMINISTRATOR in roles:
        return (EVERYTHING,)
    found: list[Given] = []
    for role_name in sorted(roles):
        role = catalog.find(Role, role_name)
        for set_name in role.permission_sets if role else ():
            permission_set = catalog.find(PermissionSet, set_name)
            found += [
                _as_given(role_name, set_name, grant)
                for grant in (permission_set.grants if permission_set else ())
                if grant.object in (object_name, "*")
            ]
    return tuple(found)


def _as_given(role_name: str, set_name: str, grant: Grant) -> Given:
    return Given(
        role=role_name,
        permission_set=set_name,
        grant=grant.name,
        verbs=frozenset(grant.verbs),
        scope=grant.scope,
        where=grant.where,
        reveal=frozenset(grant.reveal),
        fields=frozenset(grant.fields) if grant.fields is not None else None,
    )


def root(catalog: Catalog, model: ObjectModel) -> ObjectModel:
    """The object whose rows' rights count: a child has those of the record it belongs to."""
    while model.parent is not None:
        model = catalog.object(model.parent)
    return model
