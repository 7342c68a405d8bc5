"""bodies of prints as authors write them: HTML with places for values, bounded, and filled with plain values only

A body may show values, ask whether they are there, and go through lines; it can call nothing but what is given to it
here, reach nothing but by the names that its author was told of, and keep nothing in variables. So what it makes is no
larger than its text times the lines it goes through, and that is bounded too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from dougong.base import clean_html

LONGEST = 4_000_000
"""Signs that a filled body may have."""
LONGEST_TIME = 10.0
"""Seconds that filling may take."""
DEEPEST = 2
"""A loop may stand in a loop, and no deeper."""
MOST_NODES = 5_000

LOOP = frozenset({"index", "first", "last", "length"})
"""What `loop` knows inside of a loop."""
FILTERS = ("default", "join", "length", "lower", "trim", "truncate", "upper")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.For,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Call,
    nodes.Concat, nodes.Keyword,
)  # fmt: skip
_INSTEAD: Mapping[type[nodes.Node], str] = {
    nodes.Include: "a body stands alone: nothing is included",
    nodes.Import: "a body stands alone: nothing is imported",
    nodes.FromImport: "a body stands alone: nothing is imported",
    nodes.Extends: "a body stands alone: the sheet around it is ours",
    nodes.Macro: "write it where it is used",
    nodes.Assign: "put the value into a formula field of the object",
    nodes.Getitem: "write `record.field`, and go through lines with `for`",
    nodes.BinExpr: "put the computation into a formula field of the object",
    nodes.UnaryExpr: "put the computation into a formula field of the object",
}


class BadBody(Exception):
    """A body that cannot be read or filled; the text says why."""


@dataclass(frozen=True)
class Trouble:
    """One thing wrong with a body."""

    message: str
    at: int
    """Where in the text, from 0."""
    hint: str = ""


@dataclass(frozen=True)
class Reached:
    """One name that a body shows or asks for."""

    names: tuple[str, ...]
    """From a root on, a loop's variable replaced by what it goes through: `("record", "lines", "product")`."""
    at: int
    is_loop: bool = False
    """Whether it is gone through."""


@dataclass(frozen=True)
class Called:
    """One call of a function, with the text it is given."""

    function: str
    argument: str
    at: int


class Lines(tuple["Plain", ...]):
    """What a body may go through; shown as a whole it is blank."""

    __slots__ = ()

    def __str__(self) -> str:
        return ""

    def __html__(self) -> str:
        return ""


class Plain:
    """A value that a body may show, and what is reached from it by name; it has nothing else to reach."""

    __slots__ = ("_inner", "_shown")

    def __init__(self, shown: str, inner: Mapping[str, Plain | Lines] | None = None) -> None:
        self._shown = shown
        self._inner = inner or {}

    def __getitem__(self, name: str) -> Plain | Lines:
        """Give what is reached by a name."""
        return self._inner[name]

    def __str__(self) -> str:
        return self._shown

    def __html__(self) -> str:
        return str(escape(self._shown)).replace("\n", "<br>\n")

    def __bool__(self) -> bool:
        return bool(self._shown)

    def __eq__(self, other: object) -> bool:
        return self._shown == str(other)

    def __hash__(self) -> int:
        return hash(self._shown)


class Function:
    """What a body may call."""

    __slots__ = ("_run",)

    def __init__(self, run: Callable[[str], str | Plain | Markup]) -> None:
        self._run = run

    def __call__(self, argument: str) -> str | Plain | Markup:
        return self._run(argument)


