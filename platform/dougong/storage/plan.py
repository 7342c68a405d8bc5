"""a plan and its steps, as data"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, assert_never

from dougong.base.errors import BadRequest
from dougong.base.text import Message

FORMAT = 1


@dataclass(frozen=True)
class NewColumn:
    """A column as the database will have it: everything already in words of its dialect."""

    name: str
    type: str
    is_key: bool = False
    default: str | None = None
    """A constant that rows get which were there before."""
    references: str | None = None
    """The table that a lookup points to."""


@dataclass(frozen=True)
class CreateTable:
    """A table for a new object, and one for its history."""

    table: str
    history: str
    columns: tuple[NewColumn, ...]
    past: tuple[NewColumn, ...]


@dataclass(frozen=True)
class AddColumn:
    """A column for a new field, in the table and in its history."""

    table: str
    history: str
    column: NewColumn


@dataclass(frozen=True)
class ConvertColumn:
    """A field of a new type: its new columns are filled from the old ones. What cannot be read stays aside."""

    table: str
    history: str
    object: str
    field: str
    was_object: str
    was_field: str
    columns: tuple[str, ...]
    was_columns: tuple[str, ...]
    expected: int
    """How many values can be read as the new type."""
    lost: int
    """How many cannot; they are kept aside."""


@dataclass(frozen=True)
class BackfillColumn:
    """Further columns of a field that is there (a sort key, a base amount), filled from its value."""

    table: str
    history: str
    object: str
    field: str
    was_object: str
    was_field: str
    columns: tuple[str, ...]
    was_columns: tuple[str, ...]


@dataclass(frozen=True)
class ComputeColumn:
    """A stored formula that is new or gives something else now, computed for the records that are there."""

    table: str
    object: str
    field: str
    column: str
    was_object: str
    was_field: str
    """The formula that the column has held until now; blank where there was none."""
    zone: str
    """The instance's, for formulas that ask what day a moment is on."""
    records: int = dataclasses.field(compare=False)


@dataclass(frozen=True)
class RetireColumn:
    """A field that is gone; its columns and values are kept aside for a while."""

    table: str
    history: str
    columns: tuple[str, ...]
    lookups: tuple[str, ...]
    """Those with a foreign key, which ends: kept values must not hold on to other records."""
    values: int


@dataclass(frozen=True)
class ReviveColumn:
    """A field that comes back in time: its kept values are there again."""

    table: str
    history: str
    columns: tuple[str, ...]
    lookups: tuple[tuple[str, str], ...]
    """Those with a foreign key, and the tables they point to."""


@dataclass(frozen=True)
class RetireTable:
    """An object that is gone; its table and records are kept aside for a while."""

    table: str
    history: str
    lookups: tuple[str, ...]
    records: int


@dataclass(frozen=True)
class ReviveTable:
    """An object that comes back in time: its kept records are there again."""

    table: str
    history: str


@dataclass(frozen=True)
class AddIndex:
    """An index."""

    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class DropIndex:
    """An index that nothing asks for any more."""

    name: str


@dataclass(frozen=True)
class AddForeignKey:
    """The database begins to hold a lookup."""

    name: str
    table: str
    column: str
    target: str


@dataclass(frozen=True)
class RenameObject:
    """An object has another name; its table stays as it is."""

    was: str
    object: str


@dataclass(frozen=True)
class RenameField:
    """A field has another name; its columns stay as they are."""

    object: str
    was: str
    field: str


Step = (
    CreateTable
    | AddColumn
    | ConvertColumn
    | BackfillColumn
    | ComputeColumn
    | RetireColumn
    | ReviveColumn
    | RetireTable
    | ReviveTable
    | AddIndex
    | DropIndex
    | AddForeignKey
    | RenameObject
    | RenameField
)

_STEPS: Mapping[str, type[Any]] = {
    step.__name__: step
    for step in (
        CreateTable, AddColumn, ConvertColumn, BackfillColumn, ComputeColumn, RetireColumn, ReviveColumn, RetireTable,
        ReviveTable, AddIndex, DropIndex, AddForeignKey, RenameObject, RenameField,
    )
}  # fmt: skip

Sign = Literal["+", "~", "»", "-"]


@dataclass(frozen=True)
class Change:
    """One thing that an author changed, in words."""

    sign: Sign
    layer: str
    what: str
    """`contract.risk`, `form contract_edit`."""
    sort: str = ""
    """The field type, where it is a field."""
    said: str = ""
    affected: str = ""
    """How many records or values it touches, where someone should know."""

    def __str__(self) -> str:
        return "  ".join(
            part for part in (f"{self.sign} {self.what:<24}", f"{self.sort:<10}", self.said, self.affected)
        ).rstrip()


@dataclass(frozen=True)
class FileChange:
    """A definition file that comes, changes or goes (`text` is None)."""

    layer: str
    path: str
    text: str | None


@dataclass(frozen=True)
class Name:
    """What the installation remembers of an object or a field: one row of `installed_name`."""

    id: str
    object: str | None
    name: str
    physical: str
    columns: str
    retired: Literal["", "dropped", "converted"] = ""


