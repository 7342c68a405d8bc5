"""values and options that several extensions share"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, StringConstraints, ValidationInfo, WithJsonSchema

from dougong.base.text import FALLBACK, Text

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _read_label(said: Any, info: ValidationInfo) -> Text:
    if isinstance(said, Text):
        return said
    language = (info.context or {}).get("language", FALLBACK)
    by_language = {language: said} if isinstance(said, str) else said
    if not isinstance(by_language, Mapping) or not by_language:
        raise ValueError("a label is text, or text by language")
    for tag, text in by_language.items():
        if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
            raise ValueError(f"{tag!r} is not a language, such as 'en' or 'zh-CN'")
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"the label in {tag!r} is empty")
    return Text(by_language)


def _write_label(label: Text) -> dict[str, str]:
    return label.by_language


Label = Annotated[
    Text,
    PlainValidator(_read_label),
    PlainSerializer(_write_label, return_type=dict[str, str]),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": f"^{_LANGUAGE.pattern}$"},
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
            ]
        }
    ),
]
"""What an author wrote for people: `Customer`, or `{en: Customer, zh-CN: 客户}`.

Plain text is in the bundle's language: validate with `context={"language": …}`, else it is English.
"""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""The name of something that is defined elsewhere: an object, an `options` definition."""

OnDelete = Literal["refuse", "clear", "cascade"]
"""What becomes of a record when the one it points to is deleted."""


@dataclass(frozen=True)
class Money:
    """An amount in a currency, and what it was worth in base currency on a day.

    Two are equal when amount and currency are: the rate belongs to the day the amount was entered, and to enter
    the same again is no change.
    """

    amount: decimal.Decimal
    currency: str
    """An ISO 4217 code."""
    base: decimal.Decimal = field(compare=False)
    """The amount in base currency; what sums, filters and sorting use."""
    rate_date: dt.date = field(compare=False)
    """The day whose rate was taken."""
