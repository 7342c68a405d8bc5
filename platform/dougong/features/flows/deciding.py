"""the conditions and timers of a process, for one record"""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from collections.abc import Hashable, Iterable
from typing import Any

from dougong.base.errors import ActionFailed
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions import bpmn as graph
from dougong.definitions import flow_scope
from dougong.definitions.bpmn import Process, Timer
from dougong.definitions.flow_scope import APPLICANT, NODE, FlowScope
from dougong.expressions.errors import ExpressionError, Overflow
from dougong.expressions.evaluate import Run as Evaluate
from dougong.expressions.evaluate import evaluator
from dougong.expressions.setting import Reach as AnyReach
from dougong.expressions.tree import Value
from dougong.features.flows.store import Instance, Version
from dougong.records import read
from dougong.records.reach import Reach, with_columns

_NEVER = dt.timedelta(days=36_500)


class FlowReach:
    """A record as the expressions of its flow see it: its fields, `applicant` and `node.NAME`."""

    def __init__(self, ctx: Context, about: Instance) -> None:
        self._ctx = ctx.as_system("decide which way a flow goes")
        self._about = about
        self._record: Reach | None = None

    def get(self, names: tuple[str, ...]) -> Value:
        """Give the value at the end of a path."""
        if names[0] == NODE:
            return self._about.results.get(names[1]) if len(names) > 1 else None
        if names[0] == APPLICANT:
            return self._about.applicant if len(names) == 1 else self._of("user", self._about.applicant).get(names[1:])
        return self._own().get(names)

    def children(self, names: tuple[str, ...]) -> Iterable[AnyReach]:
        """Give the lines at the end of a path."""
        return self._own().children(names)

    def _own(self) -> Reach:
        if self._record is None:
            self._record = self._of(self._about.object, self._about.record)
        return self._record

    def _of(self, object_name: str, record_id: str) -> Reach:
        model = self._ctx.catalog.object(object_name)
        found = read.find(self._ctx, model, record_id, names=with_columns(self._ctx.catalog, model))
        return Reach(self._ctx, model, found.values if found is not None else {"id": record_id})


class Deciding:
    """Which way a flow goes for one record, and when its timers are due."""

    def __init__(self, ctx: Context, about: Instance, version: Version, process: Process) -> None:
        self._ctx = ctx
        self._about = about
        self._version = version
        self._process = process
        self._conditions = {each.id: each.condition for each in process.arrows if each.condition}
        self._reach = FlowReach(ctx, about)

    def holds(self, arrow: str) -> bool:
        """Whether the condition of an arrow holds now."""
        text = self._conditions.get(arrow)
        if text is None:
            return False
        return bool(self._value(("condition", text), lambda scope: flow_scope.condition(text, scope, self._object)))

    @property
    def _object(self) -> str:
        return self._version.flow.object

    def due(self, timer: Timer) -> dt.datetime:
        """Say when a timer that begins now is over."""
        now = self._ctx.now()
        written = graph.duration_of(timer.text) if timer.sort == "duration" else graph.moment_of(timer.text)
        value: Any = written
        if written is None:
            value = self._value(("time", timer.text), lambda scope: flow_scope.time(timer, scope, self._object))
        if isinstance(value, decimal.Decimal):
            value = min(dt.timedelta(days=float(value)), _NEVER)
        if isinstance(value, dt.timedelta):
            return now + max(value, dt.timedelta())
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- its zone comes now
        if isinstance(value, dt.datetime):
            return value if value.tzinfo else value.replace(tzinfo=zoneinfo.ZoneInfo(self._ctx.zone))
        return now  # blank: nothing to wait for

    def _value(self, key: Hashable, read_it: Any) -> Value:
        known: dict[Hashable, Evaluate] = self._ctx.catalog.memo(_compiled)
        key = (self._version.digest, key)
        try:
            if key not in known:
                scope = FlowScope(self._ctx.catalog, self._object, [each.name for each in self._version.flow.nodes])
                known[key] = evaluator(read_it(scope))
            return known[key](self._reach, self._ctx.instance_setting())
        except (ExpressionError, Overflow) as error:
            raise ActionFailed(
                Message(
                    "This flow began with definitions that have changed since, and cannot go on: {reason} Withdraw it "
                    "and submit again.",
                    code="flow_outdated",
                    reason=error.message,
                )
            ) from error


def _compiled(catalog: Catalog) -> dict[Hashable, Evaluate]:
    return {}


def results_read(version: Version, process: Process, catalog: Catalog) -> frozenset[str]:
    """Name the nodes whose results the conditions of a process read: there a rejection does not end the flow."""
    return catalog.memo(_results_read, version.digest, tuple(each.condition or "" for each in process.arrows))


def _results_read(catalog: Catalog, digest: str, conditions: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for text in conditions:
        if text:
            found |= flow_scope.nodes_named(text)
    return frozenset(found)
