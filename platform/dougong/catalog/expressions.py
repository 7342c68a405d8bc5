"""the expressions of definitions, parsed and checked once in a catalog's life"""

from __future__ import annotations

from dougong.catalog.model import Catalog
from dougong.expressions.check import check
from dougong.expressions.parse import parse
from dougong.expressions.tree import Node
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


def _compiled(catalog: Catalog, object_name: str | None, text: str, expect: Type | None) -> Node:
    return check(parse(text), catalog, object_name, expect=expect)
