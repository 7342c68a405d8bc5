import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from dougong.base.errors import UnknownName
from dougong.plugin_manager import BrokenPlugin, load_extensions
from dougong.sdk.extensions import Extensions

ROOT = Path(__file__).parents[2]

FIELD_TYPE = """
    from __future__ import annotations

    from typing import Any

    import sqlalchemy as sa

    from dougong.sdk import Column, FieldType, Reading, Text, hookimpl, types


    class Shade(FieldType[str]):
        '''A shade.'''

        name = "shade"
        label = Text({"en": "Shade", "zh-CN": "色度"})

        def columns(self) -> tuple[Column, ...]:
            return (Column("", sa.Text()),)

        def expression_type(self) -> types.Type:
            return types.TEXT

        def parse(self, raw: Any, reading: Reading) -> str:
            return str(raw)


    @hookimpl
    def field_types() -> list[type[FieldType[Any]]]:
        return [Shade]
"""


def plugin(folder: Path, source: str, *changes: tuple[str, str], name: str = "shade.py") -> Path:
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def load(*folders: Path) -> Extensions:
    return load_extensions(folders, entry_points=False)


def refusal(*folders: Path) -> str:
    with pytest.raises(BrokenPlugin) as caught:
        load(*folders)
    return str(caught.value)


def test_built_ins_are_found_by_walking() -> None:
    found = load().field_types.names()
    assert {"text", "money", "lookup", "children", "formula"} <= set(found)
    assert len(found) == 19


def test_registry_is_frozen_and_guesses_what_was_meant() -> None:
    types = load().field_types
    with pytest.raises(RuntimeError, match="came too late"):
        types.add("late", types.get("text"), source="here")
    with pytest.raises(UnknownName, match="did you mean 'decimal'"):
        types.get("decimals")


def test_file_of_a_folder_adds_a_type(tmp_path: Path) -> None:
    path = plugin(tmp_path, FIELD_TYPE)
    types = load(tmp_path).field_types
    assert types.get("shade").name == "shade"
    assert types.source("shade") == str(path)


def test_example_plugin_of_the_checkout_loads() -> None:
    assert "rating" in load(ROOT / "plugins").field_types


def test_two_engines_of_one_process_have_their_own_types(tmp_path: Path) -> None:
    plugin(tmp_path / "one", FIELD_TYPE)
    plugin(tmp_path / "two", FIELD_TYPE, ('"shade"', '"tint"'))
    one, two = load(tmp_path / "one"), load(tmp_path / "two")
    assert "shade" in one.field_types
    assert "tint" not in one.field_types
    assert "tint" in two.field_types
    assert load(tmp_path / "one").field_types.get("shade") is one.field_types.get("shade")


def test_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "nowhere").field_types.names() == load().field_types.names()


def test_file_with_an_underscore_is_for_the_others(tmp_path: Path) -> None:
    plugin(tmp_path, "raise RuntimeError", name="_shared.py")
    assert load(tmp_path).field_types.names() == load().field_types.names()


def test_duplicate_name_names_both_files(tmp_path: Path) -> None:
    first = plugin(tmp_path, FIELD_TYPE, name="a.py")
    second = plugin(tmp_path, FIELD_TYPE, name="b.py")
    assert refusal(tmp_path) == f"{second}: field type 'shade' is in {first} and in {second}"


def test_name_of_a_built_in_is_taken(tmp_path: Path) -> None:
    path = plugin(tmp_path, FIELD_TYPE, ('"shade"', '"text"'))
    said = refusal(tmp_path)
    assert "field type 'text' is in " in said
    assert said.endswith(f"field_types/text.py and in {path}")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x = 1\nimport no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module' (line 2)"),
        ("\n\ndef f(:\n", "SyntaxError: invalid syntax"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3 (line 2)"),
        ("from dougong.sdk import Nothing\n", "ImportError: cannot import name 'Nothing'"),
        ("def deep():\n    return 1 / 0\n\n\ndeep()\n", "ZeroDivisionError: division by zero (line 2)"),
    ],
)
def test_plugin_that_fails_to_import_says_file_and_reason(tmp_path: Path, source: str, why: str) -> None:
    path = plugin(tmp_path, source)
    said = refusal(tmp_path)
    assert said.startswith(f"{path}: cannot be imported: ")
    assert why in said


