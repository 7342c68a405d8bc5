"""numbers that the system gives: unique even where many create at once"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects import postgresql, sqlite

from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.sdk.numbering import period, render
from dougong.storage.platform_tables import sequence


def numbered(catalog: Catalog, model: ObjectModel) -> tuple[Field, ...]:
    """The fields of an object whose values the system numbers."""
    return catalog.memo(_numbered, model.name)


def _numbered(catalog: Catalog, object_name: str) -> tuple[Field, ...]:
    return tuple(each for each in catalog.object(object_name).own_fields() if each.type.numbering() is not None)


def give_numbers(ctx: Context, model: ObjectModel, many: Sequence[dict[str, Any]]) -> None:
    """Number new records. The row of the sequence stays locked until the end of the transaction."""
    local = ctx.now().astimezone(ZoneInfo(ctx.zone))
    for field in numbered(ctx.catalog, model):
        pattern = field.type.numbering() or ""
        waiting = [values for values in many if values.get(field.name) is None]
        if waiting:
            name = f"{ctx.catalog.physical.table(model.name)}.{ctx.catalog.physical.column(model.name, field.name)}"
            last = reserve(ctx, name, period(pattern, local), len(waiting))
            for offset, values in enumerate(waiting):
                values[field.name] = render(pattern, local, last - len(waiting) + 1 + offset)


def reserve(ctx: Context, name: str, of_period: str, count: int) -> int:
    """Take the next numbers of a sequence; the last of them."""
    make = postgresql.insert if ctx.dialect == "postgresql" else sqlite.insert
    begun = make(sequence).values(name=name, period=of_period, last=count)
    taken = begun.on_conflict_do_update(
        index_elements=["name", "period"], set_={"last": sequence.c.last + begun.excluded.last}
    ).returning(sequence.c.last)
    return int(ctx.connection.execute(taken).scalar_one())
