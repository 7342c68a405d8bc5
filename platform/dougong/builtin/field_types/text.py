"""one line of text"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Reading,
    Text,
    Verbatim,
    hookimpl,
    read_text,
    sort_key,
    text_column,
    types,
)


class ShortText(FieldType[str]):
    """One line of text, such as a name or a title."""

    name = "text"
    label = Text({"en": "Text", "zh-CN": "单行文本"})
    comparisons = ("is", "is_not", "contains", "starts_with", "any_of", "is_blank", "is_not_blank")

    max_length: int = Field(default=200, ge=1, le=2000, description="How many characters it may have.")
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="A regular expression that the whole text matches; no look-around, no back-references.",
    )
    pattern_message: Text | None = Field(default=None, description="What to tell people whose text does not match.")
    sortable: bool = Field(
        default=False,
        description="Whether lists sort by it: a second column keeps its pinyin, without case and accents.",
    )

    @cached_property
    def _matcher(self) -> TypeAdapter[str]:
        # The engine behind pydantic is Rust's: its time grows with the text alone, whatever the pattern.
        # The newline ends a comment that a pattern with `(?x)` may end with.
        end = "\n" if self.pattern and "(?x" in self.pattern else ""
        return TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{self.pattern}{end})$")])

    def columns(self) -> tuple[Column, ...]:
        value = Column("", text_column())
        return (value, Column("_key", text_column())) if self.sortable else (value,)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        text = read_text(raw, longest=self.max_length)
        if self.pattern is not None:
            try:
                self._matcher.validate_python(text)
            except ValidationError:
                raise InvalidValue(self._refusal(self.pattern)) from None
        return text

    def _refusal(self, pattern: str) -> Message:
        if self.pattern_message is not None:
            return Verbatim(self.pattern_message, code="text_pattern")
        return Message("Enter text that matches {pattern}.", code="text_pattern", pattern=pattern)

    def store(self, value: str) -> tuple[Any, ...]:
        return (value, sort_key(value)) if self.sortable else (value,)

    def sort_column(self) -> str | None:
        return "_key" if self.sortable else None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}

    def problems(self) -> Sequence[str]:
        if self.pattern is None:
            return ()
        try:
            TypeAdapter(Annotated[str, StringConstraints(pattern=self.pattern)])
            _ = self._matcher
        except SchemaError as error:
            reason = str(error).splitlines()[-1].strip().removeprefix("error: ")
            too_large = "it repeats too much; repeat less, or [a-z] rather than \\w"
            return (f"the pattern '{self.pattern}' cannot be used: {too_large if 'size limit' in reason else reason}",)
        return ()


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [ShortText]
