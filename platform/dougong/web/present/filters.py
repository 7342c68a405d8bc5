"""quick filters of a list: what the address says, as an expression"""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dougong.catalog.model import Catalog
from dougong.definitions.kinds.object import Field
from dougong.web.present.value import Look, at_path, choices_of

PREFIX = "f."


@dataclass(frozen=True)
class Choice:
    """One entry of a select."""

    value: str
    """What is sent."""
    label: str
    """What is read."""
    is_chosen: bool = False
    """Whether it is chosen now."""


@dataclass(frozen=True)
class Filter:
    """One quick filter above a list."""

    field: str
    """The field it asks about."""
    label: str
    """What the person reads."""
    sort: str
    """How it is entered: `choice`, `yes_no`, `dates`, `numbers`, `words` or `record`."""
    name: str
    """Its name in the address."""
    value: str = ""
    """What is asked now; from, for a pair."""
    until: str = ""
    """To, for a pair."""
    choices: tuple[Choice, ...] = ()
    """What there is to choose from."""
    shown: str = ""
    """What is asked now, in words; blank when nothing is."""
    without: str = ""
    """The address of the list without this filter."""
    suggest: str = ""
    """For a record: where to ask for suggestions."""


def kind_of(field: Field, look: Look) -> str | None:
    """Say how a filter for a field is entered; None where it cannot be filtered."""
    if choices_of(field, look):
        return "choice"
    kind = field.type.expression_type()
    if kind is None:
        return None
    match kind.sort:
        case "boolean":
            return "yes_no"
        case "date" | "moment":
            return "dates"
        case "number":
            return "numbers"
        case "record":
            return "record"
        case "text":
            return "words"
        case _:
            return None


def read(look: Look, object_name: str, names: Iterable[str], asked: Mapping[str, str]) -> tuple[Filter, ...]:
    """Give the quick filters for some fields, with what the address asks of them."""
    model = look.catalog.object(object_name)
    fields = [model.fields[name] for name in names if name in model.fields]
    return tuple(found for field in fields if (found := _one(look, field, asked)) is not None)


def _one(look: Look, field: Field, asked: Mapping[str, str]) -> Filter | None:
    sort = kind_of(field, look)
    if sort is None:
        return None
    name = PREFIX + field.name
    label = field.shown_label().show(look.locale)
    target = field.type.lookup()
    value, until = asked.get(name, "").strip(), asked.get(name + ".to", "").strip()
    choices = _choices(look, field, sort, value)
    return Filter(
        field=field.name,
        label=label,
        sort=sort,
        name=name,
        value=value,
        until=until,
        choices=choices,
        shown=_shown(choices, value, until),
        suggest=f"/o/{target}/suggest" if target else "",
    )


def _choices(look: Look, field: Field, sort: str, value: str) -> tuple[Choice, ...]:
    if sort != "choice":
        return ()
    options = choices_of(field, look)
    return tuple(
        Choice(option.value, option.label.show(look.locale), option.value == value)
        for option in options
        if option.active or option.value == value
    )


def _shown(choices: Sequence[Choice], value: str, until: str) -> str:
    if choices:
        return next((choice.label for choice in choices if choice.is_chosen), "")
    if until:
        return f"{value} – {until}".strip()
    return value


# What is asked becomes an expression like any other, so that a filter can do no more than a reader may.


def expression(catalog: Catalog, object_name: str, filters: Iterable[Filter], *, zone: str) -> str | None:
    """Write what all filters ask as one expression; None where nothing is asked."""
    pieces = [piece for each in filters for piece in _pieces(catalog, object_name, each, zone)]
    return " and ".join(pieces) or None


def together(*parts: str | None) -> str | None:
    """Join conditions that must all hold."""
    given = [part for part in parts if part]
    if len(given) <= 1:
        return given[0] if given else None
    return " and ".join(f"({part})" for part in given)


def quoted(text: str) -> str:
    """Write a text as a literal of the expression language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ").replace("\0", "")
    return f'"{escaped}"'


def _pieces(catalog: Catalog, object_name: str, asked: Filter, zone: str) -> list[str]:
    if not asked.value and not asked.until:
        return []
    name = asked.field
    write: Mapping[str, Callable[[], list[str]]] = {
        "choice": lambda: [_is_choice(catalog, object_name, asked)],
        "yes_no": lambda: [name if asked.value == "yes" else f"not {name}"],
        "dates": lambda: _between(catalog, object_name, asked, zone),
        "numbers": lambda: _numbers(asked),
        "record": lambda: [_titled(catalog, object_name, asked)],
        "words": lambda: [f"contains({name}, {quoted(asked.value)})"],
    }
    return write[asked.sort]()


def _is_choice(catalog: Catalog, object_name: str, asked: Filter) -> str:
    kind = catalog.type_of(object_name, asked.field)
    if kind is not None and kind.sort == "codes":
        return f"{quoted(asked.value)} in {asked.field}"
    return f"{asked.field} == {quoted(asked.value)}"


def _numbers(asked: Filter) -> list[str]:
    pieces = []
    for sign, text in ((">=", asked.value), ("<=", asked.until)):
        number = _number(text)
        if number is not None:
            pieces.append(f"{asked.field} {sign} {number}")
    return pieces


def _number(text: str) -> str | None:
    try:
        number = decimal.Decimal(text.replace(",", "").replace("，", ""))
    except decimal.InvalidOperation:
        return None
    return f"{number:f}" if number.is_finite() else None


def _between(catalog: Catalog, object_name: str, asked: Filter, zone: str) -> list[str]:
    kind = catalog.type_of(object_name, asked.field)
    of_moments = kind is not None and kind.sort == "moment"
    first, last = _date(asked.value), _date(asked.until)
    pieces = []
    if first:
        pieces.append(f"{asked.field} >= {_moment(first, zone) if of_moments else _day(first)}")
    if last and of_moments:
        pieces.append(f"{asked.field} < {_moment(last + dt.timedelta(days=1), zone)}")
    elif last:
        pieces.append(f"{asked.field} <= {_day(last)}")
    return pieces


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _day(day: dt.date) -> str:
    return quoted(day.isoformat())


def _moment(day: dt.date, zone: str) -> str:
    """Write the moment at which a day begins for the reader."""
    begins = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
    return quoted(f"{begins:%Y-%m-%dT%H:%M:%S}Z")


def _titled(catalog: Catalog, object_name: str, asked: Filter) -> str:
    """Ask for records whose lookup leads to a record with such a title."""
    if asked.value == "me":
        return f"{asked.field} == me"
    found = at_path(catalog, object_name, f"{asked.field}.title")
    title = found[0].name if found else "id"
    return f"contains({asked.field}.{title}, {quoted(asked.value)})"
