"""E450: a tile of a dashboard that cannot be

A number names a measure of its report, a chart is of a report that draws one, a report on a dashboard runs without
being asked for anything, and a comparison is by a date or a moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.dashboard import Dashboard, Tile
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.report import Parameter, Report
from dougong.definitions.linked import Linked
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.fitting import described
from dougong.expressions.parse import parse

CODE = "E450"
Wrong = tuple[tuple[str | int, ...], str, str]


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the tiles of all dashboards."""
    for dashboard in linked.of(Dashboard):
        for position, tile in enumerate(dashboard.tiles):
            for path, said, hint in (*_of_report(linked, tile), *_of_shortcuts(linked, tile)):
                yield Problem(linked.place(dashboard, "tiles", position, *path), CODE, said, hint)


def _of_report(linked: Linked, tile: Tile) -> Iterator[Wrong]:
    report = linked.find(Report, tile.report) if tile.report else None
    if report is None:
        return
    names = [each.name for each in report.measures]
    if tile.measure is not None and tile.measure not in names:
        yield ("measure",), f"report '{report.name}' has no measure '{tile.measure}'", hint_for(tile.measure, names)
    if tile.type == "chart" and (report.chart is None or report.chart.type == "number"):  # a closed set
        yield ("report",), f"report '{report.name}' draws no chart", "add `chart:` to it"
    elif tile.type == "chart" and not report.dimensions:  # a closed set
        yield ("report",), f"report '{report.name}' has no dimension to draw along", "show it as a number"
    asked = next((each for each in report.parameters if each.required and not _has_default(each)), None)
    if asked is not None:
        hint = "give the parameter a default"
        yield ("report",), f"report '{report.name}' does not run before '{asked.name}' is chosen", hint
    if tile.compare is not None:
        yield from _of_comparison(linked, report, tile.compare.by)


def _has_default(parameter: Parameter) -> bool:
    return parameter.default is not None or parameter.default_expr is not None


def _of_comparison(linked: Linked, report: Report, text: str) -> Iterator[Wrong]:
    path = ("compare", "by")
    try:
        given = check(parse(text), linked, report.object).type
    except ExpressionError as error:
        yield path, str(error), str(error.hint or "")
        return
    if given.sort not in ("date", "moment"):
        yield path, f"a comparison wants a date or moment, and '{text}' is {described(given)}", ""


def _of_shortcuts(linked: Linked, tile: Tile) -> Iterator[Wrong]:
    for position, item in enumerate(tile.items):
        found = linked.find(Object, item.object) if item.object else None
        if found is not None and found.nature == "child":
            yield ("items", position, "object"), f"a shortcut cannot lead to the lines '{found.name}'", ""
