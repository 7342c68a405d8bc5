"""everything a plugin may import"""

from dougong.base.errors import InvalidValue
from dougong.base.names import is_id
from dougong.base.sql_types import EXACT, MOST_DIGITS, Codes, ExactDecimal, Key, Moment
from dougong.base.text import Message, Text, Verbatim
from dougong.expressions import types
from dougong.sdk.action import Action, ActionCall, Assignment, Assignments
from dougong.sdk.field_type import Column, Comparison, FieldType, Option, Reading, Showing
from dougong.sdk.hooks import hookimpl
from dougong.sdk.marks import ExpressionOn, FieldOf, Merges, Part, Refers
from dougong.sdk.numbering import pattern_problems, period, render
from dougong.sdk.numbers import (
    fit,
    locale_of,
    read_decimal,
    rounded,
    show_brief_date,
    show_decimal,
    show_money,
    show_percent,
)
from dougong.sdk.people import Recipient, Recipients
from dougong.sdk.values import Money, Name, OnDelete
from dougong.sdk.words import narrow, number_key, read_text, sort_key, text_column

__all__ = [
    "EXACT",
    "MOST_DIGITS",
    "Action",
    "ActionCall",
    "Assignment",
    "Assignments",
    "Codes",
    "Column",
    "Comparison",
    "ExactDecimal",
    "ExpressionOn",
    "FieldOf",
    "FieldType",
    "InvalidValue",
    "Key",
    "Merges",
    "Message",
    "Moment",
    "Money",
    "Name",
    "OnDelete",
    "Option",
    "Part",
    "Reading",
    "Recipient",
    "Recipients",
    "Refers",
    "Showing",
    "Text",
    "Verbatim",
    "fit",
    "hookimpl",
    "is_id",
    "locale_of",
    "narrow",
    "number_key",
    "pattern_problems",
    "period",
    "read_decimal",
    "read_text",
    "render",
    "rounded",
    "show_brief_date",
    "show_decimal",
    "show_money",
    "show_percent",
    "sort_key",
    "text_column",
    "types",
]
