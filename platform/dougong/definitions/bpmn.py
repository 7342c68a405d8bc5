"""a BPMN file as a graph that is checked and never run: what it may hold, and where its nodes lead"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

FOLDER = "workflows"
SUFFIX = ".bpmn"
MOST_ELEMENTS = 500
MOST_MARKINGS = 20_000
"""So many ways to stand at once are looked at, to find a flow that could wait for ever."""
LONGEST_TEXT = 2000

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

Sort = Literal["start", "end", "task", "exclusive", "parallel", "inclusive", "timer", "boundary"]

_KINDS: Mapping[str, Sort] = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "task",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "intermediateCatchEvent": "timer",
    "boundaryEvent": "boundary",
}
_IGNORED = frozenset(
    {"documentation", "extensionElements", "laneSet", "textAnnotation", "association", "group", "dataObject"}
    | {"dataObjectReference", "category", "auditing", "monitoring", "ioSpecification", "property"}
)
"""They are drawn and read by people; nothing follows from them."""
_CODE = frozenset({"scriptTask", "serviceTask", "sendTask", "businessRuleTask", "script"})
_CODE_KEYS = frozenset(
    {"class", "delegateexpression", "expression", "script", "scriptformat", "topic", "type", "resultvariable"}
)
_CODE_PARTS = frozenset(
    {"tasklistener", "executionlistener", "script", "connector", "prescript", "postscript", "servicetaskoperator"}
    | {"taskdefinition", "inputoutput", "field", "iomapping"}
)
_GATEWAYS = ("exclusive", "parallel", "inclusive")
_NODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?"
)


@dataclass(frozen=True)
class Trouble:
    """What is wrong at a line of a BPMN file."""

    code: str
    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Timer:
    """When a timer is over."""

    sort: Literal["duration", "date"]
    text: str
    """ISO 8601, or an expression on the record: a number of days, or a day or moment."""
    line: int

    @property
    def is_written_out(self) -> bool:
        """Whether it is ISO 8601, and no expression."""
        return (duration_of(self.text) if self.sort == "duration" else moment_of(self.text)) is not None


@dataclass(frozen=True)
class Element:
    """An event, a task or a gateway."""

    id: str
    sort: Sort
    name: str
    line: int
    attached_to: str | None = None
    """For a boundary event: the task it stands on."""
    interrupts: bool = True
    """For a boundary event: whether the task ends with it."""
    timer: Timer | None = None
    default: str | None = None
    """For a gateway: the arrow that is taken where no condition holds."""
    ends_all: bool = False
    """For an end: whether everything ends with it."""


@dataclass(frozen=True)
class Arrow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str
    line: int
    condition: str | None = None


@dataclass(frozen=True)
class Process:
    """What a BPMN file says: elements by id, and the arrows between them."""

    id: str
    elements: Mapping[str, Element]
    arrows: tuple[Arrow, ...]

    def outgoing(self, element_id: str) -> tuple[Arrow, ...]:
        """The arrows that lead on from an element."""
        return tuple(each for each in self.arrows if each.source == element_id)

    def incoming(self, element_id: str) -> tuple[Arrow, ...]:
        """The arrows that lead to an element."""
        return tuple(each for each in self.arrows if each.target == element_id)

    def of(self, sort: Sort) -> tuple[Element, ...]:
        """All elements of a sort, in the order of the file."""
        return tuple(each for each in self.elements.values() if each.sort == sort)

    @property
    def start(self) -> Element:
        """Where it begins."""
        return self.of("start")[0]

    def boundaries(self, task: str) -> tuple[Element, ...]:
        """The timers that stand on a task."""
        return tuple(each for each in self.of("boundary") if each.attached_to == task)

    def after(self, element_id: str) -> tuple[str, ...]:
        """Where one may get in one step, also by a timer that stands on a task."""
        nexts = [arrow.target for arrow in self.outgoing(element_id)]
        return (*nexts, *(each.id for each in self.boundaries(element_id)))

    def reachable(self, element_id: str) -> frozenset[str]:
        """Everything that may come after an element, and the element itself."""
        found = {element_id}
        waiting = [element_id]
        while waiting:
            for each in self.after(waiting.pop()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return frozenset(found)

    def dominators(self) -> Mapping[str, frozenset[str]]:
        """For each element, those that every way to it passes, itself among them."""
        every = self.reachable(self.start.id)
        before: dict[str, set[str]] = {each: set() for each in every}
        for each in every:
            for target in self.after(each):
                before[target].add(each)
        found = {each: set(every) for each in every}
        found[self.start.id] = {self.start.id}
        is_moving = True
        while is_moving:
            is_moving = False
            for each in every - {self.start.id}:
                ways = [found[other] for other in before[each]]
                now = {each} | (set.intersection(*ways) if ways else set())
                if now != found[each]:
                    found[each] = now
                    is_moving = True
        return {each: frozenset(those) for each, those in found.items()}

    def earlier(self, task: str) -> tuple[str, ...]:
        """The tasks one may go back to from a task: those that every way to it passes, the farthest first.

        Any other may stand in a branch that was not taken, or beside one that has gone on; going back there would
        leave two tokens where there was one.
        """
        dominators = self.dominators()
        found = [each.id for each in self.of("task") if each.id in dominators.get(task, ()) and each.id != task]
        return tuple(sorted(found, key=lambda each: len(dominators[each])))


@dataclass(frozen=True)
class Drawing:
    """One BPMN file as it was read: its process, unless it cannot be read, and what is wrong with it."""

    file: str
    """What problems call the file."""
    layer: str
    process: Process | None
    troubles: tuple[Trouble, ...] = ()


def key_of(layer: str, path: str) -> str:
    """Give what a flow calls a BPMN file: `contracts/contract_approval.bpmn`."""
    return f"{layer}/{path.removeprefix(FOLDER + '/')}"


def duration_of(text: str) -> dt.timedelta | None:
    """Read a duration of ISO 8601 (`P3D`, `PT8H`); None where it is none."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        return None
    return dt.timedelta(**{name: int(value) for name, value in found.groupdict().items() if value})


