"""a flow: an approval process in BPMN, bound to an object and to people"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers
from dougong.definitions.kinds.people import Recipients

Mode = Literal["any", "all", "sequence", "percent"]
FlowVerb = Literal["approve", "reject", "return", "transfer", "cc", "remind"]
EVERY_VERB: tuple[FlowVerb, ...] = ("approve", "reject", "return", "transfer", "cc", "remind")


class Due(Part):
    """How long a work item may wait."""

    days: int | None = Field(default=None, ge=1, le=366, description="So many days.")
    hours: int | None = Field(default=None, ge=1, le=1000, description="So many hours.")

    @model_validator(mode="after")
    def _says_something(self) -> Due:
        if self.days is None and self.hours is None:
            raise ValueError("'due' needs days or hours")
        return self


class FlowNode(Part):
    """A step that waits for people: a user task of the BPMN file."""

    name: Name = Field(description="The id of a user task in the BPMN file.")
    label: Text | None = Field(default=None, description="What people read; by default the name in the BPMN file.")
    form: Annotated[Name, Refers("form")] | None = Field(
        default=None, description="The fields that the approver sees first; by default the object's form."
    )
    fields: Annotated[tuple[Annotated[str, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="What may be entered while approving."
    )
    assign: Recipients = Field(min_length=1, description="Who decides.")
    mode: Mode = Field(
        default="any",
        description="`any`: the first decision counts; `all`: everyone approves; `sequence`: everyone, one after "
        "another; `percent`: so many of a hundred approve.",
    )
    percent: int | None = Field(default=None, ge=1, le=100, description="With `mode: percent`: how many must approve.")
    verbs: Annotated[tuple[FlowVerb, ...], Merges("set")] = Field(
        default=EVERY_VERB, min_length=1, description="What may be done here."
    )
    opinion: Literal["optional", "required_to_reject", "required"] = Field(
        default="required_to_reject", description="Whether words are asked for; returning counts as rejecting."
    )
    due: Due | None = Field(default=None, description="How long a work item may wait before it is late.")
    nobody: Literal["administrators", "skip", "refuse"] = Field(
        default="administrators",
        description="Where nobody is found who could decide: administrators do, the node is passed over, or the submit "
        "is refused.",
    )
    applicant: Literal["superior", "skip", "allow"] = Field(
        default="superior",
        description="Where the applicant would decide on their own: their superior does, they are left out, or they "
        "may.",
    )
    cc: Recipients = Field(default=(), description="Who is told when the node begins, without deciding.")

    @model_validator(mode="after")
    def _percent_goes_with_its_mode(self) -> FlowNode:
        if (self.mode == "percent") != (self.percent is not None):
            raise ValueError("'mode: percent' needs 'percent', and no other mode has it")
        return self


class FlowLock(Part):
    """What keeps the record as it is while its flow runs."""

    except_fields: Annotated[tuple[Annotated[str, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="Fields that may still be changed."
    )
    reason: Text | None = Field(default=None, description="What to tell the person; there is a sentence of ours.")


class FlowEnds(Part):
    """What becomes of the record: a transition of its object, by the system, for each result of the flow."""

    approved: Name | None = Field(default=None, description="When it was approved.")
    rejected: Name | None = Field(default=None, description="When it was rejected.")
    withdrawn: Name | None = Field(default=None, description="When the applicant took it back.")
    returned: Name | None = Field(
        default=None, description="When it was returned to the applicant, who may change the record and submit again."
    )


class Flow(Definition):
    """An approval process in BPMN for the records of an object: who decides at which node, and what follows."""

    KIND: ClassVar[str] = "flow"
    FOLDER: ClassVar[str] = "flows"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records are decided on.")
    process: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}/[a-z][a-z0-9_]{0,39}\.bpmn$",
        description="The BPMN file: bundle and file, as they stand under `workflows/`.",
    )
    starts: Name | None = Field(
        default=None,
        description="The transition of the object that starts it; without it, an action or a program does.",
    )
    when: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="With `starts`: only for records for which this holds."
    )
    lock: FlowLock | Literal[False] = Field(
        default=FlowLock(), description="The record cannot be changed while the flow runs; `false`: it can."
    )
    ends: FlowEnds = Field(default=FlowEnds(), description="What becomes of the record.")
    nodes: Annotated[tuple[FlowNode, ...], Merges("name")] = Field(
        min_length=1, description="One for each user task of the BPMN file."
    )

    def node(self, name: str) -> FlowNode | None:
        """Give a node, or None."""
        return next((each for each in self.nodes if each.name == name), None)
