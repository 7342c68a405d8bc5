"""the expressions of definitions, parsed and checked once in a catalog's life"""

from __future__ import annotations

from dougong.catalog.model import Catalog
from dougong.expressions.check import check
from dougong.expressions.parse import parse
from dougong.expressions.roots import Roots
from dougong.expressions.this import check_offer
from dougong.expressions.tree import Node, or_blank
from dougong.expressions.types import Type


def compiled(catalog: Catalog, object_name: str | None, text: str, *, expect: Type | None = None) -> Node:
    """Give the checked tree of an expression on an object, or raise `ExpressionError`.

    Only for texts that stand in definitions: they are kept as long as the catalog. What a caller sends is checked
    where it is read.
    """
    return catalog.memo(_compiled, object_name, text, expect)


def formula_of(catalog: Catalog, object_name: str, field_name: str) -> Node | None:
    """Give the checked tree of a computed field; None for a field that is entered."""
    field = catalog.object(object_name).field(field_name)
    text = field.type.computed_by()
    # `check` rounds to the decimal places that the field keeps.
    return None if text is None else compiled(catalog, object_name, text, expect=field.type.expression_type())


def reading_of(catalog: Catalog, object_name: str, field_name: str) -> Node | None:
    """Give the tree by which a computed field is read: what does not fit is blank, unless a column holds the value."""
    node = formula_of(catalog, object_name, field_name)
    is_held = bool(catalog.object(object_name).field(field_name).type.columns())
    return node if node is None or is_held else catalog.memo(_or_blank, node)


def _or_blank(catalog: Catalog, node: Node) -> Node:
    return or_blank(node)


def offered_by(catalog: Catalog, object_name: str, field_name: str) -> Node | None:
    """Give the checked condition of what a lookup offers, over the records of its object and `this`; None for none."""
    return catalog.memo(_offer, object_name, field_name)


def _offer(catalog: Catalog, object_name: str, field_name: str) -> Node | None:
    kind = catalog.object(object_name).field(field_name).type
    text, target = kind.offers(), kind.lookup()
    return None if text is None or target is None else check_offer(text, catalog, target, object_name)


def rooted(catalog: Catalog, object_name: str, text: str, roots: Roots, *, expect: Type | None = None) -> Node:
    """Give the checked tree of an expression of an action, which may name what stands beside the record."""
    return catalog.memo(_rooted, object_name, text, roots, expect)


def _rooted(catalog: Catalog, object_name: str, text: str, roots: Roots, expect: Type | None) -> Node:
    return check(parse(text), roots.beside(catalog, object_name), object_name, expect=expect)


def _compiled(catalog: Catalog, object_name: str | None, text: str, expect: Type | None) -> Node:
    return check(parse(text), catalog, object_name, expect=expect)
