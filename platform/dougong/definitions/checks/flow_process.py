"""E347: a flow without its BPMN file

`process` names a bundle and a file under `workflows/`: `contracts/contract_approval.bpmn`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.flow import Flow
from dougong.definitions.linked import Linked

CODE = "E347"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look for the BPMN files of all flows."""
    for flow in linked.of(Flow):
        if flow.process not in linked.drawings:
            said = f"there is no BPMN file '{flow.process}'"
            yield Problem(linked.place(flow, "process"), CODE, said, hint_for(flow.process, linked.drawings))
