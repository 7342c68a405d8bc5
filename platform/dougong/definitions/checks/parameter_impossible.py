"""E423: a parameter of a report that cannot be

A parameter is a name beside the fields of the report's object, holds one value that expressions know, and its default
is one that its type takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.errors import InvalidValue
from dougong.base.problems import Problem
from dougong.definitions.checks.default_refused import reading_of
from dougong.definitions.kinds.report import Parameter, Report
from dougong.definitions.linked import Linked
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import parse
from dougong.expressions.types import Type
from dougong.sdk.field_type import Reading

CODE = "E423"
RESERVED = ("where", "format")
"""What every report takes."""
_SORTS = ("text", "number", "boolean", "date", "moment", "record")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the parameters of all reports."""
    reading = reading_of(linked)
    for report in linked.of(Report):
        for position, each in enumerate(report.parameters):
            for key, said, hint in _wrong(linked, report, each, reading):
                yield Problem(linked.place(report, "parameters", position, key), CODE, said, hint)


def _wrong(linked: Linked, report: Report, each: Parameter, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Say at which key something is wrong, what, and how to mend it."""
    if each.name in RESERVED:
        yield "name", f"every report takes '{each.name}' already", "choose another name"
    elif each.name in linked.fields.get(report.object, {}):
        yield "name", f"'{each.name}' is a field of '{report.object}'", "choose another name, such as 'wanted_…'"
    kind = each.type.expression_type()
    if kind is None or kind.sort not in _SORTS or each.type.is_computed:
        yield "type", f"a parameter cannot be of type '{each.type.name}'", "it has to be one value that people enter"
        return
    yield from _wrong_default(linked, each, kind, reading)


def _wrong_default(linked: Linked, each: Parameter, kind: Type, reading: Reading) -> Iterator[tuple[str, str, str]]:
    if each.default is not None and each.default_expr is not None:
        yield "default_expr", f"parameter '{each.name}' has two defaults", "leave one of them out"
    if each.default is not None and not each.type.is_blank(each.default):
        try:
            each.type.parse(each.default, reading)
        except InvalidValue as error:
            yield "default", f"parameter '{each.name}' refuses its default '{each.default}'", str(error)
    if each.default_expr is not None:
        try:
            check(parse(each.default_expr), linked, None, expect=kind)
        except ExpressionError as error:
            yield "default_expr", str(error), str(error.hint or "")
