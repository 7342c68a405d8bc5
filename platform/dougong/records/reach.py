"""a record's values as expressions reach them in Python"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dougong.catalog.expressions import reading_of
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.expressions.evaluate import evaluator
from dougong.expressions.numbers import LIMITS
from dougong.expressions.setting import Setting
from dougong.expressions.tree import Value
from dougong.records import read
from dougong.records.query import Record


class Reach:
    """One record, saved or about to be, as the evaluator asks it: rules see every field, whoever writes."""

    def __init__(
        self, ctx: Context, model: ObjectModel, values: Mapping[str, Any], parent: Reach | None = None
    ) -> None:
        self._ctx = ctx
        self._model = model
        self._values = values
        self._parent = parent

    def get(self, names: tuple[str, ...]) -> Value:
        """Give the value at the end of a path; blank where a lookup on the way is blank."""
        name = names[0]
        field = self._model.field(name)
        if len(names) > 1:
            behind = self.behind(name)
            return behind.get(names[1:]) if behind is not None else None
        if name not in self._values:
            return self._computed(name)
        value = self._values[name]
        return None if value is None else field.type.number(value)

    def _computed(self, name: str) -> Value:
        evaluate = formula(self._ctx.catalog, self._model.name, name)
        return evaluate(self, self._ctx.setting()) if evaluate else None

    def behind(self, name: str) -> Reach | None:
        """Give the record that a lookup points to, or that a line belongs to; None where it is blank."""
        if name == "parent" and self._parent is not None:
            return self._parent
        target = self._model.field(name).type.lookup()
        key = self._values.get(name)
        if target is None or key is None:
            return None
        model = self._ctx.catalog.object(target)
        record = self._ctx.memo(_record, target, key)
        return Reach(self._ctx, model, record.values) if record else None

    def children(self, names: tuple[str, ...]) -> Iterable[Reach]:
        """Give the lines at the end of a path."""
        if len(names) > 1:
            behind = self.behind(names[0])
            yield from behind.children(names[1:]) if behind is not None else ()
            return
        child = self._ctx.catalog.object(str(self._model.field(names[0]).type.lines()))
        if names[0] not in self._values:
            holder = Record(self._model.name, str(self._values["id"]), None, dict(self._values))
            read.load_children(
                self._ctx.as_system("read the lines of a record for a rule"), self._model, [holder], names[0]
            )
            lines = holder.values[names[0]]
        else:
            lines = self._values[names[0]] or ()
        for line in lines:
            yield Reach(self._ctx, child, line.values, parent=self)


def _record(ctx: Context, object_name: str, record_id: str) -> Record | None:
    """Read a related record for rules and formulas, in the system's name, once in a unit of work."""
    system = ctx.as_system("read a related record for a rule")
    model = ctx.catalog.object(object_name)
    return read.find(system, model, record_id, names=with_columns(ctx.catalog, model))


def with_columns(catalog: Catalog, model: ObjectModel) -> tuple[str, ...]:
    """The fields of an object that have columns of their own."""
    return catalog.memo(_with_columns, model.name)


def _with_columns(catalog: Catalog, object_name: str) -> tuple[str, ...]:
    return tuple(each.name for each in catalog.object(object_name).fields.values() if each.type.columns())


def formula(catalog: Catalog, object_name: str, name: str) -> Any:
    """Give the compiled formula of a field, or None where it has none."""
    return catalog.memo(_formula, object_name, name)


def _formula(catalog: Catalog, object_name: str, name: str) -> Any:
    node = reading_of(catalog, object_name, name)
    if node is None:
        return None
    kind = catalog.object(object_name).field(name).type
    sort = kind.expression_type()
    run = evaluator(node)
    if kind.columns() or sort is None or sort.sort != "number":
        return run

    def fitting(reach: Reach, setting: Setting) -> Value:
        value = run(reach, setting)
        # With all the decimal places of its field a number may have too many digits.
        return value if value is None or abs(value) < LIMITS[sort.scale] else None  # type: ignore[arg-type,operator]

    return fitting
