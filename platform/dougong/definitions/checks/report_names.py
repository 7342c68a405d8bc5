"""E415: a report sorts or draws by something it does not have

`sort`, `columns` and the chart name dimensions and measures of the same report; one dimension stands down at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.report import Report
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "E415"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at what reports sort and draw by."""
    for report in linked.of(Report):
        dimensions = [each.name for each in report.dimensions]
        measures = [each.name for each in report.measures]
        named: list[tuple[Path, str, list[str], str]] = [
            (("sort", position), name.removeprefix("-"), dimensions + measures, "dimension or measure")
            for position, name in enumerate(report.sort)
        ]
        named += [
            (("columns", position), name, dimensions, "dimension") for position, name in enumerate(report.columns)
        ]
        if report.columns and not set(dimensions) - set(report.columns):
            said = f"report '{report.name}' has no dimension left for its rows"
            yield Problem(linked.place(report, "columns"), CODE, said, "leave one out of `columns`")
        if report.chart:
            named += [
                (("chart", "measures", position), name, measures, "measure")
                for position, name in enumerate(report.chart.measures)
            ]
            if report.chart.dimension:
                named.append((("chart", "dimension"), report.chart.dimension, dimensions, "dimension"))
        for path, name, known, what in named:
            if name not in known:
                said = f"report '{report.name}' has no {what} '{name}'"
                yield Problem(linked.place(report, *path), CODE, said, hint_for(name, known))
