"""the page templates keep their promises"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
from pathlib import Path

import pytest

from dougong import plugin_manager
from dougong.base import templating, text
from dougong.base.templating import Templates
from dougong.web import pages, present
from dougong.web.present import form
from dougong.web.present.form import Input

FOLDER = templating.template_folder()
TEMPLATES = sorted(path for path in FOLDER.rglob("*.html") if "assets" not in path.parts)
SENTENCE = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
MODULES = [
    importlib.import_module(f"{package.__name__}.{each.name}")
    for package in (present, pages)
    for each in pkgutil.iter_modules(package.__path__)
]


def sentences() -> set[str]:
    found = {a or b for path in TEMPLATES for a, b in SENTENCE.findall(path.read_text(encoding="utf-8"))}
    for module in MODULES:
        tree = ast.parse(inspect.getsource(module))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        named = [call for call in calls if getattr(call.func, "id", "") == "Message"]
        found |= {call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)}
    return found


def test_every_sentence_is_translated() -> None:
    known = text.translations("zh-CN")
    assert sorted(sentence for sentence in sentences() if sentence not in known) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_script_and_no_style(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\son[a-z]+=", source), "a handler in the page"
    assert "style=" not in source
    assert "|safe" not in source.replace(" ", "")
    assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", source)


def test_every_field_of_a_view_model_is_described() -> None:
    undescribed = []
    for module in MODULES:
        for name, each in vars(module).items():
            if not (inspect.isclass(each) and dataclasses.is_dataclass(each) and each.__module__ == module.__name__):
                continue
            if name.startswith("_") or not module.__name__.startswith(("dougong.web.present", "dougong.web.pages")):
                continue
            body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(each))).body[0].body
            described = {
                before.target.id
                for before, after in itertools.pairwise(body)
                if isinstance(before, ast.AnnAssign) and isinstance(after, ast.Expr)
            }
            missing = [field.name for field in dataclasses.fields(each) if field.name not in described]
            undescribed += [f"{name}.{field}" for field in missing]
    assert undescribed == []


def test_every_widget_of_a_field_type_can_be_entered() -> None:
    types = plugin_manager.load_extensions([]).field_types
    widgets = {type_.widget for type_ in types} - {"none"}
    assert widgets <= form.WIDGETS
    templates = Templates()
    cell = templates.macro("widgets.html", "cell", locale="en")
    for widget in sorted(widgets - {"lines"}):
        said = cell(Input("x", "field-x", "X", widget, value='"<b>'))
        assert "field-x" in said
        assert "<b>" not in said


def test_text_in_a_template_is_escaped() -> None:
    templates = Templates()
    empty = templates.macro("parts.html", "empty", locale="en")
    assert "&lt;b&gt;" in empty("x", "<b>", "y")
