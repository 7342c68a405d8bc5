"""show what applying would change"""

from __future__ import annotations

import json
from pathlib import Path

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import service
from dougong.storage import plan as plans


@click.command("plan")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan, for: apply --plan FILE")
@click.option("--steps", is_flag=True, help="Show each step on the database, too.")
@json_option
def command(paths: tuple[Path, ...], *, out: Path | None, steps: bool, as_json: bool) -> None:
    """Show what applying would change. Changes nothing.

    PATH is a bundle, or a folder of bundles; what is not named stays as it is installed.

    \b
    Example:
      dougong plan metadata/crm --out next.json
    """
    settings = settings_module.read()
    engine = engines.open_engine(settings)
    plan = service.plan(engine, service.read_layers(list(paths) or [settings.definitions]))
    if out is not None:
        out.write_text(json.dumps(plan.as_data(), ensure_ascii=False, indent=1), encoding="utf-8")
    if as_json:
        print_json(plan.as_data())
        return
    for problem in plan.advice:
        click.echo(problem, err=True)
    click.echo(plans.say(plan))
    if steps:
        for step in plan.steps:
            click.echo(f"    {plans.describe(step)}")
    if not plan.is_empty:
        where = f"--plan {out}" if out else " ".join(str(path) for path in paths)
        consent = " --allow-drop" if plan.destructive else ""
        click.echo(f"Carry it out with: dougong apply {where}".rstrip() + consent)
