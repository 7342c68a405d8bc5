"""which records a lookup may point to, where its author says more than the object"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from dougong.base.text import Message
from dougong.catalog.expressions import formula_of, offered_by
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.expressions.check import references
from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluate
from dougong.expressions.fold import fold
from dougong.expressions.this import named, put_into, without_blanks
from dougong.expressions.tree import Literal, Node
from dougong.records.reach import Reach

Errors = dict[str, list[Message]]

PARENT = "parent"


@dataclass(frozen=True)
class Offer:
    """What one lookup says of the records that it may point to."""

    field: str
    condition: Node
    names: tuple[str, ...]
    """The fields that `this.` names, for a sentence; of a line's record with `parent.` before them."""
    reads: frozenset[str]
    """Those of the record itself, also by way of its formulas."""
    above: frozenset[str]
    """Those of the record that a line belongs to."""


def offers_of(catalog: Catalog, model: ObjectModel) -> tuple[Offer, ...]:
    """Give what the lookups of an object say, compiled once in a catalog's life."""
    return catalog.memo(_offers, model.name)


def offer_of(catalog: Catalog, model: ObjectModel, field_name: str) -> Offer | None:
    """Give what one lookup says; None where it offers every record of its object."""
    return next((each for each in offers_of(catalog, model) if each.field == field_name), None)


def _offers(catalog: Catalog, object_name: str) -> tuple[Offer, ...]:
    model = catalog.object(object_name)
    found = []
    for field in model.own_fields():
        node = offered_by(catalog, object_name, field.name)
        if node is None:
            continue
        paths = named(node)
        own = {names[0] for names in paths if names[0] != PARENT or model.parent is None}
        above = {names[1] for names in paths if names[0] == PARENT and model.parent and len(names) > 1}
        found.append(
            Offer(
                field.name,
                node,
                tuple(dict.fromkeys(".".join(names[:2]) if names[0] == PARENT else names[0] for names in paths)),
                _with_formulas(catalog, object_name, own),
                _with_formulas(catalog, model.parent, above) if model.parent else frozenset(),
            )
        )
    return tuple(found)


def _with_formulas(catalog: Catalog, object_name: str, names: Iterable[str]) -> frozenset[str]:
    """Name fields of an object, and those of it that their formulas read."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        node = formula_of(catalog, object_name, name)
        if node is not None:
            waiting += [read for other, read in references(node, catalog, object_name) if other == object_name]
    return frozenset(found)


def condition(ctx: Context, model: ObjectModel, field_name: str, this: Reach) -> Node | None:
    """Give the condition for what a lookup of this record offers; None where every record of its object is meant.

    A comparison with a field of the record that is still blank is left out.
    """
    offer = offer_of(ctx.catalog, model, field_name)
    if offer is None:
        return None
    setting = ctx.setting()

    def is_blank(side: Node) -> bool:
        known = fold(side, setting)
        return isinstance(known, Literal) and known.value is None

    return without_blanks(put_into(offer.condition, this.get), is_blank)


def refuse(
    ctx: Context,
    model: ObjectModel,
    this: Reach,
    errors: Errors,
    *,
    changed: frozenset[str] | None,
    above: frozenset[str] = frozenset(),
) -> None:
    """Refuse lookups of a record, or line, that point to what they do not offer.

    Only those are asked that changed, or that hang on a field that did (`above`: of the line's record); None is all.
    Where something they hang on is wrong already, that has to be mended first.
    """
    unread = errors.keys()
    for offer in offers_of(ctx.catalog, model):
        is_asked = changed is None or offer.field in changed or offer.reads & changed or offer.above & above
        if not is_asked or offer.field in errors or offer.reads & unread:
            continue
        chosen = this.behind(offer.field)
        if chosen is not None and not _lets_in(ctx, offer, this, chosen):
            errors[offer.field] = [_said(ctx.catalog, model, offer)]


def refuse_in_lines(
    ctx: Context, model: ObjectModel, this: Reach, errors: Errors, *, names: Iterable[str], above: frozenset[str]
) -> None:
    """Refuse the same in lines that stay as they are, where a field of their record changed that they hang on."""
    for name in names:
        child = ctx.catalog.object(str(model.field(name).type.lines()))
        if any(offer.above & above for offer in offers_of(ctx.catalog, child)):
            for position, line in enumerate(this.children((name,))):
                inner: Errors = {}
                refuse(ctx, child, line, inner, changed=frozenset(), above=above)
                errors.update({f"{name}[{position}].{each}": messages for each, messages in inner.items()})


def _lets_in(ctx: Context, offer: Offer, this: Reach, chosen: Reach) -> bool:
    setting = ctx.setting()

    def is_blank(side: Node) -> bool:
        try:
            return evaluate(side, chosen, setting) is None
        except Overflow:
            return True

    node = without_blanks(put_into(offer.condition, this.get), is_blank)
    try:
        return bool(evaluate(node, chosen, setting))
    except Overflow:
        return True


def _said(catalog: Catalog, model: ObjectModel, offer: Offer) -> Message:
    target = catalog.object(str(model.field(offer.field).type.lookup())).definition.shown_label()
    if not offer.names:
        return Message(
            "This {object} cannot be chosen here. Choose one of those that are offered.",
            code="not_offered",
            object=target,
        )
    labels = [Message("{label}", label=_label(catalog, model, name)) for name in offer.names]
    return Message(
        "This {object} does not go with {fields}. Choose one of those that are offered.",
        code="not_offered",
        object=target,
        fields=reduce(lambda one, other: Message("{one}, {other}", one=one, other=other), labels),
    )


def _label(catalog: Catalog, model: ObjectModel, name: str) -> object:
    above, _, last = name.rpartition(".")
    at = catalog.object(model.parent) if above and model.parent else model
    return at.field(last).shown_label()
