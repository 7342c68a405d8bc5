"""one value as a reader sees it"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.catalog.model import Catalog
from dougong.definitions.kinds.object import Field
from dougong.sdk.field_type import FieldType, Option, Showing
from dougong.web.present import address


@dataclass(frozen=True)
class Badge:
    """One choice, as a coloured word."""

    label: str
    """What the person reads."""
    colour: str = ""
    """A hue of the design system; blank is grey."""


@dataclass(frozen=True)
class Cell:
    """One value as its reader sees it."""

    text: str
    """The value in words; blank where there is none."""
    align: str = "start"
    """`start`, `end` or `center`."""
    href: str = ""
    """Where it leads: a record, an address to write to; blank for nowhere."""
    badges: tuple[Badge, ...] = ()
    """Choices, shown instead of the text."""
    is_long: bool = False
    """Whether it has lines of its own."""
    is_blank: bool = False
    """Whether there is no value."""
    title: str = ""
    """The whole value, where the text is a shorter form of it."""


@dataclass(frozen=True)
class Look:
    """For whom values are shown, and what may be opened."""

    catalog: Catalog
    """All definitions."""
    showing: Showing
    """Language, zone and titles."""
    can_open: Callable[[str], bool] = lambda object_name: False
    """Whether this person may read records of an object."""

    @property
    def locale(self) -> str:
        """The reader's language."""
        return self.showing.locale

    def with_titles(self, titles: Mapping[str, str]) -> Look:
        """Give the same look, with the titles that came with some records."""
        return dataclasses.replace(self, showing=dataclasses.replace(self.showing, titles=titles))


_ADDRESSES: Mapping[str, Callable[[str], str]] = {
    "email": lambda text: f"mailto:{text}",
    "tel": lambda text: "tel:" + "".join(sign for sign in text if sign.isdigit() or sign == "+"),
    "url": lambda text: text if text.startswith(("http://", "https://")) else "",
}
"""Where a value leads, by the widget that enters it."""

LONG_WIDGETS = frozenset({"textarea"})


def choices_of(field: Field, look: Look) -> Sequence[Option]:
    """Give the choices of a field; none where it has none."""
    choices: Sequence[Option] = field.type.choices(look.showing)
    return choices


def cell(look: Look, field: Field, value: Any) -> Cell:
    """Present one value."""
    return shower(look, field)(value)


def shower(look: Look, field: Field, *, is_brief: bool = False) -> Callable[[Any], Cell]:
    """Say how the values of one field are presented: what is the same for a whole column is found out once.

    In a list (`is_brief`) there is little room: dates are short, with the whole in their title.
    """
    blank = Cell("", field.type.align, is_blank=True)
    show = _shower(look, field, is_brief=is_brief)

    def one(value: Any) -> Cell:
        return blank if value is None or value == "" or value == () or value == [] else show(value)

    return one


def _shower(look: Look, field: Field, *, is_brief: bool) -> Callable[[Any], Cell]:
    align = field.type.align
    options = choices_of(field, look)
    if options:
        return _of_choices(look, field, options)
    target = field.type.lookup()
    if target:
        return _of_record(look, target, align)
    widget = field.type.widget
    lead = _ADDRESSES.get(widget, _nowhere)
    is_long = widget in LONG_WIDGETS
    format_, showing = field.type.format, look.showing

    def show(value: Any) -> Cell:
        text = format_(value, showing)
        return Cell(text, align, lead(text), is_long=is_long)

    def show_briefly(value: Any) -> Cell:
        text, whole = brief(value, showing), format_(value, showing)
        return Cell(text, align, lead(whole), is_long=is_long, title=whole if whole != text else "")

    brief = field.type.brief
    return show_briefly if is_brief and type(field.type).brief is not FieldType.brief else show


def _nowhere(text: str) -> str:
    return ""


def _of_record(look: Look, target: str, align: str) -> Callable[[Any], Cell]:
    titles = look.showing.titles
    start = address.record(target, "") if look.can_open(target) else ""

    def show(record_id: Any) -> Cell:
        title = titles.get(record_id)
        if title is None:
            return Cell("…", align)
        return Cell(title, align, f"{start}{record_id}" if start else "")

    return show


def _of_choices(look: Look, field: Field, options: Sequence[Option]) -> Callable[[Any], Cell]:
    # Colour means something; a list of choices without any is only words.
    is_coloured = any(option.colour for option in options)
    known = {option.value: Badge(option.label.show(look.locale), option.colour or "") for option in options}
    shown: dict[Any, Cell] = {}

    def show(value: Any) -> Cell:
        key = value if isinstance(value, str) else tuple(value)
        if key not in shown:
            several = not isinstance(value, str)
            badges = tuple(known.get(each, Badge(str(each))) for each in (value if several else [value]))
            text = field.type.format(value, look.showing)
            shown[key] = Cell(text, field.type.align, badges=badges if is_coloured or several else ())
        return shown[key]

    return show


def at_path(catalog: Catalog, object_name: str, path: str) -> tuple[Field, str] | None:
    """Give the field at the end of a path over lookups and the object it belongs to; None where there is none."""
    *steps, last = path.split(".")
    for step in steps:
        found = catalog.object(object_name).fields.get(step)
        target = found.type.lookup() if found else None
        if target is None:
            return None
        object_name = target
    if last == "title" and "title" not in catalog.object(object_name).fields:
        last = catalog.object(object_name).title or "id"
    field = catalog.object(object_name).fields.get(last)
    return (field, object_name) if field else None
