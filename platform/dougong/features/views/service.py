"""personal views: kept as records, checked like the views of definitions, and never wider than their person's rights"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from dougong.base.errors import InvalidRecord, NotFound
from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions.kinds.view import View
from dougong.records import service as records
from dougong.records.query import Query, Record

OBJECT = "saved_view"
PREFIX = "my_"
FIRST, LAST = -1, 10_000
"""Where a personal view stands: in front where it opens by itself, else behind the views of definitions."""
KEYS = frozenset({"columns", "where", "sort", "filters"})
"""What a personal view may say of its own; all else is as in the view that it began with."""
MOST = 50


@dataclass(frozen=True)
class Own:
    """A view of one person."""

    record: Record
    """Where it is kept."""
    view: View
    """The view itself."""

    @property
    def is_default(self) -> bool:
        """Whether it opens by itself."""
        return bool(self.record.get("is_default"))


def of(ctx: Context, object_name: str) -> tuple[View, ...]:
    """Give the person's own views of an object, in one statement; what cannot be read any more is left out."""
    return tuple(own.view for own in kept(ctx, object_name))


def kept(ctx: Context, object_name: str) -> tuple[Own, ...]:
    """Give the person's own views of an object with the records that keep them."""
    if OBJECT not in ctx.catalog.objects or not ctx.actor.id or ctx.actor.is_system:
        return ()
    query = Query(
        where=f'object == "{object_name}" and owner == "{ctx.actor.id}"',
        fields=("name", "body", "is_default"),
        sort=("name",),
        limit=MOST,
    )
    found = []
    for record in records.list(_keeping(ctx), OBJECT, query):
        try:
            view = built(ctx.catalog, object_name, record.id, record["name"], read(record["body"]),
                         is_default=bool(record["is_default"]))  # fmt: skip
        except InvalidRecord:
            continue
        found.append(Own(record, view))
    return tuple(found)


def _keeping(ctx: Context) -> Context:
    """Whoever may sign in has views of their own, whatever roles they hold; nobody reads those of another."""
    return ctx.as_system("keep a person's own views")


def name_of(record_id: str) -> str:
    """Give the name that a personal view has in addresses."""
    return PREFIX + record_id.replace("-", "")


def read(body: str) -> Mapping[str, Any]:
    """Read what a personal view says, or raise `InvalidRecord`."""
    try:
        said = orjson.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _refused("it is not a set of keys")
    return said


def built(
    catalog: Catalog, object_name: str, record_id: str, label: str, said: Mapping[str, Any], *, is_default: bool
) -> View:
    """Make a view of what a personal one says over the view that it began with, or raise `InvalidRecord`.

    It is checked by the same class as the views of definitions.
    """
    unknown = [key for key in said if key not in KEYS and key != "base"]
    if unknown:
        raise _refused(f"it has a key '{unknown[0]}'")
    base = catalog.find(View, str(said.get("base", "")))
    if base is not None and base.object != object_name:
        base = None
    begun = base.model_dump(mode="python", exclude={"label", "description"}, by_alias=True) if base else {}
    own = {key: said[key] for key in KEYS if key in said}
    data = {
        **{key: value for key, value in begun.items() if value is not None},
        **own,
        "kind": "view",
        "object": object_name,
        "name": name_of(record_id),
        "position": FIRST if is_default else LAST,
    }
    try:
        view = View.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise _refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return view.model_copy(update={"label": Text({"en": label})})


def save(ctx: Context, object_name: str, label: str, said: Mapping[str, Any], *, is_default: bool = False) -> Own:
    """Keep a view of one's own, or raise `InvalidRecord`: its condition must be one that the person may ask."""
    where = said.get("where")
    if where is not None and not records.may_ask(ctx, object_name, str(where)):
        raise InvalidRecord({"body": [Message("The filter of this view cannot be read.", code="view_filter")]})
    built(ctx.catalog, object_name, ctx.actor.id, label, said, is_default=is_default)
    if is_default:
        _none_first(ctx, object_name)
    values = {"name": label, "object": object_name, "body": orjson.dumps(said).decode(), "is_default": is_default,
              "owner": ctx.actor.id}  # fmt: skip
    record = records.create(_keeping(ctx), OBJECT, values)
    view = built(ctx.catalog, object_name, record.id, label, said, is_default=is_default)
    return Own(record, view)


def rename(ctx: Context, object_name: str, record_id: str, label: str) -> None:
    """Give a view of one's own another name."""
    records.update(
        _keeping(ctx), OBJECT, _mine(ctx, object_name, record_id).record.id, {"name": label}, last_write=True
    )


def open_first(ctx: Context, object_name: str, record_id: str, *, is_default: bool) -> None:
    """Let a view of one's own open by itself, or no longer; only one of them does."""
    own = _mine(ctx, object_name, record_id)
    if is_default:
        _none_first(ctx, object_name)
    records.update(_keeping(ctx), OBJECT, own.record.id, {"is_default": is_default}, last_write=True)


def delete(ctx: Context, object_name: str, record_id: str) -> None:
    """Delete a view of one's own."""
    records.delete(_keeping(ctx), OBJECT, _mine(ctx, object_name, record_id).record.id, last_write=True)


def _none_first(ctx: Context, object_name: str) -> None:
    for own in kept(ctx, object_name):
        if own.is_default:
            records.update(_keeping(ctx), OBJECT, own.record.id, {"is_default": False}, last_write=True)


def _mine(ctx: Context, object_name: str, record_id: str) -> Own:
    found = next((own for own in kept(ctx, object_name) if own.record.id == record_id), None)
    if found is None:
        raise NotFound(Message("There is no such view of yours.", code="no_view"))
    return found


def _refused(why: str) -> InvalidRecord:
    said = Message("This view cannot be kept: {why}.", code="view_body", why=why)
    return InvalidRecord({"body": [said]})
