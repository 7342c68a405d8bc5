"""which fields: readable and writable names"""

from __future__ import annotations

from dougong.access import grants, work_items
from dougong.catalog.expressions import formula_of
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.expressions.check import references

OWNERSHIP = frozenset({"owner", "unit"})


def readable(ctx: Context, model: ObjectModel) -> frozenset[str]:
    """The fields the actor may read on records that they may read; unreadable ones do not exist for them."""
    roles = grants.roles_of(ctx.actor)
    top = grants.root(ctx.catalog, model).name
    if work_items.are_possible(ctx.catalog, top) and not _grants_with(ctx.catalog, roles, top, "read"):
        # Who decides without any right of their own reads what is not sensitive, of the records that wait for them.
        return ctx.catalog.memo(_insensitive, model.name) if work_items.waits(ctx, top) else frozenset()
    return ctx.catalog.memo(_readable, roles, model.name)


def writable(ctx: Context, model: ObjectModel, verb: str) -> frozenset[str]:
    """The fields the actor may enter with `create` or `update`."""
    return ctx.catalog.memo(_writable, grants.roles_of(ctx.actor), model.name, verb)


def _readable(catalog: Catalog, roles: frozenset[str], object_name: str) -> frozenset[str]:
    model = catalog.object(object_name)
    if not _grants_with(catalog, roles, grants.root(catalog, model).name, "read"):
        return frozenset()
    return _reached(catalog, roles, model, "read") | frozenset(
        each.name for each in model.fields.values() if each.is_system
    )


def _insensitive(catalog: Catalog, object_name: str) -> frozenset[str]:
    fields = catalog.object(object_name).fields.values()
    return frozenset(each.name for each in fields if not sources(catalog, object_name, each.name))


def _writable(catalog: Catalog, roles: frozenset[str], object_name: str, verb: str) -> frozenset[str]:
    model = catalog.object(object_name)
    top = grants.root(catalog, model).name
    if not _grants_with(catalog, roles, top, verb):
        return frozenset()
    entered = {each.name for each in model.own_fields() if not each.is_computed}
    found = _reached(catalog, roles, model, verb) & entered
    if model.nature == "record" and _grants_with(catalog, roles, top, "assign"):
        found |= OWNERSHIP
    return frozenset(found)


def _grants_with(catalog: Catalog, roles: frozenset[str], object_name: str, verb: str) -> list[grants.Given]:
    return [each for each in grants.given(catalog, roles, object_name) if verb in each.verbs]


def _reached(catalog: Catalog, roles: frozenset[str], model: ObjectModel, verb: str) -> frozenset[str]:
    """The author's fields that some grant with the verb covers; sensitive ones only where it reveals them.

    A child has the verbs of its record; a permission set may narrow its fields by grants on the child itself.
    """
    own = grants.given(catalog, roles, model.name)
    found: set[str] = set()
    for each in own if model.parent is None else own or (_plain(verb),):
        if verb in each.verbs:
            found |= {
                field.name
                for field in model.own_fields()
                if (each.fields is None or field.name in each.fields)
                and _shows(catalog, roles, model, each, field.name)
            }
    return frozenset(found)


def _plain(verb: str) -> grants.Given:
    return grants.Given("", "", "", frozenset({verb}), "all")


def _shows(catalog: Catalog, roles: frozenset[str], model: ObjectModel, given: grants.Given, name: str) -> bool:
    """Whether a grant shows a field: all that it is computed from must be open to its reader."""
    if given.reveals_all or name in given.reveal:
        return True
    return all(
        source in given.reveal
        if object_name == model.name
        else source in _reached(catalog, roles, catalog.object(object_name), "read")
        for object_name, source in sources(catalog, model.name, name)
    )


def sources(catalog: Catalog, object_name: str, field_name: str) -> frozenset[tuple[str, str]]:
    """The sensitive fields that a field gives away, as (object, field): itself, or what its formula reads."""
    return catalog.memo(_sources, object_name, field_name)


def _sources(catalog: Catalog, object_name: str, field_name: str) -> frozenset[tuple[str, str]]:
    """Follow formulas to what they read; the checker has refused cycles."""
    field = catalog.object(object_name).fields.get(field_name)
    if field is None or field.expose:
        return frozenset()
    if field.sensitive:
        return frozenset({(object_name, field_name)})
    node = formula_of(catalog, object_name, field_name)
    read = references(node, catalog, object_name) if node is not None else ()
    return frozenset(source for other, name in read for source in sources(catalog, other, name))
