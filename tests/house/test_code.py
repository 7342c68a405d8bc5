"""what no module of ours may do"""

from __future__ import annotations

from pathlib import Path

import pytest

from dougong.testing import house

PLUGINS = house.ROOT / "plugins"


def test_nothing_becomes_code():
    assert not house.evaluations(house.PLATFORM, PLUGINS)


def test_every_module_says_what_it_holds():
    assert not house.without_docstring(house.PLATFORM, PLUGINS)


def test_nobody_asks_for_a_type_by_name():
    free = {"builtin", "sdk"}
    folders = [path for path in house.PACKAGE.iterdir() if path.is_dir() and path.name not in free]
    assert not house.types_by_name(*folders), "put the question to the extension, or say `# a closed set`"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("if field.type == 'money': pass", 1),
        ("if 'money' == column.field.type.name: pass", 1),
        ("if view.type in ('list', 'board'): pass", 1),
        ("match field.type:\n    case 'money' | 'date': pass", 1),
        ("if field.type == other.type: pass", 0),
        ("if name == 'money': pass", 0),
        ("if step.kind == 'add':  # a closed set\n    pass", 0),
        ("match step:\n    case AddField(): pass", 0),
    ],
)
def test_question_for_a_type_is_found(tmp_path: Path, text: str, found: int):
    (tmp_path / "example.py").write_text(text)
    assert len(house.types_by_name(tmp_path)) == found


@pytest.mark.parametrize(("text", "found"), [("eval('1')", 1), ("exec('')", 1), ("re.compile('a')", 0)])
def test_evaluation_is_found(tmp_path: Path, text: str, found: int):
    (tmp_path / "example.py").write_text(text)
    assert len(house.evaluations(tmp_path)) == found


@pytest.mark.parametrize(
    ("text", "found"), [("class DoctypeCache: pass", 1), ("def user_acl(): pass", 1), ("identity = 1", 0)]
)
def test_lost_word_is_found(tmp_path: Path, text: str, found: int):
    (tmp_path / "example.py").write_text(text)
    assert len(house.lost_words(tmp_path)) == found
