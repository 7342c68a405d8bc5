"""change the database to match the definitions"""

from __future__ import annotations

import json
from pathlib import Path

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import BadRequest
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import service
from dougong.storage import plan as plans
from dougong.storage.plan import Plan


@click.command("apply")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--plan", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A plan of `plan --out`."
)
@click.option("--allow-drop", is_flag=True, help="Consent to steps that hide values.")
@click.option("--reason", help="Why, for the history.")
@json_option
def command(paths: tuple[Path, ...], *, file: Path | None, allow_drop: bool, reason: str | None, as_json: bool) -> None:
    """Change the database to match the definitions, while people work.

    What earlier plans have kept aside for 30 days is dropped at the end.

    \b
    Examples:
      dougong apply metadata/crm
      dougong apply --plan next.json --allow-drop
    """
    if file is not None and paths:
        raise click.UsageError("Give either folders or a plan, not both.")
    settings = settings_module.read()
    engine = engines.open_engine(settings)
    plan = _read(file) if file else service.plan(engine, service.read_layers(list(paths) or [settings.definitions]))
    if not as_json:
        click.echo(plans.say(plan))
    plan_id = service.apply(engine, plan, by=SYSTEM_USER, reason=reason or "dougong apply", allow_drop=allow_drop)
    dropped = service.drop_old(engine)
    if as_json:
        print_json(
            {
                "applied": plan_id,
                "fingerprint": plan.fingerprint,
                "changes": [str(each) for each in plan.changes],
                "dropped": dropped,
            }
        )
        return
    if plan_id:
        click.echo(f"Applied as {plan_id}.")
    if dropped:
        said = "1 thing that was" if dropped == 1 else f"{dropped} things that were"
        click.echo(f"Dropped {said} kept aside for 30 days.")


def _read(file: Path) -> Plan:
    try:
        return plans.from_data(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        raise BadRequest(f"{file} is not JSON, so it is not a plan") from None
