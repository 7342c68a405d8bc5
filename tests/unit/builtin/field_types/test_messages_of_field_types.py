"""every sentence of ours that a field type may say is there in Chinese, and no other"""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import dougong
from dougong.plugin_manager import load_extensions
from dougong.sdk import FieldType

PACKAGE = Path(dougong.__file__).parent
PO = PACKAGE / "base/translations/zh-CN/field_types.po"
SOURCES = sorted([*PACKAGE.glob("builtin/field_types/*.py"), *PACKAGE.glob("sdk/*.py")])
PARAMETER = re.compile(r"\{(\w+)\}")


def sentences() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                found |= _texts(node.args[0], path)
    return found


def _texts(node: ast.expr, path: Path) -> set[str]:
    match node:
        case ast.Constant(str() as text):
            return {text}
        case ast.IfExp():
            return _texts(node.body, path) | _texts(node.orelse, path)
        case ast.Name():
            assigned = [
                each.value.value
                for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(each, ast.Assign)
                and isinstance(each.targets[0], ast.Name)
                and each.targets[0].id == node.id
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            ]
            return set(assigned)
        case _:
            raise AssertionError(f"{path.name}:{node.lineno}: a message is a sentence, written out")


def translations() -> dict[str, str]:
    with PO.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def test_every_sentence_is_translated_and_no_other() -> None:
    assert sorted(translations()) == sorted(sentences())


def test_translations_have_the_parameters_of_their_sentences() -> None:
    for sentence, translated in translations().items():
        assert set(PARAMETER.findall(sentence)) == set(PARAMETER.findall(translated)), sentence


@pytest.mark.parametrize("type_", list(load_extensions(entry_points=False).field_types), ids=lambda type_: type_.name)
def test_built_in_has_a_chinese_label_and_a_known_widget(type_: type[FieldType[object]]) -> None:
    widgets = "text textarea number money percent checkbox date datetime select multiselect lookup lines"
    assert set(type_.label.by_language) == {"en", "zh-CN"}
    assert type_.widget in {*widgets.split(), "email", "tel", "url", "none"}
