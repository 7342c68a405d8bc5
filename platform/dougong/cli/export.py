"""export the records of an object as CSV, XLSX or JSON"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click

from dougong import engine as engines
from dougong.features.accounts.work import work
from dougong.features.exchange import writing


@click.command("export")
@click.argument("object_name", metavar="OBJECT")
@click.option("--where", metavar="EXPR", help="Only records for which this holds.")
@click.option("--format", "format_", type=click.Choice(writing.FORMATS), help="By default by the ending of the file.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; by default standard output.")
@click.option("--field", "fields", multiple=True, metavar="FIELD", help="Only these fields or paths, in this order.")
@click.option("--with", "lines", metavar="FIELD", help="Write these lines beside their records: a row for each line.")
@click.option("--user", "login", metavar="LOGIN", help="What this person may export; else all.")
def command(
    *,
    object_name: str,
    where: str | None,
    format_: writing.Format | None,
    out: Path | None,
    fields: tuple[str, ...],
    lines: str | None,
    login: str | None,
) -> None:
    """Export the records of OBJECT, such that importing them gives the same records.

    \b
    Examples:
      dougong export customer --where 'level == "a"' --out customers.xlsx
      dougong export order --with lines --out orders.csv   # and: dougong import order orders.csv --key number
    """
    chosen = format_ or _by_ending(out)
    engine = engines.open_engine()
    reason = None if login else "dougong export"
    with work(engine, write=False, login=login, reason=reason) as ctx:

        def write(file: IO[bytes]) -> int:
            return writing.export(
                ctx, object_name, file, format_=chosen, where=where, fields=fields or None, lines=lines
            )

        if out is None:
            write(sys.stdout.buffer)
            return
        beside = out.with_name(out.name + ".part")
        with beside.open("wb") as file:
            count = write(file)
        beside.replace(out)
    click.echo(f"{count} records in {out}", err=True)


def _by_ending(out: Path | None) -> writing.Format:
    if out is None:
        return "csv"
    ending = out.suffix.lower().lstrip(".")
    for name in writing.FORMATS:
        if name == ending:
            return name
    known = ", ".join(f".{name}" for name in writing.FORMATS)
    raise click.BadParameter(f"'{out.name}' ends in none of {known}; or give --format", param_hint="--out")
