"""import a CSV or XLSX file into an object"""

from __future__ import annotations

import gc
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click

from dougong import engine as engines
from dougong.cli.main import json_option, print_json
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.features.exchange import maps, service
from dougong.features.exchange.service import Imported


@click.command("import")
@click.argument("object_name", metavar="OBJECT", required=False)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--map", "map_", metavar="FILE|NAME", help="An import map: a YAML file, or the name of an installed one.")
@click.option("--key", multiple=True, metavar="FIELD", help="The natural key: rows that are there are changed.")
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
@click.option("--errors", type=click.Path(path_type=Path), help="Write rows with errors here, to correct them.")
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook; by default the first.")
@click.option("--list", "lists", is_flag=True, help="List the imports there were, the newest first.")
@click.option(
    "--undo", "undone", metavar="BATCH", help="Take an import back: delete what it created, put back the rest."
)
@click.option("--user", "login", metavar="LOGIN", help="Import in this person's name and rights; else as the system.")
@json_option
def command(
    *,
    object_name: str | None,
    file: Path | None,
    map_: str | None,
    key: tuple[str, ...],
    dry_run: bool,
    errors: Path | None,
    sheet: str | None,
    lists: bool,
    undone: str | None,
    login: str | None,
    as_json: bool,
) -> None:
    """Import FILE into OBJECT. Exit 1 if a row has errors.

    Every import is a batch, which --undo takes back; what was changed since stays, and is told (exit 1).

    \b
    Examples:
      dougong import customer customers.csv --key code --errors wrong.csv
      dougong import --list
      dougong import --undo 01a201e0-340d-7531-adb0-e05646b77ea0
    """
    if lists:
        _list(engines.open_engine(), object_name, login, as_json=as_json)
        return
    if undone is not None:
        _undo(engines.open_engine(), undone, login, as_json=as_json)
        return
    if object_name is None or file is None:
        raise click.UsageError("name the object and the file; or give --list, or --undo BATCH")
    _import(object_name, file, map_, key, sheet, errors, login, dry_run=dry_run, as_json=as_json)


def _import(
    object_name: str,
    file: Path,
    map_: str | None,
    key: tuple[str, ...],
    sheet: str | None,
    errors: Path | None,
    login: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    engine = engines.open_engine()
    # A chunk is a million small objects that live until it is written: looking through them for cycles takes a third of
    # the time and finds nothing. So we look more rarely, and never at what was there before.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    chosen = _map(engine, map_)
    total = _rows(file) if sys.stderr.isatty() else None

    def open_work() -> AbstractContextManager[Context]:
        reason = None if login else f"dougong import {file.name}"
        return work(engine, write=True, login=login, door="import", reason=reason)

    with click.progressbar(length=total or 1, file=sys.stderr, label=object_name, hidden=total is None) as bar:
        done = service.import_file(
            open_work,
            object_name,
            file,
            map_=chosen,
            key=key,
            sheet=sheet,
            errors_to=errors,
            dry_run=dry_run,
            on_progress=(lambda rows, total, errors: bar.update(rows - bar.pos)) if sys.stderr.isatty() else None,
        )
    if as_json:
        print_json(done.as_data("en"))
    else:
        _tell(done)
    if done.errors:
        raise SystemExit(1)


def _list(engine: Engine, object_name: str | None, login: str | None, *, as_json: bool) -> None:
    with work(engine, write=False, login=login, reason=None if login else "dougong import --list") as ctx:
        found = service.list_batches(ctx, object_name)
    if as_json:
        print_json([each.as_data() for each in found])
        return
    for each in found:
        click.echo(
            f"{each.id}  {each.at:%Y-%m-%d %H:%M}  {each.state:17}  {each.object}  {each.file}  rows={each.rows} "
            f"created={each.created} updated={each.updated} unchanged={each.unchanged} errors={each.errors}"
        )


def _undo(engine: Engine, batch: str, login: str | None, *, as_json: bool) -> None:
    def open_work() -> AbstractContextManager[Context]:
        reason = None if login else "dougong import --undo"
        return work(engine, write=True, login=login, door="import", reason=reason)

    done = service.undo_batch(open_work, batch)
    if as_json:
        print_json(done.as_data("en"))
    else:
        for each in done.left:
            click.echo(f"left: {each.title or each.id}: {each.message}", err=True)
        click.echo(
            f"records={done.records} deleted={done.deleted} restored={done.restored} gone={done.gone} "
            f"left={done.left_count}"
        )
    if done.left_count:
        raise SystemExit(1)


def _map(engine: Engine, given: str | None) -> ImportMap | None:
    if given is None:
        return None
    if given.endswith((".yaml", ".yml")):
        return maps.read(Path(given), engine.extensions)
    return engine.catalog().get(ImportMap, given)


def _rows(path: Path) -> int | None:
    """Guess how many rows there are, for the progress bar."""
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return None


def _tell(done: Imported) -> None:
    for each in done.first_errors:
        click.echo(each.said("en"), err=True)
    if done.errors > len(done.first_errors):
        click.echo(f"… {done.errors} rows with errors", err=True)
    verb = "would be" if done.dry_run else "were"
    click.echo(
        f"rows={done.rows} created={done.created} updated={done.updated} unchanged={done.unchanged} "
        f"errors={done.errors}" + (f" ({verb} written)" if done.dry_run else "")
    )
    if done.error_file and done.errors:
        click.echo(f"rows with errors: {done.error_file}", err=True)
