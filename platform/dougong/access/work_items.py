"""what waits for somebody's decision, as a right to read it"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dougong.base.sql_types import Key
from dougong.catalog.model import Catalog, Flow
from dougong.context import Context
from dougong.storage.platform_tables import work_item

_MINE = (work_item.c.assignee == sa.bindparam("me_id", type_=Key)) & (work_item.c.state == "open")
_WAITS = sa.select(sa.literal(1)).where(_MINE, work_item.c.object == sa.bindparam("of")).limit(1)


def are_possible(catalog: Catalog, object_name: str) -> bool:
    """Whether records of an object can wait for a decision at all."""
    return catalog.memo(_are_possible, object_name)


def _are_possible(catalog: Catalog, object_name: str) -> bool:
    return any(flow.object == object_name for flow in catalog.of(Flow).values())


def waits(ctx: Context, object_name: str) -> bool:
    """Whether some record of an object waits for the actor now: asked only where nothing else lets them read."""
    return ctx.memo(_waits, object_name)


def _waits(ctx: Context, object_name: str) -> bool:
    if ctx.actor.is_system or not ctx.actor.id:
        return False
    return ctx.connection.execute(_WAITS, {"me_id": ctx.actor.id, "of": object_name}).scalar() is not None


def records(object_name: str) -> Any:
    """Select the ids of the records of an object that wait for the actor."""
    return sa.select(work_item.c.record).where(_MINE, work_item.c.object == object_name)
