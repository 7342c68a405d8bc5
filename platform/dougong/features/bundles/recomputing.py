"""stored formulas held against what their records give, and mended"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.base.errors import Conflict
from dougong.base.text import Message
from dougong.features.bundles import service
from dougong.features.bundles.service import Installation
from dougong.storage import shapes
from dougong.storage.compute import Computation


@dataclass(frozen=True)
class Recomputed:
    """One stored formula that was computed again over all its records."""

    object: str
    field: str
    records: int
    different: int
    """So many held another value than the formula gives."""
    is_mended: bool = False
    trouble: str = ""
    """Why some cannot be computed."""

    @property
    def is_well(self) -> bool:
        """Whether every record holds now what the formula gives."""
        return not self.trouble and (self.different == 0 or self.is_mended)

    def as_data(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "object": self.object,
            "field": self.field,
            "records": self.records,
            "different": self.different,
            "mended": self.different if self.is_mended else 0,
            "trouble": self.trouble,
        }


def recompute(engine: Installation, *, mends: bool = False) -> Iterator[Recomputed]:
    """Compute every stored formula of every record again, a batch at a time; with `mends`, write what differs.

    Each batch is a transaction of its own, so people work meanwhile. What is mended leaves no version in the history:
    nobody entered anything.
    """
    with engine.database.open(write=False) as connection:
        catalog = service.current(engine, connection)
    for model in shapes.stored(catalog):
        for field in model.own_fields():
            if field.type.computed_by() is None or not field.type.columns():
                continue
            yield _field(engine, Computation(catalog, model.name, field.name, engine.settings.timezone), mends=mends)


def _field(engine: Installation, computation: Computation, *, mends: bool) -> Recomputed:
    records = different = 0
    last: Any = None
    try:
        while True:
            before = last
            with engine.database.open(write=False) as connection:
                _refuse_other(engine, connection, computation)
                count, wrong, last = computation.differing(connection, after=before)
            records, different = records + count, different + wrong
            if wrong and mends:
                with engine.database.open(write=True) as connection:
                    _refuse_other(engine, connection, computation)
                    computation.carry_out(connection, after=before)
            if last is None:
                break
    except Conflict as error:
        if error.message.code == "changed_meanwhile":
            raise
        return Recomputed(computation.object, computation.field, records, different, trouble=str(error))
    return Recomputed(computation.object, computation.field, records, different, is_mended=mends)


def _refuse_other(engine: Installation, connection: sa.Connection, computation: Computation) -> None:
    """Stop where someone has published other definitions since."""
    if service.current(engine, connection).fingerprint != computation.catalog.fingerprint:
        raise Conflict(
            Message("The definitions were changed meanwhile. Begin again: dougong doctor", code="changed_meanwhile")
        )
