"""one of several options"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic import Field

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Name,
    Option,
    Reading,
    Showing,
    Text,
    hookimpl,
    text_column,
    types,
)

Options = tuple[Option, ...] | Name
"""The entries themselves, or the name of an `options` definition; `roles` are the roles that there are."""

_LONGEST = 200
_SHOWN = 8


class Choice(FieldType[str]):
    """One of several options. Its value is stored, its label is shown."""

    name = "choice"
    label = Text({"en": "Choice", "zh-CN": "单选"})
    widget = "select"
    comparisons = ("is", "is_not", "any_of", "is_blank", "is_not_blank")

    options: Options = Field(
        description="What to choose from: a list, the name of an `options` definition, or `roles`."
    )

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        return chosen(raw, entries(self.options, reading.options)).value

    def read_cell(self, text: str, reading: Reading) -> str:
        return chosen(text, entries(self.options, reading.options), by_label=True).value

    def format(self, value: str, showing: Showing) -> str:
        return label_of(value, entries(self.options, showing.options)).show(showing.locale)

    def choices(self, showing: Showing) -> Sequence[Option]:
        return entries(self.options, showing.options)

    def json_schema(self) -> dict[str, Any]:
        return values_schema(self.options)

    def problems(self) -> Sequence[str]:
        return options_problems(self.options)


def entries(options: Options, named: Callable[[str], Sequence[Option]]) -> Sequence[Option]:
    """Give the entries of a field, wherever they are kept."""
    return named(options) if isinstance(options, str) else options


def chosen(raw: Any, among: Sequence[Option], *, by_label: bool = False) -> Option:
    """Find the active option that a value means, or a label in any language; or raise `InvalidValue`."""
    said = raw.strip() if isinstance(raw, str) and len(raw) <= _LONGEST else ""
    found = [option for option in among if option.value == said]
    if not found and by_label and said:
        found = [option for option in among if said.casefold() in _labels(option)]
        found = [option for option in found if option.active] or found
    if len(found) != 1:
        labels = listed([option.label for option in among if option.active])
        raise InvalidValue(Message("Choose one of: {choices}.", code="choice_unknown", choices=labels))
    if not found[0].active:
        raise InvalidValue(
            Message(
                "{choice} is no longer offered. Choose another.",
                code="choice_inactive",
                choice=found[0].label,
            )
        )
    return found[0]


def label_of(value: str, among: Iterable[Option]) -> Text:
    """Give the label of a value; the value itself where its option is gone."""
    return next((option.label for option in among if option.value == value), Text({"en": value}))


def listed(labels: Sequence[Text]) -> Text:
    """Put labels in a row, in each language that one of them has."""
    languages = {language for label in labels for language in label.by_language} | {"en"}
    shown, more = labels[:_SHOWN], " …" if len(labels) > _SHOWN else ""
    return Text({language: ", ".join(label.show(language) for label in shown) + more for language in languages})


def values_schema(options: Options) -> dict[str, Any]:
    """Describe a value for the OpenAPI document."""
    if isinstance(options, str):
        return {"type": "string"}
    return {"type": "string", "enum": [option.value for option in options]}


def options_problems(options: Options) -> Sequence[str]:
    """Say what is wrong with the entries as a whole."""
    if isinstance(options, str):
        return ()
    if not options:
        return ("there are no options to choose from",)
    times = Counter(option.value for option in options)
    return tuple(f"the option '{value}' is there {count} times" for value, count in times.items() if count > 1)


def _labels(option: Option) -> set[str]:
    return {label.strip().casefold() for label in option.label.by_language.values()}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Choice]
