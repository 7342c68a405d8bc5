"""options that a caller's filter names: one that there is not would find nothing, in silence"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dougong.base.names import hint_to
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.tree import Aggregate, Compare, In, Literal, Node, Path, parts
from dougong.sdk.field_type import Showing


def hold(ctx: Context, model: ObjectModel, node: Node) -> None:
    """Raise `ExpressionError` where a checked condition compares a choice with what is none of its options."""
    for field, literals in _compared(ctx, model, node):
        known = [option.value for option in field.type.choices(Showing(options=ctx.catalog.options))]
        for literal in literals:
            if known and isinstance(literal.value, str) and literal.value and literal.value not in known:
                said = "'{field}' has no option '{piece}'"
                hint = hint_to(literal.value, known)
                raise ExpressionError(said, at=literal.at, hint=hint, field=field.name, piece=shown(literal.value))
    for part in parts(node):
        standing = _lines_of(ctx, model, node.children) if isinstance(node, Aggregate) else model
        hold(ctx, standing, part)


def _compared(ctx: Context, model: ObjectModel, node: Node) -> Iterable[tuple[Field, Sequence[Literal]]]:
    """Give the field that a comparison is about, with what is written beside it."""
    match node:
        case Compare("==" | "!=", Path(names), Literal() as literal):
            yield _at(ctx, model, names), [literal]
        case Compare("==" | "!=", Literal() as literal, Path(names)):
            yield _at(ctx, model, names), [literal]
        case In(Path(names), tuple(among)):
            yield _at(ctx, model, names), [each for each in among if isinstance(each, Literal)]
        case In(Literal() as literal, Path(names)):
            yield _at(ctx, model, names), [literal]
        case _:
            pass


def _at(ctx: Context, model: ObjectModel, names: Sequence[str]) -> Field:
    *steps, last = names
    for step in steps:
        model = ctx.catalog.object(str(model.field(step).type.lookup()))
    return model.field(last)


def _lines_of(ctx: Context, model: ObjectModel, names: Sequence[str]) -> ObjectModel:
    return ctx.catalog.object(str(_at(ctx, model, names).type.lines()))
