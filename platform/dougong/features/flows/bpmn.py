"""a checked process as SpiffWorkflow runs it

What SpiffWorkflow reads is written anew from our own graph: no comment, extension or script of the author's file
reaches it. Conditions are the ids of arrows, which our script engine knows; timers are signals, which our layer sends
when they are due, so that one clock counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser

from dougong.definitions.bpmn import BPMN, Element, Process

PROCESS = "flow"
_TAGS: Mapping[str, str] = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "userTask",
    "exclusive": "exclusiveGateway",
    "parallel": "parallelGateway",
    "inclusive": "inclusiveGateway",
    "timer": "intermediateCatchEvent",
    "boundary": "boundaryEvent",
}


def signal(element_id: str) -> str:
    """Give the name of the signal that a timer waits for."""
    return f"due_{element_id}"


def spec_of(process: Process) -> Any:
    """Compile a process; the result is shared by all its instances and only read."""
    parser = BpmnParser()
    parser.add_bpmn_xml(_canonical(process))
    return parser.get_spec(PROCESS)


def _canonical(process: Process) -> Any:
    top = etree.Element(f"{{{BPMN}}}definitions", nsmap={None: BPMN}, targetNamespace="urn:dougong")
    for element in process.elements.values():
        if element.timer is not None:
            _child(top, "signal", id=f"signal_{element.id}", name=signal(element.id))
    inner = _child(top, "process", id=PROCESS, isExecutable="true")
    for element in process.elements.values():
        _element(inner, element)
    for arrow in process.arrows:
        drawn = _child(inner, "sequenceFlow", id=arrow.id, sourceRef=arrow.source, targetRef=arrow.target)
        if arrow.condition:
            _child(drawn, "conditionExpression").text = arrow.id
    # What was built in memory has no lines, and the parser asks for them.
    return etree.fromstring(etree.tostring(top))


def _element(inner: Any, element: Element) -> None:
    drawn = _child(inner, _TAGS[element.sort], id=element.id)
    if element.default and element.sort in ("exclusive", "inclusive"):
        drawn.set("default", element.default)
    if element.sort == "boundary":
        drawn.set("attachedToRef", str(element.attached_to))
        drawn.set("cancelActivity", "true" if element.interrupts else "false")
    if element.timer is not None:
        _child(drawn, "signalEventDefinition", signalRef=f"signal_{element.id}")
    if element.ends_all:
        _child(drawn, "terminateEventDefinition")


def _child(parent: Any, tag: str, **keys: str) -> Any:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", **keys)
