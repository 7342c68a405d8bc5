"""the table of functions on the reference page, written from the functions themselves"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal

from dougong.expressions.check import check
from dougong.expressions.evaluate import evaluate
from dougong.expressions.functions import AGGREGATES, FUNCTIONS
from dougong.expressions.parse import parse
from dougong.expressions.setting import NO_RECORD, Setting
from dougong.expressions.tree import Value
from dougong.expressions.types import Type

BEGIN = "<!-- functions: written by dougong.expressions.reference -->"
END = "<!-- end of functions -->"

_SETTING = Setting(dt.date(2026, 11, 22), dt.datetime(2026, 11, 22, 2, 29, 28, 123000, tzinfo=dt.UTC), "Asia/Shanghai")


class _NoObjects:
    """The scope of constants."""

    def type_of(self, object_name: str, field: str) -> Type | None:
        return None

    def names(self, object_name: str) -> Iterable[str]:
        return ()


def function_table() -> str:
    """Write the functions as a table in Markdown."""
    return "\n".join(_lines())


def current(page: str) -> str:
    """Give a page with its table of functions as it should be."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{function_table()}\n\n{END}{rest.partition(END)[2]}"


def shown(value: Value) -> str:
    """Show a value as it would be written in an expression."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%S}Z"'
    return f'"{value}"'


def _lines() -> Iterator[str]:
    yield "| function | gives | for example | |"
    yield "|---|---|---|---|"
    for function in FUNCTIONS.values():
        node = check(parse(function.example), _NoObjects(), None)
        value = shown(evaluate(node, NO_RECORD, _SETTING))
        yield f"| `{function.signature}` | {function.doc} | `{function.example}` | `{value}` |"
    for aggregate in AGGREGATES.values():
        yield f"| `{aggregate.name}(lines.…)` | {aggregate.doc} | `{aggregate.example}` | |"
