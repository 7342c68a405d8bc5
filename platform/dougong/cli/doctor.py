"""say whether everything is well, and what to do if not"""

from __future__ import annotations

import sys

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.errors import DougongError, NotFound
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import health
from dougong.features.bundles.health import Check


@click.command("doctor")
@click.option("--recompute", is_flag=True, help="Compute stored values again (there are none yet).")
@json_option
def command(*, recompute: bool, as_json: bool) -> None:
    """Say whether everything is well: database, catalog, tables, interrupted plans, promised work.

    \b
    Example:
      dougong doctor --json
    """
    settings = settings_module.read()
    try:
        checks = health.checks(engines.open_engine(settings))
    except NotFound as error:
        checks = [Check("instance", str(error), mend="dougong init", is_well=False)]
    except DougongError as error:
        checks = [Check("database", str(error), mend="look at DOUGONG_DATABASE_URL (dougong config)", is_well=False)]
    is_well = all(check.is_well for check in checks)
    if as_json:
        print_json({"ok": is_well, "checks": [check.as_data() for check in checks]})
    else:
        for check in checks:
            click.echo(f"{'ok ' if check.is_well else 'BAD'} {check.name}: {check.detail}")
            if check.mend and not check.is_well:
                click.echo(f"    {check.mend}")
    sys.exit(0 if is_well else 1)
