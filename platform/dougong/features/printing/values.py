"""records as the plain values that bodies show: what their reader sees, and blank where they may not see it"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dougong.base.bodies import Lines, Plain
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.features.printing.capitals import capitals
from dougong.records import service as records
from dougong.records.keys import values_by_id
from dougong.records.query import Record
from dougong.sdk.field_type import Showing
from dougong.sdk.numbers import show_money

Tree = dict[str, "Tree"]
"""Names and what is reached below each."""


def tree_of(paths: Iterable[Sequence[str]]) -> Tree:
    """Put paths together: `customer.name` and `customer.city` share their beginning."""
    found: Tree = {}
    for path in paths:
        at = found
        for name in path:
            if name != "*":
                at = at.setdefault(name, {})
    return found


@dataclass(frozen=True)
class Reader:
    """Who reads, and what they may see."""

    ctx: Context
    showing: Showing
    _by_line: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def readable(self, object_name: str) -> frozenset[str]:
        """The fields of an object that may be read; none where its records may not be."""
        return self.ctx.memo(_readable, object_name)

    def asked(self, object_name: str, tree: Tree) -> tuple[str, ...]:
        """Give the fields and paths to ask the gate for, as far as they may be read."""
        return tuple(dict.fromkeys(("id", *self._asked(object_name, tree, ""))))

    def _asked(self, object_name: str, tree: Tree, before: str) -> Iterable[str]:
        model = self.ctx.catalog.object(object_name)
        for name, below in tree.items():
            if name not in self.readable(object_name):
                continue
            target = model.fields[name].type.lookup()
            if model.fields[name].type.lines() is None or not before:
                yield f"{before}{name}"
            if target and below:
                yield from self._asked(target, below, f"{before}{name}.")
            if target and before and self.ctx.catalog.object(target).title:
                yield f"{before}{name}.title"

    def plain(self, record: Record, tree: Tree, *, shown: str = "") -> Plain:
        """Give a record as a value with all that a body reaches from it."""
        model = self.ctx.catalog.object(record.object)
        return Plain(shown, {name: self._field(record, model, name, below) for name, below in tree.items()})

    def _field(self, record: Record, model: ObjectModel, name: str, below: Tree) -> Plain | Lines:
        kept = model.fields[name]
        if kept.type.lines() is not None:
            lines: list[Record] = record.get(name) or []
            return Lines(self._line(line, below, lines) for line in lines)
        text = self.text(kept, record.get(name), record.titles) if name in self.readable(model.name) else ""
        target = kept.type.lookup()
        return Plain(text, self._below(record, target, below, f"{name}.") if target else None)

    def _below(self, record: Record, object_name: str, tree: Tree, before: str) -> dict[str, Plain | Lines]:
        """Give what is reached through a lookup: the record has it under its whole path."""
        model = self.ctx.catalog.object(object_name)
        found: dict[str, Plain | Lines] = {}
        for name, below in tree.items():
            path, kept = f"{before}{name}", model.fields[name]
            target = kept.type.lookup()
            titled = record.get(f"{path}.title") if target else None
            text = str(titled or "") if target else self.text(kept, record.get(path), record.titles)
            found[name] = Plain(text, self._below(record, target, below, f"{path}.") if target else None)
        return found

    def _line(self, line: Record, tree: Tree, others: Sequence[Record]) -> Plain:
        model = self.ctx.catalog.object(line.object)
        inner: dict[str, Plain | Lines] = {}
        for name, below in tree.items():
            kept = model.fields[name]
            text = self.text(kept, line.get(name), line.titles) if name in self.readable(model.name) else ""
            target = kept.type.lookup()
            inner[name] = Plain(text, self._of_line(line, name, target, below, others) if target else None)
        return Plain("", inner)

    def _of_line(
        self, line: Record, name: str, target: str, tree: Tree, others: Sequence[Record]
    ) -> dict[str, Plain | Lines]:
        """Give fields of what a line points to: read once for all lines, one step far."""
        model = self.ctx.catalog.object(target)
        found: dict[str, Plain | Lines] = {}
        for inner in tree:
            key = (f"{line.object}.{name}", inner)
            if key not in self._by_line:
                ids = {each.get(name) for each in others if each.get(name) is not None}
                known = inner in self.readable(target) and model.fields[inner].type.columns()
                self._by_line[key] = values_by_id(self.ctx, target, inner, ids) if known else {}
            value = self._by_line[key].get(line.get(name))
            found[inner] = Plain(self.text(model.fields[inner], value, {}))
        return found

    def text(self, kept: Field, value: Any, titles: Mapping[str, str]) -> str:
        """Give one value as its reader sees it; blank where there is none."""
        if value is None or value == "" or value == () or value == []:
            return ""
        if kept.type.lookup():
            return titles.get(value) or ""
        return kept.type.format(value, self.showing)

    def sum(self, kept: Field, values: Iterable[Any]) -> Plain:
        """Give a sum as the field shows it; money is summed in base currency."""
        numbers = [kept.type.number(value) for value in values if value is not None]
        total = sum(numbers, decimal.Decimal()) if numbers else decimal.Decimal()
        if kept.type.is_money():
            base, locale = self.showing.base_currency, self.showing.locale
            return Plain(show_money(total, base, locale, getattr(kept.type, "scale", 2), base=base))
        return Plain(kept.type.format(kept.type.compute(total), self.showing))


def _readable(ctx: Context, object_name: str) -> frozenset[str]:
    if not records.may(ctx, "read", object_name):
        return frozenset()
    return frozenset(each.name for each in records.readable(ctx, object_name))


def amount_in_capitals(kept: Field, value: Any) -> str:
    """Give an amount in Chinese capital numerals; blank where there is none."""
    if value is None:
        return ""
    number = getattr(value, "amount", None)
    return capitals(decimal.Decimal(number if number is not None else kept.type.number(value)))
