"""a filter put together out of conditions in groups, and the expression that it is"""

from __future__ import annotations

import datetime as dt
import decimal
import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dougong.base.errors import InvalidValue
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.object import Field
from dougong.sdk.numbers import read_decimal
from dougong.web.present.filters import Choice, kind_of, quoted
from dougong.web.present.page import Frame
from dougong.web.present.value import Look, at_path, choices_of

MOST_GROUPS, MOST_ROWS = 5, 12
_ROW = re.compile(r"g(\d)\.r(\d{1,2})\.field")

BLANKS = (("blank", Message("is blank")), ("not_blank", Message("is not blank")))
OPERATORS: Mapping[str, tuple[tuple[str, Message], ...]] = MappingProxyType({
    "words": (("contains", Message("contains")), ("not_contains", Message("does not contain")),
              ("is", Message("is")), ("is_not", Message("is not")), *BLANKS),
    "choice": (("is", Message("is")), ("is_not", Message("is not")), *BLANKS),
    "numbers": (("is", Message("=")), ("is_not", Message("≠")), ("least", Message("≥")), ("most", Message("≤")),
                ("more", Message(">")), ("less", Message("<")), *BLANKS),
    "dates": (("on", Message("is on")), ("from", Message("is on or after")), ("until", Message("is on or before")),
              ("last", Message("is in the last … days")), ("next", Message("is in the next … days")), *BLANKS),
    "yes_no": (("yes", Message("is yes")), ("no", Message("is no"))),
    "record": (("contains", Message("contains")), ("me", Message("is me")), *BLANKS),
})  # fmt: skip
"""What can be asked of a field, by how it is entered."""
WITHOUT_VALUE = frozenset({"blank", "not_blank", "yes", "no", "me"})


@dataclass(frozen=True)
class Condition:
    """One condition, as it was entered."""

    name: str
    """How its controls begin: `g0.r1`."""
    field: str = ""
    """The field that is asked about; blank: none yet."""
    operator: str = ""
    """What is asked."""
    value: str = ""
    """With which value."""
    operators: tuple[Choice, ...] = ()
    """What can be asked of the field."""
    choices: tuple[Choice, ...] = ()
    """The values, where they are options."""
    type: str = "text"
    """How a value is entered: `text`, `number` or `date`; blank where none is wanted."""
    error: str = ""
    """What is wrong with it."""


@dataclass(frozen=True)
class Group:
    """Conditions of which all or one must hold."""

    name: str
    """How its controls begin: `g0`."""
    any: bool
    """Whether one is enough."""
    rows: tuple[Condition, ...]
    """The conditions."""


@dataclass(frozen=True)
class BuilderPage:
    """Building a filter."""

    frame: Frame
    """What stands around it."""
    heading: str
    """The page's title."""
    action: str
    """Where it is sent."""
    hidden: tuple[tuple[str, str], ...]
    """The list's address, to come back to it."""
    fields: tuple[Choice, ...]
    """What can be asked about."""
    groups: tuple[Group, ...]
    """The groups."""
    any: bool
    """Whether it is enough that one group holds."""
    further: str
    """A condition that the list had already, as an expression."""
    expression: str
    """What has been put together."""
    back_href: str
    """The list."""
    problem: str = ""
    """What is wrong with all of it."""


def fields_of(look: Look, model: ObjectModel, readable: frozenset[str]) -> dict[str, Field]:
    """Give the fields that can be asked about."""
    own = (field for field in model.fields.values() if field.name in readable and field.name != "id")
    return {field.name: field for field in own if kind_of(field, look) in OPERATORS}


def read(look: Look, model: ObjectModel, sent: Mapping[str, str], readable: frozenset[str]) -> tuple[Group, ...]:
    """Read the conditions of a form; there is always one group with a place for one more condition."""
    known = fields_of(look, model, readable)
    found: dict[int, list[tuple[int, Condition]]] = {}
    for key in sent:
        match = _ROW.fullmatch(key)
        if match is None or int(match[1]) >= MOST_GROUPS or int(match[2]) >= MOST_ROWS:
            continue
        start = key.removesuffix(".field")
        name = sent[key] if sent[key] in known else ""
        entered = Condition(start, name, sent.get(f"{start}.op", ""), sent.get(f"{start}.value", "").strip())
        found.setdefault(int(match[1]), []).append((int(match[2]), entered))
    do = sent.get("do", "")
    count = max([*found, 0]) + 1 + (do == "group")
    groups = []
    for at in range(min(count, MOST_GROUPS)):
        rows = [row for _, row in sorted(found.get(at, []), key=lambda pair: pair[0]) if row.field]
        more = [Condition("")] if not rows or do == f"row:g{at}" or sent.get("do") == "refresh" else []
        named = [*rows, *more][:MOST_ROWS]
        shown = tuple(_presented(look, known, row, f"g{at}.r{place}") for place, row in enumerate(named))
        groups.append(Group(f"g{at}", sent.get(f"g{at}.any") == "any", shown))
    return tuple(groups)


