"""run the benchmarks, each beside its floor"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import click

from dougong.cli.main import json_option, print_json

BENCH = "dougong.testing.bench.run"
"""It stands above the command line, with the test helpers that it needs; so it is found by name when it is wanted."""


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(1000, 10_000_000), help="Customers.")
@click.option(
    "--database", "databases", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Only this one."
)
@json_option
def command(*, names: tuple[str, ...], rows: int, databases: tuple[str, ...], as_json: bool) -> None:
    """Measure by NAME, by default all but list_rights: read, list, create, update, report, page, import, …

    PostgreSQL is measured on the server of DOUGONG_TEST_POSTGRES_URL, in databases of the benchmark's own.

    \b
    Example:
      dougong bench read list --database sqlite --json
    """
    run = importlib.import_module(BENCH).run
    found = run(names, rows=rows, databases=databases, say=lambda text: click.echo(text, err=True))
    if as_json:
        print_json([each.as_data() for each in found])
    else:
        _tell(found)


def _tell(results: Iterable[Any]) -> None:
    headings = "".join(f"{each:>10}" for each in ("p50 ms", "p99 ms", "floor", "p99"))
    click.echo(f"{'':<24}{'clients':>8}{'ratio':>8}{headings}  statements")
    for each in results:
        said = each.as_data()
        more = " ".join(f"{name}={value}" for name, value in each.more)
        cells = (said["p50_ms"], said["p99_ms"], said["floor_p50_ms"], said["floor_p99_ms"])
        click.echo(
            f"{said['name']:<12}{said['database']:<12}{said['clients'] or '':>8}{said['ratio'] or '':>8}"
            + "".join(f"{'' if cell is None else cell:>10}" for cell in cells)
            + f"  {'' if said['statements'] is None else said['statements']} {more}"
        )
