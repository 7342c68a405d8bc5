"""a report: records grouped and measured, with a chart"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SkipValidation, ValidationInfo, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.object import with_type
from dougong.definitions.kinds.parts import Definition, ExpressionOn, Merges, Name, Part, Refers
from dougong.expressions import parameters as given
from dougong.sdk.field_type import FieldType

Grain = Literal["day", "week", "month", "quarter", "year"]


class Parameter(Part):
    """What a reader chooses before a report runs. Further keys are the options of its field type."""

    name: Name = Field(description="What `where` calls it; no field of the object is called so.")
    type: SkipValidation[FieldType[Any]]
    label: Text | None = None
    help: Text | None = Field(default=None, description="A sentence under it on the form.")
    required: bool = Field(default=False, description="Whether the report does not run without it.")
    default: Any = Field(default=None, description="What it is where nothing is chosen, as a person would enter it.")
    default_expr: str | None = Field(
        default=None, description="The same as an expression that needs no record: `today()`."
    )

    @model_validator(mode="before")
    @classmethod
    def _options_to_type(cls, data: Any, info: ValidationInfo) -> Any:
        return with_type(data, cls.model_fields, info.context)

    def shown_label(self) -> Text:
        """The label, or the name made readable."""
        return self.label or Text({"en": self.name.replace("_", " ").capitalize()})


class Dimension(Part):
    """What records are grouped by."""

    name: Name
    label: Text | None = None
    by: Annotated[str, ExpressionOn("object")] = Field(description="A field, or an expression.")
    grain: Grain | None = Field(default=None, description="For dates and moments.")


class Measure(Part):
    """What is counted or computed for each group."""

    name: Name
    label: Text | None = None
    function: Literal["count", "count_distinct", "sum", "avg", "min", "max"]
    of: Annotated[str, ExpressionOn("object")] | None = Field(default=None, description="What is measured.")
    scale: int | None = Field(default=None, ge=0, le=6, description="Decimal places shown; the sum itself stays exact.")
    where: Annotated[str, ExpressionOn("object", expect="boolean", beside="parameters")] | None = Field(
        default=None, description="Only records for which this holds."
    )

    @model_validator(mode="after")
    def _has_something_to_measure(self) -> Measure:
        if self.function != "count" and self.of is None:
            raise ValueError(f"a measure with function '{self.function}' needs 'of'")
        return self


class Chart(Part):
    """How a report is drawn."""

    type: Literal["bar", "line", "pie", "funnel", "number"]
    dimension: Name | None = None
    measures: Annotated[tuple[Name, ...], Merges("set")] = ()
    stacked: bool = Field(default=False, description="For bars of several series: on top of each other.")
    limit: int | None = Field(
        default=None,
        ge=2,
        le=50,
        description="Categories of bars and pies; those beyond it are put together as others.",
    )


class Report(Definition):
    """Records of an object grouped by dimensions and measured, under the rights of who looks."""

    KIND: ClassVar[str] = "report"
    FOLDER: ClassVar[str] = "reports"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it measures.")
    parameters: Annotated[tuple[Parameter, ...], Merges("name")] = Field(
        default=(), description="What a reader chooses; names that `where` may use."
    )
    where: Annotated[str, ExpressionOn("object", expect="boolean", beside="parameters")] | None = Field(
        default=None, description="Only records for which this holds; it may name parameters."
    )
    dimensions: Annotated[tuple[Dimension, ...], Merges("name")] = Field(default=(), description="What it groups by.")
    measures: Annotated[tuple[Measure, ...], Merges("name")] = Field(min_length=1)
    columns: Annotated[tuple[Name, ...], Merges("whole")] = Field(
        default=(), description="Dimensions that stand across, so that the report is a matrix; the others stand down."
    )
    sort: Annotated[tuple[str, ...], Merges("whole")] = Field(
        default=(), description="Dimensions or measures; `-` for descending. By default by the dimensions."
    )
    limit: int = Field(default=1000, ge=1, le=10_000)
    chart: Chart | None = None

    def named(self) -> given.Parameters:
        """The parameters as names for expressions, all of them blank."""
        typed = ((each.name, each.type.expression_type()) for each in self.parameters)
        return given.Parameters(tuple(given.Parameter(name, kind) for name, kind in typed if kind is not None))
