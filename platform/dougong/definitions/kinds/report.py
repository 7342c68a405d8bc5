"""a report: records grouped and measured, with a chart"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, Merges, Name, Part, Refers

Grain = Literal["day", "week", "month", "quarter", "year"]


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
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only records for which this holds."
    )

    @model_validator(mode="after")
    def _has_something_to_measure(self) -> Measure:
        if self.function != "count" and self.of is None:
            raise ValueError(f"a measure with function '{self.function}' needs 'of'")
        return self


class Chart(Part):
    """How a report is drawn."""

    type: Literal["bar", "line", "pie", "funnel"]
    dimension: Name | None = None
    measures: Annotated[tuple[Name, ...], Merges("set")] = ()


class Report(Definition):
    """Records of an object grouped by dimensions and measured, under the rights of who looks."""

    KIND: ClassVar[str] = "report"
    FOLDER: ClassVar[str] = "reports"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it measures.")
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only records for which this holds."
    )
    dimensions: Annotated[tuple[Dimension, ...], Merges("name")] = Field(default=(), description="What it groups by.")
    measures: Annotated[tuple[Measure, ...], Merges("name")] = Field(min_length=1)
    sort: Annotated[tuple[str, ...], Merges("whole")] = Field(
        default=(), description="Dimensions or measures; `-` for descending. By default by the dimensions."
    )
    limit: int = Field(default=1000, ge=1, le=10_000)
    chart: Chart | None = None