@dataclass(frozen=True)
class Plan:
    """Everything one apply will do. Nothing is decided later."""

    base: str
    """The fingerprint it starts from; blank on an empty database."""
    fingerprint: str
    """The fingerprint it leads to."""
    dialect: str
    files: tuple[FileChange, ...] = ()
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    names: tuple[Name, ...] = ()
    versions: tuple[tuple[str, str, str], ...] = ()
    """Bundles whose version changes: (name, from, to); blank from: installed, blank to: removed."""
    problems: tuple[str, ...] = ()
    """What stands in the way in the data: values that clash under a new `unique`."""
    advice: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """Warnings about the definitions that do not stop an apply."""
    after: Any = field(default=None, compare=False, repr=False)
    """The compiled catalog it leads to, where it was just made."""
    before: Any = field(default=None, compare=False, repr=False)
    undoes: str = field(default="", compare=False)
    """The applied plan that this one takes back; blank for any other."""

    @property
    def is_empty(self) -> bool:
        """Whether applying would change nothing at all."""
        return not self.files and not self.steps

    @property
    def destructive(self) -> tuple[Step, ...]:
        """The steps that want consent."""
        return tuple(step for step in self.steps if is_destructive(step))

    @property
    def digest(self) -> str:
        """Say in a few letters which plan this is."""
        return hashlib.sha256(json.dumps(self.as_data(), sort_keys=True).encode()).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """Give the plan as JSON."""
        return {
            "format": FORMAT,
            "base": self.base,
            "fingerprint": self.fingerprint,
            "dialect": self.dialect,
            "files": [asdict(each) for each in self.files],
            "changes": [asdict(each) for each in self.changes],
            "steps": [{"step": type(each).__name__, **asdict(each)} for each in self.steps],
            "names": [asdict(each) for each in self.names],
            "versions": [list(each) for each in self.versions],
            "problems": list(self.problems),
        }


def from_data(data: Mapping[str, Any]) -> Plan:
    """Read a plan back from JSON."""
    try:
        if data["format"] != FORMAT:
            raise BadRequest(Message("This plan was written by another version; plan again."))
        return Plan(
            base=data["base"],
            fingerprint=data["fingerprint"],
            dialect=data["dialect"],
            files=tuple(FileChange(**each) for each in data["files"]),
            changes=tuple(Change(**each) for each in data["changes"]),
            steps=tuple(_step(each) for each in data["steps"]),
            names=tuple(Name(**each) for each in data["names"]),
            versions=tuple((name, old, new) for name, old, new in data["versions"]),
            problems=tuple(data["problems"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(Message("This is not a plan of ours: {reason}", reason=error)) from None


def _step(data: Mapping[str, Any]) -> Step:
    kind = _STEPS[data["step"]]
    values = {each.name: _frozen(data[each.name]) for each in fields(kind)}
    step: Step = kind(**values)
    return step


def _frozen(value: Any) -> Any:
    """Turn JSON's lists into tuples and its maps into columns."""
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    return NewColumn(**value) if isinstance(value, dict) else value


def describe(step: Step) -> str:  # noqa: C901 -- one case for each step, and none may be missing
    """Say in one line what a step does."""
    match step:
        case CreateTable(table=table, columns=columns):
            return f"create table {table} with {len(columns)} columns, and its history"
        case AddColumn(table=table, column=column):
            return f"add column {table}.{column.name} {column.type}"
        case ConvertColumn(table=table, columns=columns, was_columns=was):
            return f"fill {table}.{columns[0]} from {was[0]}"
        case BackfillColumn(table=table, columns=columns):
            return f"fill {table}.{', '.join(columns)}"
        case ComputeColumn(table=table, column=name):
            return f"compute {table}.{name}"
        case RetireColumn(table=table, columns=columns):
            return f"keep {table}.{', '.join(columns)} aside"
        case ReviveColumn(table=table, columns=columns):
            return f"use {table}.{', '.join(columns)} again"
        case RetireTable(table=table):
            return f"keep table {table} aside"
        case ReviveTable(table=table):
            return f"use table {table} again"
        case AddIndex(name=name, table=table, columns=columns, unique=unique):
            return f"add {'unique ' if unique else ''}index {name} on {table} ({', '.join(columns)})"
        case DropIndex(name=name):
            return f"drop index {name}"
        case AddForeignKey(table=table, column=column, target=target):
            return f"let {table}.{column} point to {target}"
        case RenameObject(was=was, object=name):
            return f"call object {was} {name}"
        case RenameField(object=object_name, was=was, field=name):
            return f"call field {object_name}.{was} {name}"
        case _:
            assert_never(step)


def is_destructive(step: Step) -> bool:
    """Whether a step wants consent."""
    match step:
        case RetireColumn(values=count) | RetireTable(records=count) | ConvertColumn(lost=count):
            return count > 0
        case _:
            return False


def is_after_publish(step: Step) -> bool:
    """Whether a step waits until no process works with the old catalog any more."""
    return isinstance(step, DropIndex | RetireColumn | RetireTable)


def say(plan: Plan) -> str:
    """Tell a person what applying would change."""
    if plan.is_empty:
        return "Nothing would change."
    lines = []
    for name, old, new in plan.versions:
        lines.append(f"{name} {old or '(new)'} → {new or '(removed)'}")
    lines += [f"  {change}" for change in plan.changes]
    lines += [f"  ! {problem}" for problem in plan.problems]
    loss = len(plan.destructive)
    safe = len(plan.steps) - loss
    tail = f"{safe} safe {_steps(safe)}, {loss} destructive." if loss else f"{safe} {_steps(safe)}, nothing is lost."
    return "\n".join([*lines, tail])


def _steps(count: int) -> str:
    return "step" if count == 1 else "steps"
