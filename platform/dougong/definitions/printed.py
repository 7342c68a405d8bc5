"""what the bodies of print templates may name: the record, its lines, what lookups lead to, and a few facts"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dougong.base.bodies import Body, Called, Reached
from dougong.base.names import hint_for
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.template import Of

FieldsOf = Callable[[str], Mapping[str, Field]]
"""The fields of an object by name."""

FACTS: Mapping[str, frozenset[str]] = {"printed": frozenset({"on", "at", "by"})}
"""Beside the record: when and by whom it is printed, as the reader writes dates."""
WORDS_OF_LISTS = frozenset({"title", "count", "table"})
"""Of a list: its name, how many rows there are, and the whole of it as it is on the screen."""
LABEL, TOTAL, CAPITALS = "label", "total", "capitals"
FUNCTIONS: Mapping[Of, tuple[str, ...]] = {"record": (LABEL, TOTAL, CAPITALS), "list": (LABEL, TOTAL)}
"""The label of a field; the sum of a field of lines or rows; an amount in Chinese capital numerals."""


@dataclass(frozen=True)
class Unknown:
    """A name that leads nowhere."""

    message: str
    hint: str
    at: int


def unknown(body: Body, of: Of, object_name: str, fields: FieldsOf) -> Iterator[Unknown]:
    """Find the names in a body that lead nowhere."""
    for reached in body.reached:
        found = _wrong(reached, of, object_name, fields)
        if found:
            yield Unknown(*found, reached.at)
    for called in body.called:
        found = _wrong_call(called, of, object_name, fields)
        if found:
            yield Unknown(*found, called.at)


LOOP = ("index", "first", "last", "length")


def _wrong(reached: Reached, of: Of, object_name: str, fields: FieldsOf) -> tuple[str, str] | None:
    root, *names = reached.names
    facts: Mapping[str, Iterable[str]] = {**FACTS, "loop": LOOP}
    if root in facts:
        known = ", ".join(sorted(facts[root]))
        is_known = len(names) == 1 and names[0] in facts[root]
        return None if is_known else (f"'{root}' has no value '{'.'.join(names)}'", f"known: {known}")
    if of == "record" and root == "record":
        if not names:
            return ("'record' is shown by its fields", "write `record.FIELD`")
        return _wrong_path(object_name, names, fields, with_lines=True, is_loop=reached.is_loop)
    if of == "list" and (root == "rows" or (root in WORDS_OF_LISTS and not names)):
        if len(names) < 2:
            return None
        return _wrong_path(object_name, names[1:], fields, with_lines=False, is_loop=reached.is_loop)
    roots = ("record", "printed") if of == "record" else ("rows", *sorted(WORDS_OF_LISTS), "printed")
    return (f"there is no '{root}' here", hint_for(root, roots))


def _wrong_path(
    object_name: str, names: list[str], fields: FieldsOf, *, with_lines: bool, is_loop: bool
) -> tuple[str, str] | None:
    """Follow a path; lines are passed by `*`, which a loop's variable stands for."""
    standing: str | None = object_name
    field: Field | None = None
    steps = [each for each in names if each != "*"]
    for at, name in enumerate(steps):
        if standing is None:
            return (f"'{steps[at - 1]}' leads to no other record that could have '{name}'", "")
        known = fields(standing)
        if name not in known:
            return (f"object '{standing}' has no field '{name}'", hint_for(name, known))
        field = known[name]
        lines = field.type.lines()
        if lines and (not with_lines or (at and fields(object_name)[steps[0]].type.lookup())):
            return (f"the lines '{name}' cannot be reached here", "go through the lines of the record that is printed")
        if lines and at + 1 < len(steps) and "*" not in names:
            return (f"'{name}' are many lines", f"go through them: {{% for line in record.{name} %}}")
        standing = lines or field.type.lookup()
    if is_loop and (field is None or field.type.lines() is None):
        return (f"'{'.'.join(steps)}' has no lines to go through", "")
    return None


def _wrong_call(called: Called, of: Of, object_name: str, fields: FieldsOf) -> tuple[str, str] | None:
    known = FUNCTIONS[of]
    if called.function not in known:
        return (f"there is no function '{called.function}'", hint_for(called.function, known))
    names = called.argument.split(".")
    steps = path_of(object_name, names, fields)
    if isinstance(steps, str):
        return (steps, hint_for(names[-1], fields(object_name)) if len(names) == 1 else "")
    field = steps[-1]
    if called.function == LABEL:
        return None
    kind = field.type.expression_type()
    if kind is None or kind.sort != "number":
        return (f"'{called.argument}' is no number", "")
    is_of_lines = any(each.type.lines() for each in steps)
    if called.function == TOTAL and is_of_lines != (of == "record"):
        return (f"'{called.argument}' has nothing to add up", 'write `total("lines.amount")`' if of == "record" else "")
    if called.function == CAPITALS and len(steps) > 1:
        return ("'capitals' takes a field of the record itself", "")
    return None


def path_of(object_name: str, names: list[str], fields: FieldsOf) -> list[Field] | str:
    """Follow a path over lookups and lines; what is wrong with it where it leads nowhere."""
    standing: str | None = object_name
    found: list[Field] = []
    for name in names:
        if standing is None or name not in fields(standing):
            return f"object '{standing or object_name}' has no field '{name}'"
        found.append(fields(standing)[name])
        standing = found[-1].type.lines() or found[-1].type.lookup()
    return found
