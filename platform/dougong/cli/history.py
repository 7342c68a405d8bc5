"""show the applied plans, with who and when"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from dougong import engine as engines
from dougong.base.actor import SYSTEM_USER
from dougong.cli.main import json_option, print_json
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.features.bundles import service
from dougong.records import service as records
from dougong.records.query import Query


@click.command("history")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@json_option
def command(*, limit: int, as_json: bool) -> None:
    """Show the applied plans, the last one first, in the time zone of the instance.

    \b
    Example:
      dougong history --limit 5
    """
    engine = engines.open_engine()
    applied = service.history(engine)[:limit]
    if as_json:
        print_json([each.as_data() for each in applied])
        return
    zone = ZoneInfo(engine.zone)
    logins = _logins(engine, {each.by for each in applied} - {SYSTEM_USER})
    for each in applied:
        who = "system" if each.by == SYSTEM_USER else logins.get(each.by, each.by)
        versions = ", ".join(f"{name} {new or 'removed'}" for name, _, new in each.plan.versions)
        count = f"{len(each.plan.changes)} {'change' if len(each.plan.changes) == 1 else 'changes'}"
        said = "  ".join(part for part in (each.reason or "", versions, count) if part)
        click.echo(f"{each.id}  {each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {each.status:<9} {who}  {said}")


def _logins(engine: Engine, ids: set[str]) -> dict[str, str]:
    """Give the logins of users by id."""
    if not ids:
        return {}
    where = " or ".join(f'id == "{each}"' for each in sorted(ids))
    with work(engine, write=False, reason="dougong history") as ctx:
        found = records.list(ctx, "user", Query(where=where, fields=("login",), limit=len(ids)))
        return {record.id: str(record.values["login"]) for record in found.records}
