"""take an applied plan back"""

from __future__ import annotations

import click

from dougong import engine as engines
from dougong.base.actor import SYSTEM_USER
from dougong.features.bundles import service
from dougong.storage import plan as plans


@click.command("undo")
@click.argument("plan_id", required=False)
@click.option("--allow-drop", is_flag=True, help="Consent to steps that hide values.")
def command(plan_id: str | None, *, allow_drop: bool) -> None:
    """Plan the reverse of an applied plan, the last one by default, and carry it out.

    Where the last plan is an undoing itself, say which plan is meant: undoing it brings back what it took away.

    \b
    Example:
      dougong undo
    """
    engine = engines.open_engine()
    plan = service.undo(engine, plan_id)
    click.echo(plans.say(plan))
    done = service.apply(engine, plan, by=SYSTEM_USER, reason="dougong undo", allow_drop=allow_drop)
    if done:
        click.echo(f"Applied as {done}. It took back {plan.undoes}.")