def moment_of(text: str) -> dt.datetime | None:
    """Read a day or a moment of ISO 8601, without a zone where none is given; None where it is none."""
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def root(text: str) -> etree._Element:
    """Parse XML without a document type, entities or the network, or raise `ValueError` (with a line where known)."""
    kept = re.sub(r"\A\ufeff?\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text)
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", kept, re.IGNORECASE):
        at = re.search(r"<!\s*(DOCTYPE|ENTITY)", kept, re.IGNORECASE)
        raise _Unreadable("it has a document type or an entity", kept.count("\n", 0, at.start() if at else 0) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(kept.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _Unreadable(str(error).split(", line")[0], error.lineno or 0) from None


class _Unreadable(ValueError):
    def __init__(self, said: str, line: int) -> None:
        self.line = line
        super().__init__(said)


def read(text: str, *, file: str = "", layer: str = "") -> Drawing:
    """Read a BPMN file and say what is wrong with it."""
    try:
        top = root(text)
    except ValueError as error:
        trouble = Trouble("E341", getattr(error, "line", 0), f"the BPMN file cannot be read: {error}", _READABLE)
        return Drawing(file, layer, None, (trouble,))
    reading = _Reading()
    process = reading.file(top)
    return Drawing(file, layer, process, tuple(sorted(reading.troubles, key=lambda each: (each.line, each.code))))


_BROKEN = frozenset({"E341", "E342", "E343", "E345"})
_READABLE = "export it again as BPMN 2.0 XML"


def _tag(node: Any) -> tuple[str, str]:
    """Give the namespace and name of an XML element."""
    name = etree.QName(node)
    return name.namespace or "", name.localname


@dataclass
class _Reading:
    """One walk over a file."""

    troubles: list[Trouble] = field(default_factory=list)
    elements: dict[str, Element] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """The ids of elements that cannot be used: arrows to them are not wrong as well."""

    def add(self, code: str, line: int, message: str, hint: str = "") -> None:
        """Note what is wrong."""
        self.troubles.append(Trouble(code, line, message, hint))

    def file(self, top: Any) -> Process | None:
        """Read the one process of a file."""
        if _tag(top) != (BPMN, "definitions"):
            self.add("E341", top.sourceline or 0, "the file is XML, and no BPMN 2.0", _READABLE)
            return None
        processes = [each for each in top if _tag(each) == (BPMN, "process")]
        if len(processes) != 1:
            hint = "one file, one process; draw parts as nodes of it"
            self.add("E341", top.sourceline or 0, f"the file has {len(processes)} processes", hint)
            return None
        self.refuse_code(top)
        for each in processes[0]:
            self.part(each)
        if not self.elements:
            self.add("E341", processes[0].sourceline or 0, "the process is empty", _READABLE)
            return None
        if len(self.elements) > MOST_ELEMENTS:
            said = f"the process has {len(self.elements)} elements, more than {MOST_ELEMENTS}"
            self.add("E341", processes[0].sourceline or 0, said)
            return None
        process = Process(str(processes[0].get("id") or "process"), self.elements, tuple(self.arrows))
        self.shape(process)
        return process if not self.has(*_BROKEN) else None

    def refuse_code(self, top: Any) -> None:
        """Find whatever another engine would run."""
        for node in top.iter():
            space, name = _tag(node)
            line = node.sourceline or 0
            if space == BPMN and name in _CODE:
                if name != "script":
                    self.add("E342", line, f"a {name} would run code ('{node.get('id', '')}')", _NO_CODE)
                continue
            if space != BPMN and name.lower() in _CODE_PARTS and not space.startswith("http://www.omg.org/"):
                self.add("E342", line, f"'{name}' would run code", _NO_CODE)
            for key in node.attrib:
                inner = etree.QName(key)
                foreign = bool(inner.namespace) and inner.namespace != BPMN
                if foreign and inner.localname.lower() in _CODE_KEYS and "XMLSchema-instance" not in inner.namespace:
                    self.add("E342", line, f"'{inner.localname}' of '{node.get('id', '')}' would run code", _NO_CODE)
            if space == BPMN and name == "conditionExpression" and node.get("language"):
                self.add("E342", line, f"a condition in '{node.get('language')}'", _OUR_CONDITION)

    def part(self, node: Any) -> None:
        """Read one element of the process."""
        space, name = _tag(node)
        line = node.sourceline or 0
        if space != BPMN or name in _IGNORED:
            return
        if name in _CODE or (name not in _KINDS and name != "sequenceFlow"):
            self.refused.add(str(node.get("id")))
        if name in _CODE:
            return
        if name == "sequenceFlow":
            self.arrow(node, line)
        elif name not in _KINDS:
            hint = "there are start, end, user task, exclusive, parallel and inclusive gateway, and timers"
            self.add("E343", line, f"'{name}' ('{node.get('id', '')}') is not supported", hint)
        elif not node.get("id") or node.get("id") in self.elements:
            self.add("E341", line, f"the id '{node.get('id', '')}' of a {name} is missing or there twice")
        else:
            self.elements[node.get("id")] = self.element(node, _KINDS[name], line)

    def element(self, node: Any, sort: Sort, line: int) -> Element:
        """Read an event, a task or a gateway."""
        element_id = str(node.get("id"))
        events = [each for each in node if _tag(each)[1].endswith("EventDefinition")]
        if sort == "task":
            if not _NODE.fullmatch(element_id):
                hint = "its id is the name of a node: a small letter, then small letters, digits and _; at most 40"
                self.add("E343", line, f"the id '{element_id}' of a user task cannot be a name", hint)
            for each in node:
                if _tag(each)[1].endswith("LoopCharacteristics"):
                    hint = "one user task is one node; `mode` of the node says how many must approve"
                    self.add("E343", line, f"'{element_id}' repeats itself", hint)
        allowed = {"end": ("terminateEventDefinition",), "timer": ("timerEventDefinition",)}
        allowed["boundary"] = allowed["timer"]
        for each in events:
            if _tag(each)[1] not in allowed.get(sort, ()):
                self.add("E343", each.sourceline or line, f"'{_tag(each)[1]}' of '{element_id}' is not supported")
        timer = next((each for each in events if _tag(each)[1] == "timerEventDefinition"), None)
        if sort in ("timer", "boundary") and timer is None and not events:
            self.add("E343", line, f"the event '{element_id}' waits for nothing", "give it a timer")
        return Element(
            id=element_id,
            sort=sort,
            name=" ".join((node.get("name") or "").split())[:200],
            line=line,
            attached_to=node.get("attachedToRef"),
            interrupts=node.get("cancelActivity", "true") != "false",
            timer=self.timer(timer, element_id) if timer is not None else None,
            default=node.get("default"),
            ends_all=any(_tag(each)[1] == "terminateEventDefinition" for each in events),
        )

    def timer(self, node: Any, element_id: str) -> Timer | None:
        """Read when a timer is over."""
        for each in node:
            name = _tag(each)[1]
            text = " ".join("".join(each.itertext()).split()).strip('"').strip("'")
            if name in ("timeDuration", "timeDate") and 0 < len(text) <= LONGEST_TEXT:
                return Timer("duration" if name == "timeDuration" else "date", text, each.sourceline or 0)
            if name == "timeCycle":
                self.add("E343", each.sourceline or 0, f"the timer '{element_id}' repeats itself", "use timeDuration")
                return None
        self.add("E346", node.sourceline or 0, f"the timer '{element_id}' says no time", "timeDuration: P3D")
        return None

    def arrow(self, node: Any, line: int) -> None:
        """Read a sequence flow."""
        condition = next((each for each in node if _tag(each) == (BPMN, "conditionExpression")), None)
        text = "".join(condition.itertext()).strip() if condition is not None else ""
        if len(text) > LONGEST_TEXT:
            self.add("E346", line, f"the condition of '{node.get('id', '')}' is longer than {LONGEST_TEXT} characters")
        self.arrows.append(
            Arrow(
                id=str(node.get("id") or f"flow_{len(self.arrows)}"),
                source=str(node.get("sourceRef") or ""),
                target=str(node.get("targetRef") or ""),
                name=" ".join((node.get("name") or "").split())[:200],
                line=condition.sourceline if condition is not None and condition.sourceline else line,
                condition=text or None,
            )
        )

    def shape(self, process: Process) -> None:
        """Hold the graph against what can be run."""
        self.ends(process)
        if self.refused or self.has("E345"):
            return
        for element in process.elements.values():
            self.place(process, element)
            self.leading_on(process, element)
        if not self.has("E343", "E345"):
            self.ways(process)

    def has(self, *codes: str) -> bool:
        """Whether something of these codes was found."""
        return any(each.code in codes for each in self.troubles)

    def ends(self, process: Process) -> None:
        """Every arrow stands between two elements, and there is a start and an end."""
        for arrow in process.arrows:
            for end in (arrow.source, arrow.target):
                if end not in process.elements and end not in self.refused:
                    self.add("E345", arrow.line, f"the arrow '{arrow.id}' leads from or to '{end}', which is not there")
        starts = process.of("start")
        if len(starts) != 1:
            self.add("E345", starts[1].line if starts else 0, f"the process has {len(starts)} starts", "it needs one")
        if not process.of("end"):
            self.add("E345", 0, "the process has no end", "every way leads to an end event")

    def place(self, process: Process, element: Element) -> None:
        """Look at where one element stands."""
        out = process.outgoing(element.id)
        if element.sort == "boundary":
            on = process.elements.get(element.attached_to or "")
            if on is None or on.sort != "task":
                self.add("E343", element.line, f"the timer '{element.id}' stands on no user task")
        if element.sort == "end" and out:
            self.add("E345", element.line, f"an arrow leads on from the end '{element.id}'")
        if element.sort in ("start", "boundary") and process.incoming(element.id):
            self.add("E345", element.line, f"an arrow leads to the {element.sort} event '{element.id}'")

    def leading_on(self, process: Process, element: Element) -> None:
        """Look at what leads on from one element."""
        out = process.outgoing(element.id)
        if element.sort != "end" and not out:
            self.add("E345", element.line, f"no arrow leads on from '{element.id}'", "every way leads to an end event")
        if len(out) > 1 and element.sort not in _GATEWAYS:
            hint = "put a gateway behind it"
            self.add("E343", element.line, f"several arrows lead on from '{element.id}', which is no gateway", hint)
        if element.sort in ("exclusive", "inclusive") and len(out) > 1:
            self.conditions(element, out)
            return
        for arrow in out:
            if arrow.condition:
                hint = "conditions stand on the arrows of exclusive and inclusive gateways that lead to several"
                self.add("E346", arrow.line, f"the condition of '{arrow.id}' decides nothing", hint)

    def conditions(self, element: Element, out: tuple[Arrow, ...]) -> None:
        """A gateway with several ways needs a condition for each but one, the default."""
        if element.default not in {arrow.id for arrow in out}:
            hint = f"mark one of {', '.join(arrow.id for arrow in out)} as default"
            self.add("E346", element.line, f"the gateway '{element.id}' has no default", hint)
        for arrow in out:
            if arrow.id == element.default and arrow.condition:
                said = f"the condition of '{arrow.id}' decides nothing"
                self.add("E346", arrow.line, said, "the default is taken where no other condition holds")
            elif arrow.id != element.default and not arrow.condition:
                self.add("E346", arrow.line, f"the arrow '{arrow.id}' of gateway '{element.id}' has no condition")

    def ways(self, process: Process) -> None:
        """Every element can be reached, and the flow cannot wait for ever."""
        reached = process.reachable(process.start.id)
        for element in process.elements.values():
            if element.id not in reached:
                self.add("E345", element.line, f"'{element.id}' cannot be reached from the start")
            elif not any(process.elements[each].sort == "end" for each in process.reachable(element.id)):
                self.add("E345", element.line, f"no end can be reached from '{element.id}'")
        if not any(each.code == "E345" for each in self.troubles):
            stuck = _stuck(process)
            if stuck is not None:
                element, said = stuck
                self.add("E345", element.line, said, "join only what was forked, with a gateway of the same sort")


_NO_CODE = "definitions hold no code; what follows from a decision stands in `ends`, transitions and automations"
_OUR_CONDITION = "conditions are expressions of ours on the record, such as amount >= 500000"

_Marking = frozenset[str]
"""Where tokens stand: on arrows, by their ids."""


def _stuck(process: Process) -> tuple[Element, str] | None:
    """Try all ways to go through, and find a join that would wait for ever or a place with two tokens at once.

    Inclusive gateways know how many to wait for; what they lie between is taken as right.
    """
    if process.of("inclusive"):
        return None
    first = frozenset(arrow.id for arrow in process.outgoing(process.start.id))
    seen = {first}
    waiting = [first]
    while waiting and len(seen) < MOST_MARKINGS:
        marking = waiting.pop()
        moves = list(_moves(process, marking))
        if not moves and marking:
            element = next(process.elements[arrow.target] for arrow in process.arrows if arrow.id in marking)
            return element, f"the flow may wait for ever at '{element.id}'"
        for element, after in moves:
            if after is None:
                return element, f"two tokens may meet behind '{element.id}'"
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return None


def _moves(process: Process, marking: _Marking) -> Iterator[tuple[Element, _Marking | None]]:
    """Give where tokens may stand next; None where two would stand on one arrow."""
    for element in process.elements.values():
        here = [arrow.id for arrow in process.incoming(element.id) if arrow.id in marking]
        if not here:
            continue
        out = [arrow.id for arrow in process.outgoing(element.id)]
        if element.sort == "parallel":
            if len(here) == len(process.incoming(element.id)):
                yield element, _moved(marking, here, out)
        elif element.sort == "end":
            yield element, frozenset() if element.ends_all else marking - {here[0]}
        elif element.sort == "exclusive":
            for each in out:
                yield element, _moved(marking, here[:1], [each])
        else:
            yield element, _moved(marking, here[:1], out)
            yield from _by_timer(process, element, marking, here)


def _by_timer(
    process: Process, element: Element, marking: _Marking, here: list[str]
) -> Iterator[tuple[Element, _Marking | None]]:
    for each in process.boundaries(element.id):
        out = [arrow.id for arrow in process.outgoing(each.id)]
        if each.interrupts:
            yield each, _moved(marking, here[:1], out)
        elif not set(out) & marking:
            # It fires once while the task waits; the task's own token stays.
            yield each, _moved(marking, [], out)


def _moved(marking: _Marking, gone: Iterable[str], come: Iterable[str]) -> _Marking | None:
    left = marking - set(gone)
    come = set(come)
    return None if left & come else left | come
