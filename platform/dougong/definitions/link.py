"""names into references, across bundles: definitions, fields, paths and expressions"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dougong.base.names import hint_for, nearest
from dougong.base.problems import Place, Problem
from dougong.definitions.kinds.access import ADMINISTRATOR, Role
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.options import ROLES, Options
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Refers
from dougong.definitions.kinds.report import Report
from dougong.definitions.kinds.states import Effect
from dougong.definitions.linked import Linked, Reference
from dougong.definitions.rooted import roots_of
from dougong.definitions.uses import Use, uses
from dougong.expressions.check import check, is_volatile, own_record_only, references
from dougong.expressions.errors import ExpressionError
from dougong.expressions.fitting import described, fitted
from dougong.expressions.parameters import NONE, Parameters
from dougong.expressions.parse import parse
from dougong.expressions.paths import lines_at, steps
from dougong.expressions.roots import NONE as NO_ROOTS
from dougong.expressions.this import check_offer, offer_references
from dougong.expressions.tree import Node
from dougong.expressions.types import BOOLEAN, Type, number
from dougong.sdk.action import Assignment

_EXPECTED: Mapping[str, Type | None] = {"boolean": BOOLEAN, "number": number(0), "any": None}
_RESERVED = {(Options.KIND, ROLES), (Role.KIND, ADMINISTRATOR)}
"""Names that nobody defines and everybody may use."""
_LONGEST_CHAIN = 100


def link(linked: Linked) -> tuple[Linked, list[Problem]]:
    """Follow every name and read every expression; say what leads nowhere or makes no sense."""
    linking = _Linking(linked)
    for definition in linked.all():
        for use in uses(definition, linked.shapes):
            linking.take(use)
    linking.lines()
    linking.stored_formulas()
    linking.circles()
    found = replace(linked, references=tuple(linking.references), formulas=linking.formulas)
    return found, linking.problems


@dataclass
class _Formula:
    """A field that an expression computes."""

    node: Node
    reads: tuple[tuple[str, str], ...]
    place: Place


@dataclass
class _Linking:
    """One walk over all definitions."""

    linked: Linked
    problems: list[Problem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    computed: dict[tuple[str, str], _Formula] = field(default_factory=dict)

    @property
    def formulas(self) -> dict[tuple[str, str], Node]:
        """The checked expressions of computed fields."""
        return {key: formula.node for key, formula in self.computed.items()}

    def add(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(place, code, message, hint))

    def take(self, use: Use) -> None:
        """Follow one name, or read one expression."""
        match use.mark:
            case Refers(kind):
                self.definition(use, kind)
            case FieldOf():
                self.field(use, use.mark)
            case ExpressionOn():
                self.expression(use, use.mark)

    def place(self, use: Use) -> Place:
        """Say where a name stands."""
        return self.linked.place(use.definition, *use.path)

    def note(self, use: Use, kind: str, name: str, field_name: str | None = None) -> None:
        """Keep a reference."""
        self.references.append(Reference(kind, name, field_name, use.definition, self.place(use)))

    def definition(self, use: Use, kind: str) -> None:
        """Follow the name of a definition."""
        known = self.linked.definitions.get(kind, {})
        if use.value == "*" or (kind, use.value) in _RESERVED:
            return
        if use.value in known:
            self.note(use, kind, use.value)
        elif kind != "bundle":  # layers.py has said so already
            self.add(self.place(use), "E301", f"there is no {kind} '{use.value}'", hint_for(use.value, known))

    def standing(self, use: Use, mark: FieldOf | ExpressionOn) -> str | None:
        """Say on which object a field's name or an expression stands; None where that is unknown."""
        name = use.said(mark.object_key) if mark.object_key else use.definition.name
        if isinstance(mark, ExpressionOn) and mark.outermost:
            name = getattr(use.definition, mark.object_key, None)
        if isinstance(mark, FieldOf) and mark.parent:
            name = self.linked.parents.get(str(name), (None,))[0]
        if isinstance(mark, FieldOf) and mark.through:
            through = self.linked.fields.get(str(name), {}).get(str(use.said(mark.through)))
            name = (through.type.lookup() or through.type.lines()) if through else None
        return name if isinstance(name, str) and name in self.linked.fields else None

    def field(self, use: Use, mark: FieldOf) -> None:
        """Follow the name of a field, or a path of them."""
        object_name = self.standing(use, mark)
        if object_name is None:
            if mark.through:
                self.led_nowhere(use, mark)
            return
        names = tuple((use.value.removeprefix("-") if mark.sort else use.value).split("."))
        if len(names) == 1 or not mark.path:
            self.one_field(use, object_name, ".".join(names))
            return
        try:
            path = steps(self.linked, object_name, names, 0)
        except ExpressionError as error:
            self.add(self.place(use), "E303", str(error), self.hint(error))
            return
        into = lines_at(path)
        if into is not None and into < len(path) - 1:
            self.add(self.place(use), "E303", f"'{use.value}' goes into the lines '{path[into].field}', which are many")
        for step in path:
            self.note(use, "object", step.object, step.field)

    def one_field(self, use: Use, object_name: str, name: str) -> None:
        """Follow the name of one field."""
        known = self.linked.fields[object_name]
        if name in known:
            self.note(use, "object", object_name, name)
            return
        self.add(self.place(use), "E303", f"object '{object_name}' has no field '{name}'", has(known, name))

    def led_nowhere(self, use: Use, mark: FieldOf) -> None:
        """Say that a field of another object was named where no other object is."""
        through = use.said(mark.through)
        known = self.linked.fields.get(str(use.said(mark.object_key)), {})
        if through in known:
            hint = f"leave '{use.path[-1] if isinstance(use.path[-1], str) else use.path[-2]}' out"
            self.add(
                self.place(use), "E303", f"'{through}' leads to no other object that could have '{use.value}'", hint
            )

    def expression(self, use: Use, mark: ExpressionOn) -> None:
        """Read an expression, and keep what it reads."""
        if mark.offered:
            self.offer(use)
            return
        object_name = self.standing(use, mark)
        if object_name is None:
            return
        beside = _parameters(use, mark)
        roots = roots_of(use.definition, self.linked, int(use.path[1])) if mark.rooted else NO_ROOTS
        scope = roots.beside(beside.beside(self.linked, object_name), object_name)
        try:
            node = check(parse(use.value), scope, object_name, expect=_EXPECTED[mark.expect])
            node = beside.put_into(node, self.linked, object_name)
        except ExpressionError as error:
            self.refused(use, error)
            return
        reads = tuple(dict.fromkeys(roots.real(references(node, roots.beside(self.linked, object_name), object_name))))
        for named, field_name in reads:
            self.note(use, "object", named, field_name)
        self.fits_where_it_is_kept(use, object_name, node, reads)

    def fits_where_it_is_kept(self, use: Use, object_name: str, node: Node, reads: tuple[tuple[str, str], ...]) -> None:
        """Hold what an expression gives against the field that keeps it, where one does."""
        part = use.around[-1]
        if isinstance(part, Field) and use.path[-1] in ("expr", "default_expr"):
            self.fits(use, part, node)
            if use.path[-1] == "expr":
                self.computed[object_name, part.name] = _Formula(node, reads, self.place(use))
        if isinstance(part, (Effect, Assignment)) and use.path[-1] == "value":
            written = object_name if isinstance(part, Effect) else str(use.said("object"))
            kept = self.linked.fields.get(written, {}).get(part.field)
            if kept is not None:
                self.fits(use, kept, node)

    def offer(self, use: Use) -> None:
        """Read the condition of what a lookup offers, and keep what it reads."""
        part = use.around[-1]
        target = part.type.lookup() if isinstance(part, Field) else None
        if target is None or target not in self.linked.fields:
            return
        this = use.definition.name
        try:
            node = check_offer(use.value, self.linked, target, this)
        except ExpressionError as error:
            self.refused(use, error)
            return
        for named, field_name in dict.fromkeys(offer_references(node, self.linked, target, this)):
            self.note(use, "object", named, field_name)

    def refused(self, use: Use, error: ExpressionError) -> None:
        """Say what is wrong with an expression, at the very character."""
        place = self.linked.place_in_text(use.definition, use.path, use.value, error.at)
        if names_field(error):
            self.add(place, "E303", str(error), self.hint(error))
            return
        self.add(place, "E304" if is_unreadable(use.value) else "E305", str(error), str(error.hint or ""))

    def hint(self, error: ExpressionError) -> str:
        """Say how to mend an expression; of an unknown field, which there are, the author's first."""
        params = error.message.params
        if not names_field(error):
            return str(error.hint or "")
        known = self.linked.fields.get(str(params["object"]))
        if known is None:
            return f"there is no object '{params['object']}' in what is checked here"
        return has(known, str(params["piece"]))

    def fits(self, use: Use, part: Field, node: Node) -> None:
        """Hold what an expression gives against what the field keeps."""
        wanted = part.type.expression_type()
        if wanted is None:
            return
        try:
            is_fitting = fitted(node, wanted) is not None
        except ExpressionError as error:
            self.refused(use, error)
            return
        if not is_fitting:
            said = f"the expression gives {described(node.type)}, and field '{part.name}' holds {described(wanted)}"
            self.add(self.place(use), "E316", said)

    def lines(self) -> None:
        """Hold the objects that children and lookups lead to against their natures."""
        held: dict[str, tuple[str, str]] = {}
        for definition in self.linked.of(Object):
            for position, each in enumerate(definition.fields):
                lines, to = each.type.lines(), each.type.lookup()
                place = self.linked.place(definition, "fields", position, "of" if lines else "to")
                if lines is not None:
                    self.held(definition, each, lines, place, held)
                elif to is not None and self.linked.nature(to) == "child":
                    self.add(
                        place,
                        "E306",
                        f"a lookup cannot lead to '{to}', which is lines",
                        "look up the record they belong to",
                    )

    def held(
        self, definition: Definition, each: Field, lines: str, place: Place, held: dict[str, tuple[str, str]]
    ) -> None:
        """Hold one children field against the object of its lines."""
        nature = self.linked.nature(lines)
        if nature is None:
            return
        if nature != "child":
            self.add(
                place, "E306", f"the lines '{lines}' are of nature '{nature}'", f"write `nature: child` in {lines}"
            )
        elif lines in held:
            other = ".".join(held[lines])
            self.add(place, "E306", f"the lines '{lines}' are held by '{other}' already", "lines belong to one field")
        else:
            held[lines] = (definition.name, each.name)

    def stored_formulas(self) -> None:
        """Refuse stored formulas whose value changes though their record does not."""
        for (object_name, name), formula in self.computed.items():
            if self.linked.fields[object_name][name].type.columns():
                why = self._moves(object_name, formula, frozenset())
                if why:
                    self.add(
                        formula.place,
                        "E317",
                        f"the stored formula '{name}' {why}",
                        "leave `stored` out, or read this record only",
                    )

    def _moves(self, object_name: str, formula: _Formula, seen: frozenset[str]) -> str:
        """Say why a formula's value may change on its own, if it may."""
        if len(seen) > _LONGEST_CHAIN:
            return "reads formulas of formulas, too many to follow"
        if is_volatile(formula.node):
            return "changes with time or with who looks"
        if not own_record_only(formula.node):
            return "reads other records"
        for _, name in formula.reads:
            inner = self.computed.get((object_name, name))
            is_stored = bool(self.linked.fields[object_name][name].type.columns())
            if inner and not is_stored and name not in seen:
                why = self._moves(object_name, inner, seen | {name})
                if why:
                    return f"reads '{name}', which {why}"
        return ""

    def circles(self) -> None:
        """Report every circle of formulas once."""
        done: set[tuple[str, str]] = set()
        for start in self.computed:
            for circle in self._from(start, done):
                named = [f"{object_name}.{name}" for object_name, name in circle]
                place = self.computed[circle[0]].place
                said = f"formulas compute each other: {' → '.join([*named, named[0]])}"
                self.add(place, "E307", said, "one of them must not read the others")

    def _from(self, start: tuple[str, str], done: set[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
        """Walk from one formula to those it reads, without recursion: an author may chain thousands."""
        way: list[tuple[str, str]] = []
        waiting = [iter((start,))]
        while waiting:
            key = next(waiting[-1], None)
            if key is None:
                waiting.pop()
                if way:
                    done.add(way.pop())
            elif key in way:
                yield way[way.index(key) :]
            elif key not in done:
                way.append(key)
                waiting.append(iter([each for each in self.computed[key].reads if each in self.computed]))


def _parameters(use: Use, mark: ExpressionOn) -> Parameters:
    """Give the parameters that an expression may name."""
    return use.definition.named() if mark.beside and isinstance(use.definition, Report) else NONE


def names_field(error: ExpressionError) -> bool:
    """Whether the trouble is a field that an object does not have."""
    return {"object", "piece"} <= error.message.params.keys()


def is_unreadable(text: str) -> bool:
    """Whether an expression cannot even be parsed."""
    try:
        parse(text)
    except ExpressionError:
        return True
    return False


def has(fields: Mapping[str, Field], name: str) -> str:
    """Say which field was probably meant, or which there are, the author's first."""
    guess = nearest(name, fields)
    if guess:
        return f"did you mean '{guess}'?"
    names = [each.name for each in fields.values() if not each.is_system]
    names += [each.name for each in fields.values() if each.is_system]
    return f"it has: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}"
