"""E348: a flow names a transition that its object does not have

`starts` names the transition that a person makes; those under `ends` are made by the system when the flow is over. Only
records have flows: lines and links have none.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.flow import Flow, FlowEnds
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "E348"


def problems(linked: Linked) -> Iterator[Problem]:
    """Hold the transitions that flows name against those of their objects."""
    for flow in linked.of(Flow):
        model = linked.find(Object, flow.object)
        if model is None:
            continue
        if model.nature != "record":
            said = f"records of '{model.name}' are of nature '{model.nature}' and cannot be decided on"
            yield Problem(linked.place(flow, "object"), CODE, said, "flows are for objects of nature 'record'")
            continue
        known = {each.name for each in model.states.transitions} if model.states else set()
        named: list[tuple[Path, str]] = [(("starts",), flow.starts)] if flow.starts else []
        named += [(("ends", key), getattr(flow.ends, key)) for key in FlowEnds.model_fields if getattr(flow.ends, key)]
        for path, name in named:
            if name not in known:
                said = f"object '{model.name}' has no transition '{name}'"
                yield Problem(linked.place(flow, *path), CODE, said, hint_for(name, known))
