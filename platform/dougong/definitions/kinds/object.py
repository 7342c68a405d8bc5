"""an object and its fields"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key
from pydantic import SkipValidation, ValidationInfo, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, FormerNames, Merges, Name, Part
from dougong.definitions.kinds.states import States
from dougong.sdk.field_type import FieldType

Nature = Literal["record", "child", "link", "event", "external"]

Condition = Annotated[str, ExpressionOn("", expect="boolean")]
Formula = Annotated[str, ExpressionOn("")]
PhysicalName = Annotated[str, Key(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")]


def with_type(data: Any, own: Mapping[str, Any], context: Mapping[str, Any] | None) -> Any:
    """Make the field type of a part from its name and the keys that are none of the part's own."""
    if not isinstance(data, Mapping) or isinstance(data.get("type"), FieldType):
        return data
    if "type" not in data:
        raise ValueError("a field needs 'type'")
    type_class = (context or {})["field_types"].get(data["type"])
    options = {key: value for key, value in data.items() if key not in own}
    rest = {key: value for key, value in data.items() if key in own and key != "type"}
    return {**rest, "type": type_class.model_validate(options, context=context)}


class Field(Part):
    """A named value of an object. Further keys are the options of its field type."""

    name: Name = Key(description="What it is called in expressions, patches and programs.")
    type: SkipValidation[FieldType[Any]]
    label: Text | None = Key(default=None, description="What people read; by default the name.")
    help: Text | None = Key(default=None, description="A sentence under the field on forms.")
    required: bool = Key(default=False, description="Whether a record cannot be saved without it.")
    required_when: Condition | None = Key(default=None, description="Required where this holds.")
    visible_when: Condition | None = Key(default=None, description="Shown on forms where this holds.")
    read_only_when: Condition | None = Key(default=None, description="Shown and not entered where this holds.")
    default: Any = Key(default=None, description="What a new record has, written like a person would enter it.")
    default_expr: Formula | None = Key(default=None, description="What a new record has, as an expression: `today()`.")
    unique: bool = Key(default=False, description="Whether no two records have the same value; blanks never clash.")
    index: bool = Key(default=False, description="Whether the database keeps an index for finding by it.")
    sensitive: bool = Key(default=False, description="Hidden until a grant reveals it.")
    personal: bool = Key(default=False, description="Personal data: an erase operation reaches it.")
    expose: bool = Key(default=False, description="A value computed from sensitive fields that all may read.")
    searchable: bool | None = Key(default=None, description="Found by words; by default the title and subtitle are.")
    column: PhysicalName | None = Key(default=None, description="The physical column, where it is given.")
    was: FormerNames = Key(default=(), description="Names the field had before.")
    is_system: bool = Key(default=False, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _options_to_type(cls, data: Any, info: ValidationInfo) -> Any:
        """Make the field type from its name and the keys that are its options."""
        return with_type(data, cls.model_fields, info.context)

    def shown_label(self) -> Text:
        """The label, or the name made readable."""
        return self.label or Text({"en": self.name.replace("_", " ").capitalize()})

    @property
    def is_computed(self) -> bool:
        """Nobody enters it."""
        return self.type.is_computed


class Rule(Part):
    """What must hold for a record to be saved."""

    name: Name
    that: Condition = Key(description="What must hold.")
    when: Condition | None = Key(default=None, description="Only for records for which this holds.")
    otherwise: Text = Key(description="What to tell the person, and how to mend it.")
    field: Annotated[str, FieldOf("")] | None = Key(default=None, description="The field to show the message at.")


class Unique(Part):
    """Fields whose values together occur once. A blank among them never clashes."""

    name: Name
    fields: Annotated[tuple[Annotated[str, FieldOf("")], ...], Merges("whole")] = Key(min_length=1)
    otherwise: Text | None = Key(default=None, description="What to tell the person; there is a sentence of ours.")


class Index(Part):
    """An index over several fields, in this order."""

    name: Name
    fields: Annotated[tuple[Annotated[str, FieldOf("")], ...], Merges("whole")] = Key(min_length=1)


class Object(Definition):
    """A sort of record, with its fields and what must hold for them."""

    KIND: ClassVar[str] = "object"
    FOLDER: ClassVar[str] = "objects"

    plural: Text | None = Key(default=None, description="What many are called; by default the label.")
    nature: Nature = Key(
        default="record",
        description="`record` has an owner and rights of its own; `child` are the lines of another; `link` joins two; "
        "`event` is only ever added; `external` lives elsewhere.",
    )
    icon: str | None = Key(default=None, description="The name of a Tabler icon.")
    title: Annotated[str, FieldOf("")] | None = Key(default=None, description="The field that names a record.")
    subtitle: Annotated[str, FieldOf("", path=True)] | None = Key(
        default=None, description="A field, or a path over lookups, that tells records of one title apart."
    )
    fields: Annotated[tuple[Field, ...], Merges("name")] = Key(default=(), description="Its fields, in their order.")
    unique: Annotated[tuple[Unique, ...], Merges("name")] = Key(default=(), description="Groups of fields.")
    indexes: Annotated[tuple[Index, ...], Merges("name")] = Key(default=(), description="For what lists filter by.")
    rules: Annotated[tuple[Rule, ...], Merges("name")] = Key(default=(), description="What must hold for a record.")
    states: States | None = Key(default=None, description="How its records go from state to state.")
    table: PhysicalName | None = Key(default=None, description="The physical table, where it is given.")
    managed: bool = Key(default=False, description="The platform's own: its definition changes only with the platform.")
    was: FormerNames = Key(default=(), description="Names the object had before.")

    def shown_plural(self) -> Text:
        """The label of many."""
        return self.plural or self.shown_label()
