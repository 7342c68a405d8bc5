"""a process as a picture: BPMN with places for everything, the author's where the file has them, else our own

Only what our graph holds is written: nothing else of the author's file reaches the browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from dougong.catalog.model import Catalog
from dougong.definitions import bpmn as graph
from dougong.definitions.bpmn import BPMN, Element, Process

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DD = "http://www.omg.org/spec/DD/20100524/DI"
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
_SIZES: Mapping[str, tuple[int, int]] = {"task": (110, 70), "exclusive": (50, 50), "parallel": (50, 50)}
_SIZES = {**_SIZES, "inclusive": (50, 50)}
_EVENT = (36, 36)
_COLUMN, _ROW, _EDGE = 165, 110, 40

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Where an element stands."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2


@dataclass
class Layout:
    """Where everything stands, and the corners of arrows."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)


def picture(catalog: Catalog, digest: str, text: str, labels: tuple[tuple[str, str], ...]) -> str:
    """Give the BPMN of a picture; `labels` are what user tasks are called, by their ids."""
    return catalog.memo(_picture, digest, text, labels)


def _picture(catalog: Catalog, digest: str, text: str, labels: tuple[tuple[str, str], ...]) -> str:
    process = graph.read(text).process
    if process is None:
        return ""
    layout = _of_author(text, process) or laid_out(process)
    return _written(process, layout, dict(labels))


def _of_author(text: str, process: Process) -> Layout | None:
    """Read where the author put things; None where something has no place."""
    found = Layout()
    for shape in graph.root(text).iter(f"{{{_DI}}}BPMNShape"):
        bounds = shape.find(f"{{{_DC}}}Bounds")
        if bounds is not None:
            numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
            found.boxes[str(shape.get("bpmnElement"))] = Box(*numbers)
    for edge in graph.root(text).iter(f"{{{_DI}}}BPMNEdge"):
        points = [(_number(each.get("x")), _number(each.get("y"))) for each in edge.iter(f"{{{_DD}}}waypoint")]
        found.lines[str(edge.get("bpmnElement"))] = points[:50]
    has_all = set(process.elements) <= set(found.boxes)
    has_lines = all(len(found.lines.get(arrow.id, ())) > 1 for arrow in process.arrows)
    return found if has_all and has_lines else None


def _number(text: str | None) -> float:
    try:
        return max(-100_000.0, min(100_000.0, float(text or 0)))
    except ValueError:
        return 0.0


def laid_out(process: Process) -> Layout:
    """Give everything a place: a column for each step from the start, a row for each branch."""
    columns = _columns(process)
    rows = _rows(process, columns)
    found = Layout()
    for element in process.elements.values():
        if element.sort == "boundary":
            continue
        width, height = _SIZES.get(element.sort, _EVENT)
        x = _EDGE + columns.get(element.id, 0) * _COLUMN + (_COLUMN - width) / 2
        y = _EDGE + rows.get(element.id, 0) * _ROW + (_ROW - height) / 2
        found.boxes[element.id] = Box(x, y, width, height)
    for element in process.elements.values():
        on = found.boxes.get(element.attached_to or "")
        if element.sort == "boundary" and on is not None:
            found.boxes[element.id] = Box(on.x + on.width - 28, on.y + on.height - 18, *_EVENT)
    low = max((box.y + box.height for box in found.boxes.values()), default=0) + 30
    for arrow in process.arrows:
        found.lines[arrow.id] = _line(found.boxes[arrow.source], found.boxes[arrow.target], low)
    return found


def _columns(process: Process) -> dict[str, int]:
    """How many steps each element is from the start, on the longest way without going back."""
    found: dict[str, int] = {}
    waiting: list[tuple[str, int, frozenset[str]]] = [(process.start.id, 0, frozenset())]
    steps = 0
    while waiting and steps < 20_000:
        steps += 1
        element, column, way = waiting.pop()
        if element in way or found.get(element, -1) >= column:
            continue
        found[element] = column
        ahead = 1
        waiting += [(each, column + ahead, way | {element}) for each in process.after(element)]
    return found


def _rows(process: Process, columns: Mapping[str, int]) -> dict[str, int]:
    """Which branch each element stands on: the first arrow goes straight on, the others below."""
    found: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()

    def place(element: str, row: int) -> None:
        if element in found:
            return
        while (columns.get(element, 0), row) in taken:
            row += 1
        found[element] = row
        taken.add((columns.get(element, 0), row))
        for at, following in enumerate(process.after(element)):
            place(following, row + at)

    place(process.start.id, 0)
    return found


def _line(source: Box, target: Box, low: float) -> list[Point]:
    begin: Point = (source.x + source.width, source.middle)
    end: Point = (target.x, target.middle)
    if target.x < source.x + source.width:
        # Going back: round below everything.
        return [
            (source.x + source.width / 2, source.y + source.height),
            (source.x + source.width / 2, low),
            (target.x + target.width / 2, low),
            (target.x + target.width / 2, target.y + target.height),
        ]
    if begin[1] == end[1]:
        return [begin, end]
    bend = end[0] - 25
    return [begin, (bend, begin[1]), (bend, end[1]), end]


def _written(process: Process, layout: Layout, labels: Mapping[str, str]) -> str:
    names = {None: BPMN, "bpmndi": _DI, "dc": _DC, "di": _DD}
    top = etree.Element(f"{{{BPMN}}}definitions", nsmap=names, targetNamespace="urn:dougong")
    inner = etree.SubElement(top, f"{{{BPMN}}}process", id="flow")
    for element in process.elements.values():
        _element(inner, element, labels.get(element.id, element.name))
    for arrow in process.arrows:
        drawn = etree.SubElement(
            inner, f"{{{BPMN}}}sequenceFlow", id=arrow.id, sourceRef=arrow.source, targetRef=arrow.target
        )
        if arrow.name:
            drawn.set("name", arrow.name)
    diagram = etree.SubElement(top, f"{{{_DI}}}BPMNDiagram", id="diagram")
    plane = etree.SubElement(diagram, f"{{{_DI}}}BPMNPlane", id="plane", bpmnElement="flow")
    for element_id, box in layout.boxes.items():
        if element_id in process.elements:
            shape = etree.SubElement(plane, f"{{{_DI}}}BPMNShape", id=f"{element_id}_di", bpmnElement=element_id)
            numbers = {name: f"{getattr(box, name):g}" for name in ("x", "y", "width", "height")}
            etree.SubElement(shape, f"{{{_DC}}}Bounds", **numbers)
    for arrow in process.arrows:
        edge = etree.SubElement(plane, f"{{{_DI}}}BPMNEdge", id=f"{arrow.id}_di", bpmnElement=arrow.id)
        _points(edge, layout.lines[arrow.id])
    written: str = etree.tostring(top).decode()
    return written


def _element(inner: etree._Element, element: Element, label: str) -> None:
    drawn = etree.SubElement(inner, f"{{{BPMN}}}{_TAGS[element.sort]}", id=element.id)
    if label:
        drawn.set("name", label)
    if element.attached_to:
        drawn.set("attachedToRef", element.attached_to)
        drawn.set("cancelActivity", "true" if element.interrupts else "false")
    if element.timer is not None:
        etree.SubElement(drawn, f"{{{BPMN}}}timerEventDefinition")


def _points(edge: etree._Element, points: Sequence[Point]) -> None:
    for x, y in points:
        etree.SubElement(edge, f"{{{_DD}}}waypoint", x=f"{x:g}", y=f"{y:g}")
