"""who would get a record, node by node, without starting anything; and what may still come"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dougong.base.errors import DougongError
from dougong.base.heavy import load
from dougong.base.text import Message, Text
from dougong.catalog.expressions import compiled
from dougong.context import Context
from dougong.definitions.bpmn import Process
from dougong.definitions.kinds.flow import Flow, FlowNode
from dougong.expressions.evaluate import evaluate
from dougong.expressions.types import BOOLEAN
from dougong.features.flows import assignment, store
from dougong.features.flows.deciding import Deciding, FlowReach
from dougong.features.flows.store import RUNNING, Instance, Version


@dataclass(frozen=True)
class Person:
    """Somebody who would decide, and why."""

    id: str
    name: str
    why: Message


@dataclass(frozen=True)
class Step:
    """A node that would be come to."""

    node: str
    label: Text
    mode: str
    people: tuple[Person, ...]
    skipped: Message | None = None
    """Why it would be passed over."""


@dataclass(frozen=True)
class Forecast:
    """What would become of a record if everybody approved."""

    steps: tuple[Step, ...]
    refused: Message | None = None
    """Why it could not be submitted."""


def is_wanted(ctx: Context, flow: Flow, record_id: str) -> bool:
    """Whether a record needs the flow as it is: `when`."""
    if flow.when is None:
        return True
    node = compiled(ctx.catalog, flow.object, flow.when, expect=BOOLEAN)
    about = _as_if(ctx, flow, record_id, ctx.actor.id, store.today(ctx, flow))
    return bool(evaluate(node, FlowReach(ctx, about), ctx.instance_setting()))


def forecast(ctx: Context, flow: Flow, record_id: str, applicant: str) -> Forecast:
    """Walk through a flow for a record as if it were submitted now and everybody approved."""
    version = store.today(ctx, flow)
    about = _as_if(ctx, flow, record_id, applicant, version)
    process = _process(ctx, version)
    return _walk(ctx, about, version, process, [process.start.id])


def rest(ctx: Context, about: Instance, version: Version, waiting: Iterable[str]) -> Forecast:
    """Say what would come after the nodes that wait, if everybody approved."""
    process = _process(ctx, version)
    copy = Instance(**{**about.__dict__, "results": dict(about.results)})
    nexts = []
    for element in waiting:
        copy.results[element] = "approve"
        nexts += [arrow.target for arrow in process.outgoing(element)]
    return _walk(ctx, copy, version, process, nexts, behind=set(waiting))


def _process(ctx: Context, version: Version) -> Process:
    process: Process = (
        load("dougong.features.flows.runner").compiled(ctx.catalog, version.digest, version.process).process
    )
    return process


def _as_if(ctx: Context, flow: Flow, record_id: str, applicant: str, version: Version) -> Instance:
    return Instance(
        id="", flow=flow.name, version=version.id, object=flow.object, record=record_id, title="", applicant=applicant,
        status=RUNNING, round=1, visit=0, results={}, timers={}, next_due=None, state=b"", started_at=ctx.now(),
    )  # fmt: skip


def _walk(
    ctx: Context,
    about: Instance,
    version: Version,
    process: Process,
    waiting: list[str],
    *,
    behind: set[str] | None = None,
) -> Forecast:
    """Visit every element once, in the order in which tokens would come to it."""
    deciding = Deciding(ctx, about, version, process)
    seen = set(behind or ())
    steps: list[Step] = []
    refused: Message | None = None
    while waiting:
        element = process.elements[waiting.pop(0)]
        if element.id in seen:
            continue
        seen.add(element.id)
        node = version.flow.node(element.id) if element.sort == "task" else None
        if node is not None:
            step, said = _step(ctx, about, version.flow, node)
            steps.append(step)
            refused = refused or said
            about.results[node.name] = "skip" if step.skipped is not None else "approve"
        out = process.outgoing(element.id)
        if element.sort in ("exclusive", "inclusive") and len(out) > 1:
            held = [arrow for arrow in out if arrow.id != element.default and _holds(deciding, arrow.id)]
            default = [arrow for arrow in out if arrow.id == element.default]
            out = tuple((held[:1] if element.sort == "exclusive" else held) or default)
        waiting += [arrow.target for arrow in out]
    return Forecast(tuple(steps), refused)


def _holds(deciding: Deciding, arrow: str) -> bool:
    try:
        return deciding.holds(arrow)
    except DougongError:
        return False


def _step(ctx: Context, about: Instance, flow: Flow, node: FlowNode) -> tuple[Step, Message | None]:
    assigned = assignment.assign(ctx, flow, node, about.record, about.applicant)
    known = assignment.names(ctx, [each.user for each in assigned.candidates])
    people = tuple(
        Person(each.user, known.get(each.user, "—"), assignment.reason(ctx, node, each.why))
        for each in assigned.candidates
    )
    skipped = None
    if assigned.why_skipped == "applicant":
        skipped = Message("Passed over: the applicant would decide on their own")
    elif assigned.why_skipped:
        skipped = Message("Passed over: nobody is found who could decide")
    step = Step(node.name, assignment.node_label(node), node.mode, people, skipped)
    return step, assignment.nobody_said(node) if assigned.is_refused else None
