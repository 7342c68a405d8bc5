"""move an instance forward: tokens in SpiffWorkflow, their state as bytes, the process cached apart from it"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.specs.event_definitions import SignalEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.exceptions import WorkflowException

from dougong.base.errors import ActionFailed
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.definitions import bpmn as graph
from dougong.definitions.bpmn import Process
from dougong.features.flows import bpmn, script_engine
from dougong.features.flows.script_engine import Decide

MOST_TASKS = 800
"""So much history a run may have: SpiffWorkflow loses sight of tasks deeper than 1,000 without a word."""


@dataclass(frozen=True)
class Compiled:
    """A version of a process: our graph, and what SpiffWorkflow runs."""

    process: Process
    spec: Any
    serializer: Any


@dataclass(frozen=True)
class Token:
    """A place where a run waits: a task for people, or a timer."""

    id: str
    """SpiffWorkflow's id of it; another one each time that the run comes here."""
    element: str


class _Pinned(BpmnWorkflow):  # type: ignore[misc]  # it has no types
    """A workflow whose process is kept apart."""


def _converter(spec: Any) -> type[BpmnWorkflowConverter]:
    """Make the converter of workflows of one process: what is stored is their state alone."""

    class StateOnly(BpmnWorkflowConverter):  # type: ignore[misc]  # it has no types
        def to_dict(self, workflow: Any) -> dict[str, Any]:
            kept: dict[str, Any] = super(BpmnWorkflowConverter, self).to_dict(workflow)
            kept["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
            return kept

        def from_dict(self, kept: dict[str, Any]) -> Any:
            workflow = self.target_class(spec, {}, deserializing=True)
            workflow.tasks = self.mapping_from_dict(kept["tasks"], UUID, workflow=workflow)
            workflow.task_tree = workflow.tasks[UUID(kept["root"])]
            self.set_default_attributes(workflow, kept)
            workflow.bpmn_events = self.registry.restore(kept.pop("bpmn_events", []))
            return workflow

    return StateOnly


def compiled(catalog: Catalog, digest: str, text: str) -> Compiled:
    """Give a version of a process, compiled once in a catalog's life."""
    known: dict[Hashable, Compiled] = catalog.memo(_compiled)
    if digest not in known:
        process = graph.read(text).process
        if process is None:
            raise ActionFailed(Message("The process of this flow can no longer be read.", code="flow_unreadable"))
        known[digest] = compile_process(process)
    return known[digest]


def compile_process(process: Process) -> Compiled:
    """Compile a checked process."""
    spec = bpmn.spec_of(process)
    config = {kind: how for kind, how in DEFAULT_CONFIG.items() if kind is not BpmnWorkflow}
    config[_Pinned] = _converter(spec)
    return Compiled(process, spec, BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config)))


def _compiled(catalog: Catalog) -> dict[Hashable, Compiled]:
    return {}


class Run:
    """One run of a process, in memory."""

    def __init__(self, compiled: Compiled, workflow: Any, decide: Decide) -> None:
        self.process = compiled.process
        self._serializer = compiled.serializer
        self._workflow = workflow
        # It is not part of the stored state: without it, conditions would be given to `eval`.
        workflow.script_engine = script_engine.engine(decide)

    @classmethod
    def begin(cls, compiled: Compiled, decide: Decide) -> Run:
        """Begin at the start, and go on to where it waits."""
        run = cls(compiled, _Pinned(compiled.spec, {}), decide)
        run.go_on()
        return run

    @classmethod
    def load(cls, compiled: Compiled, state: bytes, decide: Decide) -> Run:
        """Restore a run."""
        return cls(compiled, compiled.serializer.from_dict(orjson.loads(state)), decide)

    def dump(self) -> bytes:
        """Give the state, to be stored as bytes: the order of keys counts."""
        kept = self._serializer.to_dict(self._workflow)
        return orjson.dumps(kept, default=_plain, option=orjson.OPT_NON_STR_KEYS)

    @property
    def is_over(self) -> bool:
        """Whether no token is left."""
        return not self.waiting() and bool(self._workflow.is_completed())

    def ended_at(self) -> str | None:
        """Name the end that was reached last."""
        ends = [task for task in self._tasks(TaskState.COMPLETED) if task.task_spec.name in self._ends()]
        return str(max(ends, key=lambda task: task.last_state_change).task_spec.name) if ends else None

    def _ends(self) -> frozenset[str]:
        return frozenset(each.id for each in self.process.of("end"))

    def waiting(self) -> tuple[Token, ...]:
        """Where the run waits for people or for a time."""
        found = [Token(str(task.id), task.task_spec.name) for task in self._tasks(TaskState.READY)]
        found += [Token(str(task.id), task.task_spec.name) for task in self._tasks(TaskState.WAITING)]
        kinds = {each.id: each.sort for each in self.process.elements.values()}
        return tuple(each for each in found if kinds.get(each.element) in ("task", "timer", "boundary"))

    def tasks(self) -> tuple[Token, ...]:
        """Where the run waits for people."""
        return tuple(each for each in self.waiting() if self.process.elements[each.element].sort == "task")

    def timers(self) -> tuple[Token, ...]:
        """Where the run waits for a time."""
        return tuple(each for each in self.waiting() if self.process.elements[each.element].sort != "task")

    def finish(self, token: str) -> None:
        """Let a task be done, and go on."""
        self._task(token).run()
        self.go_on()

    def fire(self, token: str) -> None:
        """Let a timer be over, and go on."""
        element = self._task(token).task_spec.name
        self._workflow.send_event(BpmnEvent(SignalEventDefinition(bpmn.signal(element))))
        self.go_on()

    def back(self, element: str, of: str) -> None:
        """Put the token back to a task that was done before: the last one of that name on the way to a waiting one."""
        task = self._task(of)
        while task is not None and task.task_spec.name != element:
            task = task.parent
        if task is None:
            raise ActionFailed(Message("The flow has not been there.", code="flow_return"))
        self._workflow.reset_from_task_id(task.id)
        self.go_on()

    def go_on(self) -> None:
        """Run gateways and events until it waits again."""
        try:
            self._workflow.do_engine_steps()
        except WorkflowException as error:
            cause = error.__cause__ or error
            raise ActionFailed(
                Message("The flow cannot go on: {reason}", code="flow_stuck", reason=str(cause)[:300])
            ) from error
        if len(self._workflow.tasks) > MOST_TASKS:
            raise ActionFailed(
                Message(
                    "This flow has gone round too often and cannot go on. Withdraw it and submit again.",
                    code="flow_too_long",
                )
            )

    def _tasks(self, state: int) -> Iterable[Any]:
        return list(self._workflow.get_tasks(state=state))

    def _task(self, token: str) -> Any:
        return self._workflow.get_task_from_id(UUID(token))


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    raise TypeError(type(value))
