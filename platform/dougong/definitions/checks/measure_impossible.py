"""E421: a report measures or groups what cannot be

`sum` and `avg` want numbers, and a `grain` wants a date or a moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.report import Report
from dougong.definitions.linked import Linked
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.fitting import described
from dougong.expressions.parse import parse
from dougong.expressions.types import Type

CODE = "E421"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the expressions of all reports."""
    for report in linked.of(Report):
        for position, measure in enumerate(report.measures):
            given = _type(linked, report.object, measure.of) if measure.of else None
            if given and measure.function in ("sum", "avg") and given.sort != "number":
                place = linked.place(report, "measures", position, "of")
                yield Problem(
                    place, CODE, f"'{measure.function}' wants a number, and '{measure.of}' is {described(given)}"
                )
        for position, dimension in enumerate(report.dimensions):
            given = _type(linked, report.object, dimension.by)
            if given and dimension.grain and given.sort not in ("date", "moment"):
                place = linked.place(report, "dimensions", position, "grain")
                said = f"a grain wants a date or moment, and '{dimension.by}' is {described(given)}"
                yield Problem(place, CODE, said, "leave `grain` out")


def _type(linked: Linked, object_name: str, text: str) -> Type | None:
    """Give the type of an expression; None where link.py has refused it."""
    try:
        return check(parse(text), linked, object_name).type
    except ExpressionError:
        return None
