"""what an action must be able to do: one step of a button, an automation or a flow"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import Field

from dougong.base.text import Text
from dougong.sdk.marks import ExpressionOn, FieldOf, Merges, Name, Part

RecordExpression = Annotated[str, ExpressionOn("object", outermost=True, rooted=True)]
"""An expression on the record that the button was pressed on or the automation is about, with `given` and `made`."""
RecordCondition = Annotated[str, ExpressionOn("object", expect="boolean", outermost=True, rooted=True)]


class Assignment(Part):
    """A field of the record that is written, and what it gets."""

    field: Annotated[str, FieldOf("object")] = Field(description="The field.")
    value: RecordExpression = Field(description="What it gets, as an expression on the record.")


Assignments = Annotated[tuple[Assignment, ...], Merges("whole")]


class ActionCall(Protocol):
    """What an action works with: one record, in one unit of work, in the name of one actor.

    Whatever an action does goes through the gate, under the rights of that actor. `record` is blank where there is
    none: for a button of a list on which nothing was chosen.
    """

    @property
    def object(self) -> str:
        """The object of the record."""

    @property
    def record(self) -> str:
        """The id of the record; blank where there is none."""

    def evaluate(self, expression: str) -> Any:
        """Give the value of an expression of the action's own on the record, with `given` and `made`."""

    def values(self, assignments: tuple[Assignment, ...], object_name: str) -> dict[str, Any]:
        """Give what assignments say, by field of an object, as its fields keep it."""

    def update(self, values: Mapping[str, Any]) -> None:
        """Change the record."""

    def create(self, object_name: str, values: Mapping[str, Any], *, keep_as: str | None = None) -> str:
        """Make a record, which later actions know as `made.<keep_as>`; its id."""

    def transition(self, name: str, values: Mapping[str, Any]) -> None:
        """Lead the record on by a transition."""

    def open(self, object_name: str, record_id: str) -> None:
        """Lead the person to a record, once all is done."""

    def made(self, name: str) -> tuple[str, str] | None:
        """Give object and id of what was made and kept under a name; None where it was not."""

    def recipients(self, people: Any) -> tuple[str, ...]:
        """Give the ids of the active people who are meant by recipients."""

    def perform(self, topic: str, **what: Any) -> Any:
        """Have a feature do what it alone can: `notify`, `start_flow`, `comment`."""

    def fail(self, message: Any) -> Exception:
        """Give the error to raise where the action cannot do its work; its message is for the person."""


class Action(Part, ABC):
    """One step that is done in order, named in YAML by `do`.

    Subclass it as a frozen pydantic model: its fields are the options an author may set in YAML, with the same marks
    as kinds have; the class variables are facts about the action.
    """

    do: ClassVar[str]
    label: ClassVar[Text]

    name: Name = Field(description="What the step is called, in the log and in patches.")
    when: RecordCondition | None = Field(default=None, description="Only where this holds; else the step is left out.")

    def makes(self) -> tuple[str, str] | None:
        """Give the name under which it keeps what it makes, and the object of that; None where it keeps nothing."""
        return None

    def names(self) -> tuple[str, ...]:
        """Give the names of what was made before that it works with."""
        return ()

    def leads(self) -> tuple[str, ...]:
        """Give the transitions of the record that it does."""
        return ()

    @abstractmethod
    def run(self, call: ActionCall) -> None:
        """Do it, or raise; what was done before it in the same run is taken back then."""
