"""run a report"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import click

from dougong import engine as engines
from dougong.cli.main import json_option
from dougong.features.accounts.work import work
from dougong.features.reports import render, service
from dougong.features.reports.dataset import Dataset


@click.command("report")
@click.argument("name")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the report.")
@click.option("--where", help="A further condition on its records, such as 'shipped_date is null'.")
@click.option("--format", "form", type=click.Choice(["table", *service.FORMS]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.option("--user", "login", help="Run it under the rights of this user; by default the system sees all.")
@json_option
def command(
    name: str,
    *,
    given: tuple[str, ...],
    where: str | None,
    form: str,
    out: Path | None,
    login: str | None,
    as_json: bool,
) -> None:
    """Run the report NAME and print it.

    \b
    Example:
      dougong report revenue_by_month --param from=2026-01-01 --format csv --out revenue.csv
    """
    parameters = dict(map(_named, given))
    if where:
        parameters["where"] = where
    with work(engines.open_engine(), write=False, login=login, reason="dougong report") as ctx:
        dataset = service.run(ctx, name, parameters)
        content = _written(dataset, "json" if as_json else form)
    if out is not None:
        out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


def _named(text: str) -> tuple[str, str]:
    name, is_said, value = text.partition("=")
    if not is_said or not name:
        raise click.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="--param")
    return name, value


def _written(dataset: Dataset, form: str) -> bytes:
    match form:
        case "json":
            return render.as_json(dataset) + b"\n"
        case "csv":
            return render.as_csv(dataset).encode()
        case "xlsx":
            return render.as_xlsx(dataset)
        case _:
            return (_table(dataset) + "\n").encode()


def _table(dataset: Dataset) -> str:
    """Draw a dataset for a terminal, in which a Chinese sign is two columns wide."""
    heads = tuple(column.label.show(dataset.locale) for column in dataset.columns)
    lines = [heads, *dataset.shown, *([dataset.shown_totals] if dataset.shown_totals else [])]
    widths = [max(_width(line[at]) for line in lines) for at in range(len(heads))]
    drawn = [
        "  ".join(
            _filled(text, width, end=column.align == "end")
            for text, width, column in zip(line, widths, dataset.columns, strict=True)
        ).rstrip()
        for line in lines
    ]
    rule = "  ".join("-" * width for width in widths)
    drawn.insert(1, rule)
    if dataset.shown_totals:
        drawn.insert(-1, rule)
    return "\n".join(drawn)


def _filled(text: str, width: int, *, end: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if end else text + gap


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
