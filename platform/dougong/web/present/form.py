"""a form with its sections, values and errors"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.definitions.kinds.object import Field
from dougong.records.offered import offer_of
from dougong.records.query import Record
from dougong.web.present import address, layout
from dougong.web.present.filters import Choice
from dougong.web.present.page import Frame, Link
from dougong.web.present.posted import Entries
from dougong.web.present.value import Cell, Look, cell, choices_of

WIDGETS = frozenset({
    "text", "textarea", "number", "money", "percent", "checkbox", "date", "datetime", "select", "multiselect",
    "lookup", "lines", "email", "tel", "url",
})  # fmt: skip
"""The widgets that `widgets.html` has; a plugin's own shows as text until the template knows it."""
CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "SGD", "AUD", "CAD", "CHF", "TWD", "KRW")
MORE_LINES = 3
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_LINE = re.compile(r"^(?P<lines>[^\[\]]+)\[(?P<index>\d+)\](?:\.(?P<field>.+))?$")


@dataclass(frozen=True)
class Input:
    """One field to enter."""

    name: str
    """What it is called when it is sent."""
    id: str
    """What its label and errors point to."""
    label: str
    """What the person reads."""
    widget: str
    """The macro that shows it."""
    value: str = ""
    """What stands in it."""
    unit: str = ""
    """The currency beside an amount."""
    values: tuple[str, ...] = ()
    """What is chosen, where several may be."""
    shown: str = ""
    """The title of the record that is chosen."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose from; for a lookup the first few, for those without script."""
    suggest: str = ""
    """Where a lookup asks while one types."""
    offered: str = ""
    """What that address ends with, where the author says which records a lookup offers: for which field it asks."""
    along: tuple[str, ...] = ()
    """The names of what else is sent then: the fields that the offer hangs on."""
    fixed: Cell | None = None
    """Shown and not entered: a formula, or what this person may not change."""
    is_required: bool = False
    """Whether it must not stay blank."""
    is_wide: bool = False
    """Whether it takes the whole width."""
    help: str = ""
    """What the author says about it."""
    errors: tuple[str, ...] = ()
    """What is wrong with it."""
    lines: LinesInput | None = None
    """For children: the table."""
    align: str = "start"
    """`end` for numbers."""
    is_cell: bool = False
    """Whether it stands in a line, where its label is the head of the column."""
    refresh: str = ""
    """Where to ask for the form anew when it changes: other fields come and go with it."""
    has_plain: bool = True
    """Whether the controls for those without script are there too."""
    is_first: bool = False
    """Whether typing begins here."""


@dataclass(frozen=True)
class LineInput:
    """One line to enter."""

    index: str
    """Its number on the page; `__index__` in the template."""
    id: str
    """The line's own id; blank for a new one."""
    inputs: tuple[Input, ...]
    """One for each column."""
    errors: tuple[str, ...] = ()
    """What is wrong with the line as a whole."""


@dataclass(frozen=True)
class LineColumn:
    """The head of a column of lines."""

    label: str
    """What the person reads."""
    align: str
    """`end` for numbers."""
    is_required: bool
    """Whether a line needs it."""


@dataclass(frozen=True)
class LinesInput:
    """The children of a record, to enter as a table."""

    name: str
    """The field's name."""
    columns: tuple[LineColumn, ...]
    """The heads."""
    rows: tuple[LineInput, ...]
    """The lines."""
    template: LineInput
    """A blank line, for the script that adds one."""
    more: str
    """What the button for more lines sends."""


@dataclass(frozen=True)
class FormSection:
    """Inputs under one heading."""

    label: str
    """The heading; blank for none."""
    inputs: tuple[Input, ...]
    """The fields, those with lines last."""


@dataclass(frozen=True)
class FormPage:
    """Entering a new record, or changing one."""

    frame: Frame
    """What stands around it."""
    heading: str
    """What is entered, as a title."""
    action: str
    """Where it is sent."""
    sections: tuple[FormSection, ...]
    """What is entered."""
    hidden: tuple[tuple[str, str], ...]
    """What is sent along: version, token, where to go next."""
    cancel_href: str
    """The way back."""
    problems: tuple[Link, ...] = ()
    """Everything that is wrong, each with a link to its field."""
    compute: str = ""
    """Where to ask what formulas give while one types; blank where the form has none."""
    draft: str = ""
    """What is entered here, by object and record: `order/new`, `order/ID`."""
    is_new: bool = False
    """Whether the record does not exist yet."""
    may_delete_href: str = ""
    """Where to delete it; blank for those who may not."""
    full_href: str = ""
    """The form with all fields, where this one has only some."""


