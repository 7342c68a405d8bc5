"""E346: a condition or timer of a BPMN file that cannot be read or decides nothing

Conditions are our own expressions, on the record, `applicant` and the results of nodes (`node.legal == "approve"`). A
gateway with several ways has a condition on each but its default. Timers are ISO 8601 (`P3D`, `PT8H`, `2026-12-31`) or
an expression.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Place, Problem
from dougong.definitions import flow_scope
from dougong.definitions.bpmn import Drawing, Process
from dougong.definitions.checks import bpmn_unreadable
from dougong.definitions.flow_scope import FlowScope
from dougong.definitions.kinds.flow import Flow
from dougong.definitions.linked import Linked
from dougong.expressions.errors import ExpressionError

CODE = "E346"


def problems(linked: Linked) -> Iterator[Problem]:
    """Read the conditions and timers of all flows."""
    yield from bpmn_unreadable.troubles(linked, CODE)
    for flow in linked.of(Flow):
        drawing = linked.drawings.get(flow.process)
        if drawing is not None and drawing.process is not None and flow.object in linked.fields:
            yield from _of_flow(linked, flow, drawing, drawing.process)


def _of_flow(linked: Linked, flow: Flow, drawing: Drawing, process: Process) -> Iterator[Problem]:
    scope = FlowScope(linked, flow.object, [each.name for each in flow.nodes])
    for arrow in process.arrows:
        if arrow.condition:
            try:
                flow_scope.condition(arrow.condition, scope, flow.object)
            except ExpressionError as error:
                yield _problem(drawing, arrow.line, f"the condition of '{arrow.id}'", error)
    for element in process.elements.values():
        if element.timer is not None and not element.timer.is_written_out:
            try:
                flow_scope.time(element.timer, scope, flow.object)
            except ExpressionError as error:
                yield _problem(drawing, element.timer.line, f"the timer '{element.id}'", error)


def _problem(drawing: Drawing, line: int, what: str, error: ExpressionError) -> Problem:
    return Problem(Place(drawing.file, line), CODE, f"{what}: {error}", str(error.hint or ""))
