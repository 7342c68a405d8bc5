"""every sentence of ours is there in Chinese too"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dougong.base.text import translations

PACKAGE = Path(__file__).parents[2] / "platform" / "dougong"
SAYING = frozenset({"Message", "ExpressionError"})
ONLY_PARAMETERS = re.compile(r"(\{\w+\}|\s|[.:;,])*")


def sentences() -> Iterator[tuple[str, str]]:
    for path in PACKAGE.rglob("*.py"):
        if "testing" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield str(path.relative_to(PACKAGE)), first.value


def test_every_sentence_is_translated() -> None:
    known = translations("zh-CN")
    missing = [each for each in sentences() if each[1] not in known and not ONLY_PARAMETERS.fullmatch(each[1])]
    assert missing == []


def test_translations_keep_the_parameters() -> None:
    wrong = [
        text
        for text, translated in translations("zh-CN").items()
        if set(re.findall(r"\{\w+\}", translated)) - set(re.findall(r"\{\w+\}", text))
    ]
    assert wrong == []