@dataclass(frozen=True)
class ComputedPage:
    """What formulas give now, each to be put in its place."""

    inputs: tuple[Input, ...]
    """All of the form."""


@dataclass(frozen=True)
class Sheet:
    """What a form is filled in with, by field."""

    entries: Mapping[str, Any]
    """What stands in the widgets: text; amount and currency; a list; a list of lines."""
    record: Record | None = None
    """The record as it is, for what is shown and not entered."""
    errors: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    """What is wrong, as the gate says it."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed into the lookups, by name."""
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """The first records of the objects that lookups lead to, as (id, title)."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the records that are chosen, by id."""
    more: Mapping[str, int] = field(default_factory=dict)
    """How many blank lines to offer, by field."""
    required: frozenset[str] = frozenset()
    """Fields that a condition requires now."""
    leading: frozenset[str] = frozenset()
    """Fields that others come and go with."""
    action: str = ""
    """Where the form is sent."""
    object: str = ""
    """The object whose record it enters; blank where it is of none."""
    has_plain: bool = True
    """Whether the page may be read without script."""
    computed: Mapping[str, Any] = field(default_factory=dict)
    """What formulas give for what stands there, by field."""
    computed_lines: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The same of every line, by the field that holds the lines."""
    begins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What a new line begins with, by the field that holds the lines."""