def test_plugin_that_failed_is_tried_again(tmp_path: Path) -> None:
    plugin(tmp_path, "import no_such_module\n")
    refusal(tmp_path)
    plugin(tmp_path, FIELD_TYPE)
    assert "shade" in load(tmp_path).field_types


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("def field_types(", "def field_typs("), "there is no hook 'field_typs'; did you mean 'field_types'?"),
        (("@hookimpl\n", "\n"), "adds nothing; mark its function with @hookimpl"),
        (("return [Shade]", "return Shade"), "'field_types' gives"),
        (("return [Shade]", "return ['Shade']"), "'Shade' is no class of FieldType"),
        (("return [Shade]", "return [dict]"), "is no class of FieldType"),
        (("return [Shade]", "return 1 / 0"), "'field_types' fails: ZeroDivisionError"),
        (('name = "shade"', 'name = "The Shade"'), "Shade has the name 'The Shade'; a name is snake_case"),
        (('name = "shade"', ""), "Shade has the name None"),
        (('label = Text({"en": "Shade", "zh-CN": "色度"})', ""), "Shade has no label"),
        (("def parse(", "def read("), "Shade lacks parse"),
        (
            ('name = "shade"', 'name = "shade"; comparisons = ("contain",)'),
            "the unknown comparison 'contain'; did you mean 'contains'?",
        ),
        (("def field_types(", "def field_types(nothing_of_the_sort"), "nothing_of_the_sort"),
    ],
)
def test_plugin_that_only_looks_like_one_stops_the_start(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    path = plugin(tmp_path, FIELD_TYPE, change)
    said = refusal(tmp_path)
    assert said.startswith(f"{path}: ")
    assert why in said


def test_plugin_hears_the_moments_it_asks_for(tmp_path: Path) -> None:
    plugin(
        tmp_path,
        """
        from dougong.sdk import hookimpl

        HEARD = []


        @hookimpl
        def records_changed(events):
            HEARD.append(events)


        @hookimpl
        def catalog_published(fingerprint):
            HEARD.append(fingerprint)


        @hookimpl
        def engine_started():
            HEARD.append("started")
        """,
    )
    moments = load(tmp_path).moments
    moments.records_changed(events=[1])
    moments.catalog_published(fingerprint="f")
    moments.engine_started()
    (module,) = [
        module for name, module in sys.modules.items() if name.startswith("dougong_plugin_shade") and _heard(module)
    ]
    assert module.HEARD == [[1], "f", "started"]


def _heard(module: Any) -> bool:
    return bool(getattr(module, "HEARD", None))


class FakePoint:
    name, value = "shades", "shades_of_grey:plugin"

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def load(self) -> Any:
        if isinstance(self.thing, Exception):
            raise self.thing
        return self.thing


def test_installed_packages_are_asked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin(tmp_path, FIELD_TYPE, name="shades_of_grey.py")
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__("shades_of_grey")
    monkeypatch.setattr(
        metadata, "entry_points", lambda group: [FakePoint(module)] if group == "dougong.plugins" else []
    )
    assert "shade" in load_extensions().field_types


def test_entry_point_that_fails_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [FakePoint(ImportError("no such thing"))])
    with pytest.raises(BrokenPlugin, match=r"entry point shades = shades_of_grey:plugin: cannot be imported"):
        load_extensions()


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, dougong.plugin_manager\n"
        "assert not [name for name in sys.modules if name.startswith('dougong.builtin')]\n"
        "assert 'pypinyin' not in sys.modules and 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_extensions_without_plugins_announce_to_nobody() -> None:
    silent = Extensions(field_types=load().field_types).moments
    assert silent.records_changed(events=[]) is None
    assert silent.catalog_published(fingerprint="f") is None
    assert silent.engine_started() is None