class _Sandbox(SandboxedEnvironment):
    """Reaches what a value gives by its name, and calls our functions; there is no other way from here to anywhere."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Plain):
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        raise SecurityError("a body reaches values by their names only")

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Function)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Plain) else value


def _truncated(value: Any, length: int = 255) -> str:
    text = str(value)
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def _sandbox() -> _Sandbox:
    made = _Sandbox(undefined=StrictUndefined, autoescape=True, cache_size=0, trim_blocks=True, lstrip_blocks=True)
    made.globals = {}
    made.filters = {
        "default": lambda value, other="": value if str(value) else other,
        "join": lambda value, sign=", ": sign.join(str(each) for each in value),
        "length": lambda value: len(value if isinstance(value, Lines) else str(value)),
        "lower": lambda value: str(value).lower(),
        "trim": lambda value: str(value).strip(),
        "truncate": _truncated,
        "upper": lambda value: str(value).upper(),
    }
    made.tests = {}
    return made


_BODIES = _sandbox()


@dataclass
class Body:
    """A body, read: what it reaches, what it calls, and what is wrong with it."""

    text: str
    reached: list[Reached] = field(default_factory=list)
    called: list[Called] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        try:
            tree = _BODIES.parse(self.text)
        except TemplateSyntaxError as error:
            self._add(f"the body cannot be read: {error.message or 'it does not end'}".rstrip("."), error.lineno, "")
            return
        except RecursionError:
            self._add("the body cannot be read: it is nested too deep", 1, "")
            return
        if sum(1 for _ in tree.find_all(nodes.Node)) > MOST_NODES:
            self._add(f"the body has more than {MOST_NODES} pieces", 1, "", "make it shorter")
            return
        self._walk(tree, {}, 0)
        self.troubles += [Trouble(each.message, each.at, each.hint) for each in clean_html.refused(_blanked(self.text))]
        self.troubles.sort(key=lambda each: each.at)
        if not self.troubles:
            self._template = _BODIES.from_string(self.text)

    def fill(self, values: Mapping[str, Any], *, clock: Callable[[], float] = time.monotonic) -> str:
        """Put values in their places and give HTML without anything that runs or fetches; or raise `BadBody`.

        Values are of `Plain`, `Lines` and `Function`, or texts.
        """
        if self.troubles:
            raise BadBody(self.troubles[0].message)
        until, size, pieces = clock() + LONGEST_TIME, 0, []
        try:
            for piece in self._template.generate(values):
                size += len(piece)
                if size > LONGEST:
                    raise BadBody(f"it comes to more than {LONGEST:,} signs")
                if clock() > until:
                    raise BadBody(f"it takes longer than {LONGEST_TIME:.0f} seconds")
                pieces.append(piece)
        except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise BadBody(str(error)) from None
        return clean_html.cleaned("".join(pieces))

    # ---- reading it ----------------------------------------------------------------------------------------------

    def _walk(self, node: nodes.Node, loops: Mapping[str, tuple[str, ...]], depth: int) -> None:
        """Go through the pieces; `loops` says what each loop's variable goes through."""
        match node:
            case nodes.For():
                self._for(node, loops, depth)
            case nodes.Call():
                self._call(node)
            case nodes.Name() | nodes.Getattr():
                self._reach(node, loops)
            case _ if isinstance(node, _ALLOWED):
                if isinstance(node, nodes.Filter) and node.name not in FILTERS:
                    known = ", ".join(FILTERS)
                    self._add(f"there is no filter '{node.name}' in bodies", node.lineno, node.name, f"known: {known}")
                for child in node.iter_child_nodes():
                    self._walk(child, loops, depth)
            case _:
                said = f"'{_called(node)}' is not for bodies"
                hints = (hint for kind, hint in _INSTEAD.items() if isinstance(node, kind))
                self._add(said, node.lineno, "", next(hints, "show values, ask with `if`, use `for`"))

    def _for(self, node: nodes.For, loops: Mapping[str, tuple[str, ...]], depth: int) -> None:
        names = _names(node.iter)
        if node.recursive or not isinstance(node.target, nodes.Name):
            self._add("a loop has one variable: `for line in record.lines`", node.lineno, "for")
        elif not names:
            self._add("a loop goes through the lines of a record, or the rows of a list", node.lineno, "for")
        elif depth >= DEEPEST:
            self._add(f"loops stand {DEEPEST} deep at most", node.lineno, "for")
        elif node.target.name in ("record", "rows", "columns", "loop"):
            self._add(f"'{node.target.name}' means something else already", node.lineno, node.target.name)
        else:
            through = _resolved(names, loops)
            self.reached.append(Reached(through, self._at(node.lineno, *names), is_loop=True))
            inner = {**loops, node.target.name: (*through, "*"), "loop": ("loop",)}
            for child in (*node.body, *([node.test] if node.test else [])):
                self._walk(child, inner, depth + 1)
            for child in node.else_:
                self._walk(child, loops, depth)

    def _call(self, node: nodes.Call) -> None:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        given = node.args[0] if len(node.args) == 1 and not node.kwargs else None
        if not name or node.dyn_args or node.dyn_kwargs:
            self._add("only functions of bodies can be called", node.lineno, "", 'for example `label("amount")`')
        elif not isinstance(given, nodes.Const) or not isinstance(given.value, str):
            self._add(f"'{name}' takes the name of a field in quotes", node.lineno, name, f'{name}("amount")')
        else:
            self.called.append(Called(name, given.value, self._at(node.lineno, name, given.value)))

    def _reach(self, node: nodes.Node, loops: Mapping[str, tuple[str, ...]]) -> None:
        names = _names(node)
        if not names:
            self._add("a name begins with `record`, or with what a loop goes through", node.lineno, "")
            return
        if names[0] == "self":
            self._add("there is no 'self' in bodies", node.lineno, "self")
        self.reached.append(Reached(_resolved(names, loops), self._at(node.lineno, *names)))

    def _add(self, message: str, line: int, word: str, hint: str = "") -> None:
        self.troubles.append(Trouble(message, self._at(line, word), hint))

    def _at(self, line: int, *words: str) -> int:
        """Say where the last of some words stands that follow one another on a line; else where the line begins."""
        start = self._starts[min(line, len(self._starts)) - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        if words and words[0]:
            *before, last = map(re.escape, words)
            found = re.compile("".join(rf"\b{word}\b\W+" for word in before) + rf"\b({last})\b").search(
                self.text, start, end
            )
            if found:
                return found.start(1)
        said = re.compile(r"\S").search(self.text, start, end)
        return said.start() if said else start


def _names(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _names(node.node)
        return (*before, node.attr) if before else ()
    return ()


def _resolved(names: tuple[str, ...], loops: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (*loops.get(names[0], (names[0],)), *names[1:])


def _called(node: nodes.Node) -> str:
    return type(node).__name__.lower()


_PLACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def _blanked(text: str) -> str:
    """Give the HTML around the places for values, each sign where it was: a value stands as `0`."""
    return _PLACES.sub(lambda found: _like(found.group()), text)


def _like(place: str) -> str:
    filler = "0" if place.startswith("{{") else " "
    return "".join("\n" if sign == "\n" else filler for sign in place)


def fields_of(reached: list[Reached], root: str) -> Iterator[tuple[str, ...]]:
    """Give what is reached below a root, each path once."""
    seen: set[tuple[str, ...]] = set()
    for each in reached:
        if each.names[0] == root and each.names[1:] not in seen:
            seen.add(each.names[1:])
            yield each.names[1:]
