"""show the applied plans, with who and when"""

from __future__ import annotations

import click

from dougong import engine as engines
from dougong.base.actor import SYSTEM_USER
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import service


@click.command("history")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@json_option
def command(*, limit: int, as_json: bool) -> None:
    """Show the applied plans, the last one first.

    \b
    Example:
      dougong history --limit 5
    """
    applied = service.history(engines.open_engine())[:limit]
    if as_json:
        print_json([each.as_data() for each in applied])
        return
    for each in applied:
        who = "system" if each.by == SYSTEM_USER else each.by
        versions = ", ".join(f"{name} {new or 'removed'}" for name, _, new in each.plan.versions)
        count = f"{len(each.plan.changes)} changes"
        said = "  ".join(part for part in (each.reason or "", versions, count) if part)
        click.echo(f"{each.id}  {each.at:%Y-%m-%d %H:%M:%S}Z  {each.status:<9} {who}  {said}")
