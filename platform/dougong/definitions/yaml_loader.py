"""strict YAML 1.2 that remembers file, line and column

It reads libyaml's events, so that no depth and no alias can hurt, and resolves plain scalars by the core schema of
YAML 1.2: `no` and dates are text, `012` is twelve, numbers with a point are exact. `round_trip.py` reads alike.
"""

from __future__ import annotations

import decimal
import re
from typing import Any

import yaml

from dougong.base.problems import Place, Problem
from dougong.definitions.marked import MarkedList, MarkedMap, Spot

DEEPEST = 50
MOST_ALIASED = 1_000
"""Values that aliases may add to a file, all together."""
MOST_DIGITS = 40

_MAY_BE_SPECIAL = frozenset("-+.0123456789~nNtTfF")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BREAKS_OF_1_1 = re.compile("[\x85\u2028\u2029]")

Scalar = str | int | bool | decimal.Decimal | None


class _Refused(Exception):
    """The file cannot be read on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def resolve(text: str) -> Scalar:
    """Read a plain scalar by the core schema of YAML 1.2; raise `ValueError` for a number that is none of ours."""
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return _number(text)


def _number(text: str) -> Scalar:
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("is not a finite number")
    if _FLOAT.fullmatch(text):
        exponent = re.split("[eE]", text)[1:]
        if len(text) > MOST_DIGITS or (exponent and abs(int(exponent[0])) > MOST_DIGITS):
            raise ValueError("is too long for a number")
        return int(text) if _INTEGER.fullmatch(text) else decimal.Decimal(text)
    if _OCTAL.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text[2:], 8)
    if _HEX.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text[2:], 16)
    return text


def load(text: str, file: str) -> tuple[MarkedMap | None, list[Problem]]:
    """Read a definition; None where it cannot be read at all."""
    reading = _Reading(text, file)
    try:
        data = reading.run()
    except _Refused as refused:
        return None, [*reading.problems, refused.problem]
    if isinstance(data, MarkedMap):
        return data, reading.problems
    if not reading.problems:
        said = "is empty" if data is None else "is not a mapping of keys"
        reading.add("E111", Place(file, 1, 1), f"the file {said}", "a definition begins with `kind:` and `name:`")
    return None, reading.problems


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "before", "container", "height", "key", "key_at", "spot", "wants_key")

    def __init__(self, container: Any, spot: Spot, anchor: str | None, before: int) -> None:
        self.container = container
        self.spot = spot
        self.anchor = anchor
        self.before = before
        self.height = 1
        self.wants_key = isinstance(container, MarkedMap)
        self.key: str | None = None
        self.key_at = (0, 0)


class _Reading:
    """One file on its way from events to marked data, without recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[Problem] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.count = 0
        self.aliased = 0
        self.documents = 0
        self.top: Any = None

    def add(self, code: str, place: Place, message: str, hint: str = "") -> None:
        """Note a problem and read on."""
        self.problems.append(Problem(place, code, message, hint))

    def refuse(self, code: str, place: Place, message: str, hint: str = "") -> _Refused:
        """Make the error that ends the reading."""
        return _Refused(Problem(place, code, message, hint))

    def run(self) -> Any:
        """Read all events."""
        found = _BREAKS_OF_1_1.search(self.text)
        if found:
            line = self.text.count("\n", 0, found.start()) + 1
            column = found.start() - self.text.rfind("\n", 0, found.start())
            sign = f"U+{ord(found.group()):04X}"
            raise self.refuse(
                "E117", Place(self.file, line, column), f"the character {sign} may not stand here", "delete it"
            )
        try:
            loader = yaml.CSafeLoader(self.text)
            while loader.check_event():
                self.take(loader.get_event())
        except yaml.MarkedYAMLError as error:
            raise self.syntax_error(error) from None
        except yaml.reader.ReaderError as error:
            raise self.unreadable(error) from None
        return self.top

    def take(self, event: Any) -> None:
        """Take one event."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self.scalar(event)
        elif kind is yaml.MappingStartEvent:
            self.start(event, MarkedMap)
        elif kind is yaml.SequenceStartEvent:
            self.start(event, MarkedList)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.end()
        elif kind is yaml.AliasEvent:
            self.alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.document(event)

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.refuse("E106", self.place(event), "a second document in one file", "one file, one definition")

    def place(self, event: Any) -> Place:
        """Say where an event begins."""
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def start(self, event: Any, container: type[MarkedMap] | type[MarkedList]) -> None:
        self.refuse_tag(event)
        if len(self.frames) >= DEEPEST:
            raise self.refuse("E107", self.place(event), f"nested deeper than {DEEPEST} levels", "a definition is flat")
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        frame = self.frames[-1] if self.frames else None
        if frame and frame.wants_key:
            raise self.refuse("E110", self.place(event), "a key is not text", "quote it, or write one word")
        key_line, key_column = frame.key_at if frame and frame.key is not None else (line, column)
        spot = Spot(self.file, key_line, key_column, line, column)
        self.frames.append(_Frame(container(spot), spot, event.anchor, self.count))

    def end(self) -> None:
        frame = self.frames.pop()
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.container, self.count - frame.before + 1, frame.height)
        self.store(frame.container, frame.spot, frame.height + 1)

    def scalar(self, event: Any) -> None:
        self.refuse_tag(event)
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.wants_key:
            self.key(frame, event, line, column)
            return
        value: Scalar = event.value
        if event.implicit[0]:
            try:
                value = resolve(event.value)
            except ValueError as error:
                self.add("E109", self.place(event), f"{_cut(event.value)} {error}", "to mean text, put it in quotes")
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, 0)
        key_line, key_column = frame.key_at if frame and frame.key is not None else (line, column)
        self.store(value, Spot(self.file, key_line, key_column, line, column), 1)

    def key(self, frame: _Frame, event: Any, line: int, column: int) -> None:
        """Take a key of a mapping."""
        name = event.value
        frame.wants_key = False
        frame.key = name
        frame.key_at = (line, column)
        place = Place(self.file, line, column)
        if event.implicit[0]:
            if name == "<<":
                self.add("E105", place, "a merge key '<<'", "write the keys out; YAML 1.2 has no merging")
            elif not self.is_text(name):
                self.add("E110", place, f"the key {_cut(name)} is not text", f'put it in quotes: "{name[:40]}"')
        if name in frame.container:
            first = frame.container.spots[name].key_line
            self.add("E102", place, f"the key '{name}' stands here twice", f"it stands in line {first} already")

    @staticmethod
    def is_text(name: str) -> bool:
        """Whether a plain key is read as text."""
        try:
            return isinstance(resolve(name), str)
        except ValueError:
            return False

    def alias(self, event: Any) -> None:
        place = self.place(event)
        if event.anchor not in self.anchors:
            raise self.refuse("E103", place, f"the alias '*{event.anchor}' leads to nothing before it")
        value, size, height = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MOST_ALIASED or len(self.frames) + height > DEEPEST:
            raise self.refuse("E103", place, f"the alias '*{event.anchor}' multiplies too much", "write the values out")
        if self.frames and self.frames[-1].wants_key:
            raise self.refuse("E110", place, "a key is an alias", "write the word itself")
        self.count += size
        line, column = place.line, place.column
        key_line, key_column = self.frames[-1].key_at if self.frames[-1].key is not None else (line, column)
        self.store(value, Spot(self.file, key_line, key_column, line, column), height + 1)

    def store(self, value: Any, spot: Spot, height: int) -> None:
        """Put a finished value where it belongs; `height` counts the levels that it adds to what holds it."""
        self.count += 1
        if not self.frames:
            self.top = value
            return
        frame = self.frames[-1]
        frame.height = max(frame.height, height)
        if frame.key is None:
            frame.container.put(value, spot)
            return
        if frame.key not in frame.container:
            frame.container.put(frame.key, value, spot)
        frame.key = None
        frame.wants_key = True

    def refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self.add("E104", self.place(event), f"the tag '{event.tag}'", "leave tags out; to mean text, use quotes")

    def syntax_error(self, error: yaml.MarkedYAMLError) -> _Refused:
        """Say in our words what the parser did not like."""
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        lines = self.text.split("\n")
        place = Place(self.file, line + 1, column + 1)
        if line < len(lines) and "\t" in lines[line][: column + 1]:
            at = lines[line].index("\t")
            return self.refuse(
                "E108", Place(self.file, line + 1, at + 1), "a tab in the indentation", "indent with two spaces"
            )
        said = " ".join(part for part in (error.problem, error.context) if part) or "it cannot be read"
        return self.refuse("E101", place, f"not YAML: {said}", _hint(said))

    def unreadable(self, error: yaml.reader.ReaderError) -> _Refused:
        """Say which character may not stand in a file."""
        at = min(error.position, len(self.text))
        line = self.text.count("\n", 0, at) + 1
        sign = f"U+{error.character:04X}" if isinstance(error.character, int) else repr(error.character)
        place = Place(self.file, line, at - self.text.rfind("\n", 0, at))
        return self.refuse("E117", place, f"the character {sign} may not stand here", "delete it")


_HINTS = (
    ("mapping values are not allowed", "a colon inside text? put the text in quotes"),
    ("could not find expected ':'", "a colon after the key is missing, or a line is not indented"),
    ("did not find expected key", "look at the indentation, and at quotes that do not close"),
    ("did not find expected '-' indicator", "items of one list begin at the same column"),
    ("unexpected end of stream", "a quote or bracket does not close"),
    ("did not find expected ',' or", "a bracket does not close, or a comma is missing"),
    ("found character that cannot start any token", "put the text in quotes"),
    ("undefined alias", "to mean text, put it in quotes"),
)


def _hint(said: str) -> str:
    return next((hint for words, hint in _HINTS if words in said), "")


def _cut(text: str) -> str:
    shown = text if len(text) <= MOST_DIGITS else f"{text[:MOST_DIGITS]}…"
    return f"'{shown}'"
