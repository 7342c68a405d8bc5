"""whether an instance is well: what is installed, and what the database really holds"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dougong.catalog.model import Catalog
from dougong.features.bundles import service
from dougong.features.bundles.service import Installation
from dougong.jobs import outbox
from dougong.storage import apply as applying
from dougong.storage import drift, installed


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    detail: str
    mend: str = ""
    is_well: bool = True

    def as_data(self) -> dict[str, object]:
        """Give it as JSON, in the form of contracts section 6."""
        return {"name": self.name, "ok": self.is_well, "detail": self.detail, "mend": "" if self.is_well else self.mend}


def checks(engine: Installation) -> list[Check]:
    """Look at everything."""
    with engine.database.open(write=False) as connection:
        catalog = service.current(engine, connection)
        return [
            _database(connection),
            _fingerprint(engine, connection, catalog),
            _tables(connection, catalog),
            _unfinished(connection),
            _outbox(engine, connection),
        ]


def _database(connection: sa.Connection) -> Check:
    return Check(
        "database", f"{connection.dialect.name} {'.'.join(map(str, connection.dialect.server_version_info or ()))}"
    )


def _fingerprint(engine: Installation, connection: sa.Connection, catalog: Catalog) -> Check:
    """Hold the texts and names in the database against the fingerprint that was published with them."""
    published = installed.fingerprint(connection)
    found = service.fingerprint_of_texts(engine, connection)
    if found == published == catalog.fingerprint:
        return Check("catalog", f"{len(catalog.objects)} objects, fingerprint {published[:12]}")
    return Check(
        "catalog",
        f"the texts give {found[:12]}, published is {published[:12]}, this process holds {catalog.fingerprint[:12]}",
        mend="dougong apply",
        is_well=False,
    )


def _tables(connection: sa.Connection, catalog: Catalog) -> Check:
    differences = list(drift.find(connection, catalog))
    if not differences:
        return Check("tables", "every table, column and index is as the catalog wants it")
    shown = "; ".join(differences[:10]) + (f"; and {len(differences) - 10} more" if len(differences) > 10 else "")
    return Check("tables", shown, mend="add by hand what is missing; what is too much does no harm", is_well=False)


def _unfinished(connection: sa.Connection) -> Check:
    found = applying.unfinished(connection)
    if found is None:
        return Check("plans", "no plan was interrupted")
    return Check("plans", f"plan {found.id} was interrupted", mend="dougong apply", is_well=False)


def _outbox(engine: Installation, connection: sa.Connection) -> Check:
    """Say whether what was promised waits too long, or was tried too often."""
    now = engine.clock.now()
    found = outbox.figures(connection, now)
    if found.parked:
        said = f"{found.parked} promises failed too often, {found.due} are due"
        return Check("outbox", said, mend="dougong outbox; then: dougong outbox retry", is_well=False)
    if not found.due or found.oldest is None:
        return Check("outbox", "no work is waiting")
    age = int((now - found.oldest).total_seconds())
    said = f"{found.due} pieces of work are waiting, the oldest for {age} s"
    return Check("outbox", said, mend="run a worker: dougong worker", is_well=not found.is_late(now))
