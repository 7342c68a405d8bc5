"""say whether everything is well, and what to do if not"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.errors import DougongError, NotFound
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import health, recomputing
from dougong.features.bundles.health import Check
from dougong.features.bundles.recomputing import Recomputed
from dougong.storage import upgrade
from dougong.storage.upgrade import TablesLag


@click.command("doctor")
@click.option("--recompute", is_flag=True, help="Compute the stored formulas of all records again, and compare.")
@click.option("--mend", is_flag=True, help="Add what the platform's tables lack, and write stored values that differ.")
@json_option
def command(*, recompute: bool, mend: bool, as_json: bool) -> None:
    """Say whether everything is well: database, catalog, tables, interrupted plans, promised work.

    With --recompute, every stored formula of every record, too: a batch at a time, while people work.

    \b
    Examples:
      dougong doctor --json
      dougong doctor --recompute --mend
    """
    settings = settings_module.read()
    recomputed: list[Recomputed] = []
    try:
        engine = engines.open_engine(settings, upgrades=mend)
        if mend:
            upgrade.upgrade(engine.database)
        checks = health.checks(engine)
        if recompute:
            recomputed = list(recomputing.recompute(engine, mends=mend))
            checks.append(_values(recomputed))
    except TablesLag as error:
        checks = [Check("tables", str(error), mend="start the server again, or dougong doctor --mend", is_well=False)]
    except NotFound as error:
        checks = [Check("instance", str(error), mend="dougong init", is_well=False)]
    except DougongError as error:
        checks = [Check("database", str(error), mend="look at DOUGONG_DATABASE_URL (dougong config)", is_well=False)]
    is_well = all(check.is_well for check in checks)
    if as_json:
        print_json(_said(checks, recomputed if recompute else None))
    else:
        _tell(checks)
    sys.exit(0 if is_well else 1)


def _tell(checks: Sequence[Check]) -> None:
    for check in checks:
        click.echo(f"{'ok ' if check.is_well else 'BAD'} {check.name}: {check.detail}")
        if check.mend and not check.is_well:
            click.echo(f"    {check.mend}")


def _said(checks: Sequence[Check], recomputed: Sequence[Recomputed] | None) -> dict[str, object]:
    said: dict[str, object] = {
        "ok": all(check.is_well for check in checks),
        "checks": [check.as_data() for check in checks],
    }
    if recomputed is not None:
        said["recomputed"] = [each.as_data() for each in recomputed]
    return said


def _values(recomputed: Sequence[Recomputed]) -> Check:
    """Sum up what was computed again."""
    values = sum(each.records for each in recomputed)
    odd = [each for each in recomputed if each.different or each.trouble]
    if not odd:
        return Check("values", f"{values} stored values of {len(recomputed)} formulas are what they should be")
    shown = "; ".join(
        each.trouble
        or f"{each.object}.{each.field}: {each.different} of {each.records} "
        f"{'differed and were mended' if each.is_mended else 'differ'}"
        for each in odd
    )
    is_well = all(each.is_well for each in recomputed)
    return Check("values", shown, mend="dougong doctor --recompute --mend", is_well=is_well)
