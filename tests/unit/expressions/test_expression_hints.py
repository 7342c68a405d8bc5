"""how to mend an expression, in the reader's language"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dougong.base.text import Message, translations
from dougong.expressions import errors
from dougong.expressions.errors import ExpressionError
from dougong.expressions.functions import FUNCTIONS
from dougong.expressions.parse import parse
from tests.unit.expressions.world import checked

HERE = Path(errors.__file__).parent


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("due + 3", "请写 days(…)、months(…) 或 years(…)"),
        ("customer.nmae", "是否应为“name”？"),
        ("due > '20261122'", "请写成“2026-11-22”的形式"),
    ],
)
def test_hint_is_in_the_readers_language(text, hint):
    with pytest.raises(ExpressionError) as caught:
        checked(text)
    assert caught.value.hint is not None
    assert caught.value.hint.show("zh-CN") == hint


def test_hint_of_an_unreadable_text_is_a_message():
    with pytest.raises(ExpressionError) as caught:
        parse("1_000")
    assert isinstance(caught.value.hint, Message)


def test_no_hint_is_plain_text():
    plain = [
        (path.name, node.lineno)
        for path in HERE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "hint"
        if isinstance(node.value, (ast.Constant, ast.JoinedStr))
    ]
    assert plain == []


def test_what_functions_do_is_translated():
    assert [name for name, each in FUNCTIONS.items() if each.doc not in translations("zh-CN")] == []
