"""E344: a flow and its BPMN file do not have the same nodes

Every user task of the BPMN file is a node of the flow, by its id, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Place, Problem
from dougong.definitions.kinds.flow import Flow
from dougong.definitions.linked import Linked

CODE = "E344"


def problems(linked: Linked) -> Iterator[Problem]:
    """Hold the nodes of all flows against their BPMN files."""
    for flow in linked.of(Flow):
        drawing = linked.drawings.get(flow.process)
        if drawing is None or drawing.process is None:
            continue
        tasks = {each.id: each for each in drawing.process.of("task")}
        nodes = [each.name for each in flow.nodes]
        for position, name in enumerate(nodes):
            if name not in tasks:
                said = f"'{flow.process}' has no user task '{name}'"
                yield Problem(linked.place(flow, "nodes", position, "name"), CODE, said, hint_for(name, tasks))
        for task in tasks.values():
            if task.id not in nodes:
                said = f"the user task '{task.id}' is no node of flow '{flow.name}'"
                hint = f"name it under nodes: in {linked.place(flow).path}"
                yield Problem(Place(drawing.file, task.line), CODE, said, hint)