def entries_of(look: Look, model: ObjectModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the widgets begin with for the values of a record."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        each = model.fields.get(name)
        if each is None:
            continue
        child = each.type.lines()
        if child:
            found[name] = [_line_entry(look, look.catalog.object(child), line) for line in value or ()]
        elif value is not None:
            found[name] = each.type.entry(value, look.showing)
    return found


def _line_entry(look: Look, child: ObjectModel, line: Record | Mapping[str, Any]) -> dict[str, Any]:
    values = line.values if isinstance(line, Record) else line
    entry = entries_of(look, child, {name: value for name, value in values.items() if name in child.fields})
    return {**entry, "id": line.id if isinstance(line, Record) else ""}


def sections(
    look: Look,
    object_name: str,
    purpose: layout.Purpose,
    sheet: Sheet,
    *,
    writable: frozenset[str],
    readable: frozenset[str],
    required: frozenset[str] = frozenset(),
    action: str = "",
) -> tuple[FormSection, ...]:
    """Present a form with what stands in it. `required` are the fields that a condition requires now."""
    leading = look.catalog.memo(leading_fields, object_name)
    sheet = replace(sheet, required=required, leading=leading, action=action, object=object_name)
    form = layout.form_of(look.catalog, object_name, purpose)
    found = []
    for section in form.sections:
        label = section.label.show(look.locale) if section.label else ""
        places = layout.places(look.catalog, object_name, section)
        found.append(FormSection(label, _inputs(look, places, sheet, writable, readable)))
    rest = [place for place in layout.unplaced(look.catalog, object_name, form) if place.field.name in writable]
    found.append(FormSection("", _inputs(look, rest, sheet, writable, readable)))
    return tuple(each for each in found if each.inputs)


def quick(page: FormPage, *, full_href: str) -> FormPage:
    """Give a form small enough for a dialog: its first section, and what else must be filled in or is wrong."""
    first, *others = page.sections or (FormSection("", ()),)
    kept = [replace(each, inputs=tuple(one for one in each.inputs if one.is_required or one.errors)) for each in others]
    return replace(page, sections=(first, *(each for each in kept if each.inputs)), full_href=full_href)


def begin_at_first(shown: Sequence[FormSection]) -> tuple[FormSection, ...]:
    """Let typing begin at the first field that can be entered."""
    for at, section in enumerate(shown):
        for place, each in enumerate(section.inputs):
            if each.widget not in ("fixed", "lines", "multiselect"):
                inputs = (*section.inputs[:place], replace(each, is_first=True), *section.inputs[place + 1 :])
                return (*shown[:at], replace(section, inputs=inputs), *shown[at + 1 :])
    return tuple(shown)


def leading_fields(catalog: Catalog, object_name: str) -> frozenset[str]:
    """Give the fields that conditions of other fields read."""
    model = catalog.object(object_name)
    conditions = [
        text
        for each in model.own_fields()
        for text in (each.visible_when, each.required_when, each.read_only_when)
        if text
    ]
    words = {word for text in conditions for word in _WORD.findall(text)}
    return frozenset(words & set(model.fields))


def _inputs(
    look: Look, places: Iterable[layout.Place], sheet: Sheet, writable: frozenset[str], readable: frozenset[str]
) -> tuple[Input, ...]:
    found = []
    for place in places:
        name = place.field.name
        if name in writable and not place.field.is_computed:
            found.append(_entered(look, place, sheet))
        elif name in readable and (sheet.record is not None or name in sheet.computed):
            found.append(_shown(look, place, sheet))
    # Lines take the width of the page: they stand below what is entered in columns.
    return tuple(sorted(found, key=lambda each: each.lines is not None))


def _shown(look: Look, place: layout.Place, sheet: Sheet) -> Input:
    each = place.field
    if each.name in sheet.computed or sheet.record is None:
        return computed(look, each, each.name, sheet.computed.get(each.name), is_wide=place.is_wide)
    label = each.shown_label().show(look.locale)
    fixed = cell(look, each, sheet.record.get(each.name)) if not each.type.lines() else Cell("")
    return Input(each.name, _id(each.name), label, "fixed", fixed=fixed, is_wide=place.is_wide)


def computed(look: Look, each: Field, name: str, value: Any, *, is_wide: bool = False, is_cell: bool = False) -> Input:
    """Present what a formula gives; it is shown, and shown anew while one types."""
    return Input(
        name,
        _id(name),
        each.shown_label().show(look.locale),
        "fixed",
        fixed=cell(look, each, value),
        is_wide=is_wide,
        align=each.type.align if is_cell else "start",
        is_cell=is_cell,
    )


def _id(name: str) -> str:
    return "field-" + name.replace(".", "-")


def _entered(look: Look, place: layout.Place, sheet: Sheet) -> Input:
    each = place.field
    errors = _said(look, sheet.errors.get(each.name, ()))
    entry = sheet.entries.get(each.name)
    if each.type.lines():
        return _of_lines(look, place, sheet, errors)
    return enter(look, each, each.name, entry, sheet, errors=errors, is_wide=place.is_wide)


def enter(
    look: Look,
    each: Field,
    name: str,
    entry: Any,
    sheet: Sheet,
    *,
    errors: Sequence[str] = (),
    is_wide: bool = False,
    is_cell: bool = False,
) -> Input:
    """Present one field to enter."""
    target = each.type.lookup()
    widget = each.type.widget if each.type.widget in WIDGETS else "text"
    value, unit, values = _parts(widget, entry)
    offered, along = _offered(look, each, name, sheet)
    return Input(
        name=name,
        id=_id(name),
        label=each.shown_label().show(look.locale),
        widget=widget,
        value=value,
        unit=unit,
        values=values,
        shown=sheet.typed.get(name) or (look.showing.titles.get(value, "") if target else ""),
        choices=_choices(look, each, target, value, values, sheet, unit=unit, widget=widget),
        suggest=address.suggest(target) if target else "",
        offered=offered,
        along=along,
        is_required=each.required or (not is_cell and each.name in sheet.required),
        is_wide=is_wide or widget == "textarea",
        help=each.help.show(look.locale) if each.help and not is_cell else "",
        errors=tuple(errors),
        align=each.type.align,
        is_cell=is_cell,
        refresh=sheet.action if each.name in sheet.leading and not is_cell else "",
        has_plain=sheet.has_plain,
    )


def entered(look: Look, fields: Iterable[Field], sheet: Sheet) -> tuple[Input, ...]:
    """Present fields that stand for themselves, in no record: the parameters of a report."""
    return tuple(
        enter(
            look,
            each,
            each.name,
            sheet.entries.get(each.name),
            sheet,
            errors=_said(look, sheet.errors.get(each.name, ())),
        )
        for each in fields
    )


def _offered(look: Look, each: Field, name: str, sheet: Sheet) -> tuple[str, tuple[str, ...]]:
    """Say for which field a lookup asks, and what is sent along; nothing where it offers every record of its object."""
    if each.type.offers() is None or not sheet.object:
        return "", ()
    model = look.catalog.object(sheet.object)
    lines, dot, _ = name.partition(".")
    if dot:
        model = look.catalog.object(model.field(lines).type.lines() or "")
    offer = offer_of(look.catalog, model, each.name)
    if offer is None:
        return "", ()
    start = name.removesuffix(each.name)
    names = (*(f"{start}{one}" for one in sorted(offer.reads)), *sorted(offer.above))
    record = f"&record={sheet.record.id}" if sheet.record else ""
    return f"&for={model.name}.{each.name}{record}", tuple(sent for one in names for sent in (one, f"{one}.currency"))


def _parts(widget: str, entry: Any) -> tuple[str, str, tuple[str, ...]]:
    """Split what stands in a widget: its text, its currency, its choices."""
    match entry:
        case None:
            return "", "", ()
        case bool():
            return ("true" if entry else ""), "", ()
        case Mapping():
            return str(entry.get("amount") or ""), str(entry.get("currency") or ""), ()
        case str():
            return entry, "", (entry,) if widget == "multiselect" and entry else ()
        case list() | tuple() | set() | frozenset():
            return "", "", tuple(str(each) for each in entry)
        case _:
            return str(entry), "", ()


def _choices(
    look: Look,
    each: Field,
    target: str | None,
    value: str,
    values: Sequence[str],
    sheet: Sheet,
    *,
    unit: str,
    widget: str,
) -> tuple[Choice, ...]:
    chosen = {value, *values} - {""}
    if target:
        first = dict(sheet.choices.get(target, ()))
        if value and value not in first:
            first = {value: look.showing.titles.get(value, "…"), **first}
        return tuple(Choice(key, title, key in chosen) for key, title in first.items())
    if widget == "money":
        mine = unit or look.showing.base_currency
        names = dict.fromkeys((look.showing.base_currency, *CURRENCIES, mine))
        return tuple(Choice(name, name, name == mine) for name in names)
    begins = _begins(look, each, sheet)
    return tuple(
        Choice(option.value, option.label.show(look.locale), option.value in chosen)
        for option in choices_of(each, look)
        if option.value in chosen or (option.active and (not begins or option.value in begins))
    )


def _begins(look: Look, each: Field, sheet: Sheet) -> tuple[str, ...]:
    """Give the states that a new record may begin in, where this is its state and they are said."""
    model = look.catalog.objects.get(sheet.object) if sheet.record is None else None
    states = model.definition.states if model is not None else None
    return states.initial if states is not None and states.field == each.name else ()


def _of_lines(look: Look, place: layout.Place, sheet: Sheet, errors: Sequence[str]) -> Input:
    each = place.field
    child = look.catalog.object(each.type.lines() or "")
    fields = [child.fields[name] for name in place.columns if name in child.fields]
    entered = list(sheet.entries.get(each.name) or ())
    blanks = sheet.more.get(each.name, 0 if entered else 1)
    rows = [_line(look, each.name, str(at), line, fields, sheet, position=at) for at, line in enumerate(entered)]
    begins = sheet.begins.get(each.name, {})
    rows += [_line(look, each.name, str(len(entered) + at), begins, fields, sheet) for at in range(blanks)]
    table = LinesInput(
        name=each.name,
        columns=tuple(
            LineColumn(column.shown_label().show(look.locale), column.type.align, column.required) for column in fields
        ),
        rows=tuple(rows),
        template=_line(look, each.name, "__index__", begins, fields, sheet),
        more=f"more:{each.name}",
    )
    label = each.shown_label().show(look.locale)
    return Input(each.name, f"field-{each.name}", label, "lines", is_wide=True, errors=tuple(errors), lines=table)


def _line(
    look: Look,
    lines: str,
    index: str,
    entry: Mapping[str, Any],
    fields: Sequence[Field],
    sheet: Sheet,
    *,
    position: int | None = None,
) -> LineInput:
    inputs = tuple(_line_input(look, lines, index, each, entry, sheet, position) for each in fields)
    whole = _said(look, sheet.errors.get(f"{lines}[{position}]", ())) if position is not None else ()
    return LineInput(index, str(entry.get("id") or ""), inputs, whole)


def _line_input(
    look: Look,
    lines: str,
    index: str,
    each: Field,
    entry: Mapping[str, Any],
    sheet: Sheet,
    position: int | None,
) -> Input:
    name = f"{lines}.{index}.{each.name}"
    if each.is_computed:
        known = sheet.computed_lines.get(lines, ())
        if position is not None and position < len(known) and each.name in known[position]:
            return computed(look, each, name, known[position][each.name], is_cell=True)
        shown = Cell(str(entry.get(each.name) or ""), each.type.align)
        label = each.shown_label().show(look.locale)
        return Input(name, _id(name), label, "fixed", fixed=shown, align=each.type.align, is_cell=True)
    errors = _said(look, sheet.errors.get(f"{lines}[{position}].{each.name}", ())) if position is not None else ()
    return enter(look, each, name, entry.get(each.name), sheet, errors=errors, is_cell=True)


def _said(look: Look, messages: Iterable[Message]) -> tuple[str, ...]:
    return tuple(message.show(look.locale) for message in messages)


def computed_inputs(
    look: Look,
    model: ObjectModel,
    values: Mapping[str, Any],
    lines: Mapping[str, Sequence[Mapping[str, Any]]],
    places: Mapping[str, Sequence[str]],
) -> tuple[Input, ...]:
    """Present everything that formulas give, under the names that it has on the page.

    `places` are the numbers of the lines on the page; one beyond those that `lines` has is blank.
    """
    found = [computed(look, model.fields[name], name, value) for name, value in values.items()]
    for name, indices in places.items():
        child = look.catalog.object(model.fields[name].type.lines() or "")
        known = lines.get(name, ())
        for at, index in enumerate(indices):
            names = known[at] if at < len(known) else dict.fromkeys(known[0] if known else _formulas(child))
            found += [
                computed(look, child.fields[each], f"{name}.{index}.{each}", value, is_cell=True)
                for each, value in names.items()
            ]
    return tuple(found)


def _formulas(model: ObjectModel) -> tuple[str, ...]:
    return tuple(each.name for each in model.own_fields() if each.type.computed_by() is not None)


def problems(look: Look, model: ObjectModel, errors: Mapping[str, Sequence[Message]]) -> tuple[Link, ...]:
    """Present everything that is wrong, each with a link to its field."""
    found = []
    for name, messages in errors.items():
        label, target = _where(look, model, name)
        for said in _said(look, messages):
            # A sentence that names the field needs no label before it.
            shown = (
                said
                if not label or label in said
                else Message("{label}: {said}", label=label, said=said).show(look.locale)
            )
            found.append(Link(shown, f"#{target}" if target else ""))
    return tuple(found)


def _where(look: Look, model: ObjectModel, name: str) -> tuple[str, str]:
    """Give the label of what a message is about, and what to jump to."""
    in_line = _LINE.match(name)
    if in_line is None:
        each = model.fields.get(name)
        return (each.shown_label().show(look.locale), f"field-{name}") if each else ("", "")
    lines = model.fields.get(in_line["lines"])
    if lines is None:
        return "", ""
    child = look.catalog.object(lines.type.lines() or "")
    at = int(in_line["index"])
    line_label = f"{lines.shown_label().show(look.locale)} {at + 1}"
    each = child.fields.get(in_line["field"] or "")
    if each is None:
        return line_label, f"field-{lines.name}"
    return f"{line_label} · {each.shown_label().show(look.locale)}", f"field-{lines.name}-{at}-{each.name}"


def sheet_of(entries: Entries, **more: Any) -> Sheet:
    """Give the sheet of a form that was sent, so that nothing typed is lost."""
    return Sheet(entries=entries.values, typed=entries.typed, **more)
