"""some of several options"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field

from dougong.builtin.field_types.choice import (
    Options,
    chosen,
    entries,
    label_of,
    options_problems,
    values_schema,
)
from dougong.sdk import (
    Codes,
    Column,
    FieldType,
    InvalidValue,
    Message,
    Option,
    Reading,
    Showing,
    Text,
    hookimpl,
    types,
)

_MOST = 1000
_LONGEST = 20_000


class MultiChoice(FieldType[tuple[str, ...]]):
    """Some of several options, each at most once, in the order of the options. None of them is blank."""

    name = "multi_choice"
    label = Text({"en": "Several choices", "zh-CN": "多选"})
    widget = "multiselect"
    comparisons = ("has", "is_blank", "is_not_blank")

    options: Options = Field(description="What to choose from: a list, or the name of an `options` definition.")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Codes()),)

    def expression_type(self) -> types.Type:
        return types.CODES

    def is_blank(self, raw: Any) -> bool:
        if isinstance(raw, (list, tuple)) and len(raw) <= _MOST:
            return all(super(MultiChoice, self).is_blank(one) for one in raw)
        return super().is_blank(raw)

    def parse(self, raw: Any, reading: Reading) -> tuple[str, ...]:
        return self._read(raw, reading.options)

    def read_cell(self, text: str, reading: Reading) -> tuple[str, ...]:
        return self._read(text, reading.options, by_label=True)

    def _read(self, raw: Any, named: Callable[[str], Sequence[Option]], *, by_label: bool = False) -> tuple[str, ...]:
        if isinstance(raw, str) and len(raw) <= _LONGEST:
            raw = [part for part in raw.replace("；", ";").split(";") if part.strip()]
        if not isinstance(raw, (list, tuple)) or len(raw) > _MOST:
            raise InvalidValue(Message("Choose from the list.", code="choices_unclear"))
        among = entries(self.options, named)
        taken = {chosen(one, among, by_label=by_label).value for one in raw}
        return tuple(option.value for option in among if option.value in taken)

    def format(self, value: tuple[str, ...], showing: Showing) -> str:
        among = entries(self.options, showing.options)
        separator = "、" if showing.locale.split("-")[0] in {"zh", "ja"} else ", "
        return separator.join(label_of(one, among).show(showing.locale) for one in value)

    def dump(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def store(self, value: tuple[str, ...]) -> tuple[Any, ...]:
        return (value or None,)

    def write_cell(self, value: tuple[str, ...]) -> str:
        return ";".join(value)

    def sort_column(self) -> str | None:
        return None

    def choices(self, showing: Showing) -> Sequence[Option]:
        return entries(self.options, showing.options)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": values_schema(self.options), "uniqueItems": True}

    def problems(self) -> Sequence[str]:
        return options_problems(self.options)


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [MultiChoice]