def _presented(look: Look, known: Mapping[str, Field], row: Condition, name: str) -> Condition:
    if not row.field:
        return Condition(name)
    field = known[row.field]
    kind = kind_of(field, look) or "words"
    operators = OPERATORS[kind]
    operator = row.operator if row.operator in dict(operators) else operators[0][0]
    choices = choices_of(field, look) if kind == "choice" else ()
    return Condition(
        name=name,
        field=row.field,
        operator=operator,
        value=row.value,
        operators=tuple(Choice(key, label.show(look.locale), key == operator) for key, label in operators),
        choices=tuple(Choice(each.value, each.label.show(look.locale), each.value == row.value) for each in choices),
        type=_value_type(kind, operator),
        error=_wrong(look, field, kind, operator, row.value),
    )


def _value_type(kind: str, operator: str) -> str:
    if operator in WITHOUT_VALUE:
        return ""
    if kind == "dates":
        return "number" if operator in ("last", "next") else "date"
    return "text"


def _wrong(look: Look, field: Field, kind: str, operator: str, value: str) -> str:
    """Say what is wrong with a value; nothing as long as none is entered."""
    if operator in WITHOUT_VALUE or not value:
        return ""
    said = None
    if kind == "numbers" and _number(value, look.locale) is None:
        said = Message("Enter a number.", code="number")
    elif kind == "dates" and operator in ("last", "next") and not (value.isdigit() and len(value) < 6):
        said = Message("Enter a number of days.", code="number")
    elif kind == "dates" and operator not in ("last", "next") and _date(value) is None:
        said = Message("Enter a date.", code="date")
    elif kind == "choice" and value not in {each.value for each in choices_of(field, look)}:
        said = Message("Choose one of the options.", code="option")
    return said.show(look.locale) if said else ""


# ---- the expression --------------------------------------------------------------------------------------------------


def expression(look: Look, model: ObjectModel, groups: Sequence[Group], *, any_group: bool) -> str:
    """Write the conditions as one expression; those that are not entered to the end are left out."""
    written = []
    for group in groups:
        pieces = [piece for row in group.rows if (piece := _written(look, model, row))]
        if pieces:
            joined = (" or " if group.any else " and ").join(pieces)
            written.append(f"({joined})" if len(pieces) > 1 else joined)
    return (" or " if any_group else " and ").join(written)


def _written(look: Look, model: ObjectModel, row: Condition) -> str:
    if not row.field or row.error or (not row.value and row.operator not in WITHOUT_VALUE):
        return ""
    field = model.field(row.field)
    kind = kind_of(field, look) or "words"
    if row.operator in ("blank", "not_blank"):
        return f"{row.field} is {'not ' if row.operator == 'not_blank' else ''}null"
    write: Mapping[str, Callable[[Look, ObjectModel, Field, Condition], str]] = {
        "words": _of_words, "choice": _of_choice, "numbers": _of_number, "dates": _of_date, "yes_no": _of_yes_no,
        "record": _of_record,
    }  # fmt: skip
    return write[kind](look, model, field, row)


def _of_words(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    value = quoted(row.value)
    match row.operator:
        case "contains":
            return f"contains({row.field}, {value})"
        case "not_contains":
            return f"not contains({row.field}, {value})"
        case _:
            return f"{row.field} {'!=' if row.operator == 'is_not' else '=='} {value}"


def _of_choice(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    kind = field.type.expression_type()
    negated = row.operator == "is_not"
    if kind is not None and kind.sort == "codes":
        return f"{'not ' if negated else ''}{quoted(row.value)} in {row.field}"
    return f"{row.field} {'!=' if negated else '=='} {quoted(row.value)}"


_SIGNS = {"is": "==", "is_not": "!=", "least": ">=", "most": "<=", "more": ">", "less": "<"}


def _of_number(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    return f"{row.field} {_SIGNS[row.operator]} {_number(row.value, look.locale):f}"


def _of_yes_no(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    return row.field if row.operator == "yes" else f"not {row.field}"


def _of_record(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    if row.operator == "me":
        return f"{row.field} == me"
    found = at_path(look.catalog, model.name, f"{row.field}.title")
    return f"contains({row.field}.{found[0].name if found else 'id'}, {quoted(row.value)})"


def _of_date(look: Look, model: ObjectModel, field: Field, row: Condition) -> str:
    kind = field.type.expression_type()
    of_moments = kind is not None and kind.sort == "moment"
    if row.operator in ("last", "next"):
        now = "now()" if of_moments else "today()"
        days = f"days({int(row.value)})"
        first, last = (f"{now} - {days}", now) if row.operator == "last" else (now, f"{now} + {days}")
        return f"({row.field} >= {first} and {row.field} <= {last})"
    day = _date(row.value) or dt.date.min
    begins, ends = (
        _edge(day, look, of_moments=of_moments),
        _edge(day + dt.timedelta(days=1), look, of_moments=of_moments),
    )
    match row.operator:
        case "from":
            return f"{row.field} >= {begins}"
        case "until":
            return f"{row.field} < {ends}"
        case _:
            return f"({row.field} >= {begins} and {row.field} < {ends})"


def _edge(day: dt.date, look: Look, *, of_moments: bool) -> str:
    if not of_moments:
        return quoted(day.isoformat())
    begins = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(look.showing.zone)).astimezone(dt.UTC)
    return quoted(f"{begins:%Y-%m-%dT%H:%M:%S}Z")


def _number(text: str, locale: str) -> decimal.Decimal | None:
    try:
        return read_decimal(text, locale)
    except InvalidValue:
        return None


def _date(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if dt.date(1, 1, 3) < found < dt.date(9999, 12, 30) else None
