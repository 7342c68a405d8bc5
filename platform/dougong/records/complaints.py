"""what the gate would refuse in records of which some fields could not be read, so that a person corrects them once"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from dougong.base.errors import InvalidRecord
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import clashes, defaults, read, validate
from dougong.records.query import Values
from dougong.records.reach import with_columns

Complaints = dict[str, list[Message]]
"""By field, as in `InvalidRecord`; nothing of the fields that could not be read."""


def of_new(ctx: Context, object_name: str, many: Sequence[tuple[Values, Collection[str]]]) -> list[Complaints]:
    """Say what else is wrong with records that were to be created: for each its values, and its unread fields."""
    model = ctx.catalog.object(object_name)
    validate.expect_lookups(ctx, model, [values for values, _ in many])
    found = []
    for values, unread in many:
        hidden = _with_what_depends(ctx, model, values, unread)
        found.append(_heard(partial(validate.new, ctx, model, values, unread=hidden)))
    # Of what a unique key is made, what could not be read is missing: such a key clashes with nothing.
    as_far_as_read = {at: validate.Changes(dict(values), frozenset()) for at, (values, _) in enumerate(many)}
    for position, errors in clashes.among(ctx, model, as_far_as_read).items():
        for name, messages in errors.items():
            found[position].setdefault(name, []).extend(messages)
    return found


def of_changed(ctx: Context, object_name: str, record_id: str, values: Values, unread: Collection[str]) -> Complaints:
    """Say what else is wrong with what was to change in a record."""
    model = ctx.catalog.object(object_name)
    before = read.find(ctx, model, record_id, names=with_columns(ctx.catalog, model), verb="update")
    if before is None:
        return {}
    return _heard(partial(validate.changed, ctx, model, before, values, unread=unread))


def of_line(ctx: Context, object_name: str, values: Mapping[str, Any], unread: Collection[str]) -> Complaints:
    """Say what else is wrong with a line that was to be added; `values` have been read, with its `parent` if known."""
    child = ctx.catalog.object(object_name)
    errors: validate.Errors = {name: [] for name in _with_what_depends(ctx, child, values, unread)}
    validate.finish_line(ctx, child, defaults.for_line(ctx, child, values), None, errors)
    return {name: messages for name, messages in errors.items() if messages}


def _with_what_depends(
    ctx: Context, model: ObjectModel, values: Mapping[str, Any], unread: Collection[str]
) -> frozenset[str]:
    """Add the fields whose defaults would come from what could not be read."""
    hidden = {*unread, *(() if model.parent is None or values.get("parent") else ("parent",))}
    for field in model.own_fields():
        text = field.default_expr if field.name not in values else None
        if text and hidden & validate.reads_of(ctx.catalog, model.name, text):
            hidden.add(field.name)
    return frozenset(hidden)


def _heard(check: Callable[[], object]) -> Complaints:
    try:
        check()
    except InvalidRecord as wrong:
        return {name: list(messages) for name, messages in wrong.by_field.items() if messages}
    return {}
