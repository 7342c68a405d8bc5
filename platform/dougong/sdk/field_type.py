"""what a field type must be able to do"""

from __future__ import annotations

import datetime as dt
import decimal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dougong.base.text import Text
from dougong.expressions.types import Type
from dougong.sdk.values import OnDelete

V = TypeVar("V")

Comparison = Literal[
    "is",
    "is_not",
    "contains",
    "starts_with",
    "at_least",
    "at_most",
    "any_of",
    "has",
    "is_blank",
    "is_not_blank",
]
"""What a filter may ask of a field; each becomes a piece of an expression."""


@dataclass(frozen=True)
class Column:
    """One physical column of a field. The first column of a field has no suffix."""

    suffix: str
    """`""` for the value itself, `_currency` and the like for the rest."""
    type: sa.types.TypeEngine[Any]


@dataclass(frozen=True)
class Reading:
    """What a field type may know while it reads a value. It reaches no database."""

    locale: str = "en"
    by_hand: bool = False
    """A person typed it in `locale`: German `1.280,50`, and `12.5` for 12.5 %. Otherwise (JSON, seed, our
    own exports) numbers are read as English, and a percentage without its sign is a fraction."""
    zone: str = "UTC"
    today: dt.date = dt.date(1970, 1, 1)
    base_currency: str = "CNY"
    rate: Callable[[str, dt.date], decimal.Decimal | None] = field(default=lambda currency, day: None)
    """How much base currency one unit of another buys on a day; None where no rate is known."""
    options: Callable[[str], Sequence[Option]] = field(default=lambda name: ())
    """The entries of an `options` definition by its name."""

    @property
    def number_locale(self) -> str:
        """In which locale numbers are written."""
        return self.locale if self.by_hand else "en"


@dataclass(frozen=True)
class Showing:
    """How a value is shown: for whom, and with which titles of records."""

    locale: str = "en"
    zone: str = "UTC"
    base_currency: str = "CNY"
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the records that lookups of this page point to, by id."""
    options: Callable[[str], Sequence[Option]] = field(default=lambda name: ())
    today: dt.date | None = None
    """The reader's day, from which dates in lists are told shortly; None where it is not known."""


class Option(BaseModel):
    """One entry of a choice."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    value: Annotated[str, StringConstraints(pattern=r"^[^\s;]([^;\n]{0,98}[^\s;])?$")] = Field(
        description="What is stored and what expressions compare with; without semicolons."
    )
    label: Text = Field(description="What people see.")
    colour: Annotated[str, StringConstraints(pattern=r"^(#[0-9a-fA-F]{6}|[a-z][a-z0-9-]{1,29})$")] | None = Field(
        default=None, description="The colour of its badge."
    )
    active: bool = Field(default=True, description="Whether it may still be chosen; records that have it keep it.")


class FieldType(BaseModel, ABC, Generic[V]):
    """How one sort of value is stored, read, shown and compared.

    Subclass it as a frozen pydantic model: its fields are the options an author may set in YAML, with
    their JSON Schema; the class variables are facts about the type. Blank values never get here: the gate
    deals with them once, for every type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: ClassVar[str]
    label: ClassVar[Text]
    widget: ClassVar[str] = "text"
    """Which macro of `ui_templates/widgets.html` enters it."""
    comparisons: ClassVar[tuple[Comparison, ...]] = ("is", "is_not", "is_blank", "is_not_blank")
    align: ClassVar[Literal["start", "end", "center"]] = "start"
    is_computed: ClassVar[bool] = False
    """Nobody enters it: a formula, a number the system gives."""

    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """Say which columns hold a value: one, several, or none (children, virtual formulas)."""

    @abstractmethod
    def expression_type(self) -> Type | None:
        """Say what the field is in expressions; None where expressions cannot read it."""

    @abstractmethod
    def parse(self, raw: Any, reading: Reading) -> V:
        """Read what JSON or a form brought (a form brings text), or raise `InvalidValue`."""

    def format(self, value: V, showing: Showing) -> str:
        """Show a value as text, in the reader's language."""
        return str(value)

    def brief(self, value: V, showing: Showing) -> str:
        """Show a value in a list, where there is little room; the whole of it stands in its title."""
        return self.format(value, showing)

    def is_money(self) -> bool:
        """Whether expressions over the field compute in base currency."""
        return False

    def entry(self, value: V, showing: Showing) -> Any:
        """Give what the form's widget begins with, such that `parse` with `by_hand` gives the value back."""
        return self.dump(value)

    def dump(self, value: V) -> Any:
        """Give a value to JSON, by contracts section 4."""
        return value

    def in_base_currency(self, code: str) -> FieldType[Any]:
        """Give the type that dumps values and writes cells where base currency is known; most are it themselves."""
        return self

    def store(self, value: V) -> tuple[Any, ...]:
        """Split a value into its columns, in their order."""
        return (value,)

    def restore(self, stored: Sequence[Any]) -> V:
        """Put a value together from its columns; the first is not None."""
        value: V = stored[0]
        return value

    def number(self, value: V) -> Any:
        """Give the value that expressions compute with (money gives its base amount)."""
        return value

    def compute(self, value: Any) -> V:
        """Give what an expression computed the form of this type: rounded to its decimal places, say."""
        computed: V = value
        return computed

    def read_cell(self, text: str, reading: Reading) -> V:
        """Read a cell of a CSV or XLSX file."""
        return self.parse(text, reading)

    def write_cell(self, value: V) -> Any:
        """Give the cell of an export, such that `read_cell` gives it back: text, number, date or bool."""
        return self.dump(value)

    def value_column(self) -> str:
        """Say which column expressions read (its suffix): money is read by its base amount."""
        return ""

    def sort_column(self) -> str | None:
        """Say which column lists sort by (its suffix); None where the type does not sort."""
        return ""

    def json_schema(self) -> dict[str, Any]:
        """Describe the dumped value, for the OpenAPI document."""
        return {"type": "string"}

    def is_blank(self, raw: Any) -> bool:
        """Whether JSON, a form or a cell brought nothing."""
        return raw is None or (isinstance(raw, str) and not raw.strip())

    def blank(self) -> V | None:
        """Give what stands where nothing was entered; only a boolean has such a value."""
        return None

    def choices(self, showing: Showing) -> Sequence[Option]:
        """Give the entries to choose from, also those no longer active; empty for all but choices."""
        return ()

    def within(self, object_name: str) -> Self:
        """Give the type as it stands in an object; a tree learns there what it points to."""
        return self

    def lookup(self) -> str | None:
        """Name the object that a value points to, if it points to one."""
        return None

    def list_label(self) -> Text | None:
        """Say what the records that point to one are called on its page; None: as their object is called."""
        return None

    def offers(self) -> str | None:
        """Give the condition for records that a value may point to, over their fields; `this` is the pointing one."""
        return None

    def lines(self) -> str | None:
        """Name the object of nature `child` that this field holds, if it holds children."""
        return None

    def when_deleted(self) -> OnDelete:
        """Say what becomes of a record when the one that this field points to is deleted."""
        return "refuse"

    def path_column(self) -> str | None:
        """Name the column (its suffix) for the ids from the root of a tree down; the gate fills it."""
        return None

    def numbering(self) -> str | None:
        """Give the pattern by which the gate numbers new records (see `sdk.numbering`)."""
        return None

    def computed_by(self) -> str | None:
        """Give the expression that computes the value. It is stored where the type has columns."""
        return None

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the options as a whole, for `check`; most have nothing to say."""
        return ()
