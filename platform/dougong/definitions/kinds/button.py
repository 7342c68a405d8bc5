"""a button: actions offered on a record or a list, with what they ask for"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SkipValidation, ValidationInfo, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.doing import Steps
from dougong.definitions.kinds.object import with_type
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers
from dougong.sdk.field_type import FieldType


class Input(Part):
    """What a button asks for before it does its work: like a field of the record, or with a type of its own.

    Further keys are the options of its field type.
    """

    name: Name = Field(description="What actions call it: `given.NAME`.")
    field: Annotated[str, FieldOf("object")] | None = Field(
        default=None, description="It is entered like this field of the object, in place of a type."
    )
    type: SkipValidation[FieldType[Any]] | None = None
    label: Text | None = Field(default=None, description="What people read; by default the field's label or the name.")
    help: Text | None = Field(default=None, description="A sentence under it.")
    required: bool = Field(default=False, description="Whether the button does nothing without it.")
    default: Any = Field(default=None, description="What it begins with, as a person would enter it.")
    default_expr: Annotated[str, ExpressionOn("object", outermost=True)] | None = Field(
        default=None, description="The same as an expression on the record."
    )

    @model_validator(mode="before")
    @classmethod
    def _options_to_type(cls, data: Any, info: ValidationInfo) -> Any:
        if isinstance(data, Mapping) and "field" in data:
            if "type" in data:
                raise ValueError("an input has 'field' or 'type', not both")
            return data
        if isinstance(data, Mapping) and "type" not in data:
            raise ValueError("an input needs 'type', or the 'field' it is like")
        return with_type(data, cls.model_fields, info.context)

    def shown_label(self) -> Text:
        """The label, or the name made readable."""
        return self.label or Text({"en": self.name.replace("_", " ").capitalize()})


class Button(Definition):
    """Actions that a person starts, on a record or on a list: all of them or none, under the person's rights."""

    KIND: ClassVar[str] = "button"
    FOLDER: ClassVar[str] = "buttons"

    object: Annotated[Name, Refers("object")] = Field(description="On whose records it is offered.")
    on: Literal["record", "list"] = Field(
        default="record", description="`record`: on the page of a record; `list`: above the list, without a record."
    )
    when: Annotated[str, ExpressionOn("object", expect="boolean", outermost=True)] | None = Field(
        default=None, description="Only on records for which this holds."
    )
    roles: Annotated[tuple[Annotated[Name, Refers("role")], ...], Merges("set")] = Field(
        default=(), description="Who; by default everyone who may read the record."
    )
    inputs: Annotated[tuple[Input, ...], Merges("name")] = Field(default=(), description="What its dialog asks for.")
    style: Literal["primary", "default", "danger"] = Field(default="default", description="How it looks.")
    confirm: Text | None = Field(default=None, description="A question before it.")
    position: int = Field(default=100, description="Buttons stand in this order, behind the transitions.")
    actions: Steps
