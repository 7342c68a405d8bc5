"""No bundle holds code: all of it is definitions and BPMN."""

from __future__ import annotations

import re

import pytest

from dougong.testing import house

FOLDERS = ("metadata", "workflows", "seed")
ENDINGS = {".yaml", ".bpmn", ".csv", ".md"}
CODE = re.compile(
    r"<\w*:?script|scriptTask|camunda:|onerror\s*=|javascript:|\b(?:eval|exec|compile|__import__|getattr)\s*\(|\blambda\b|"
    r"__\w+__|!!python|\{%-?\s*(?:include|import|extends|from|macro|call)\b|\bimport\s+\w+\s*;?$",
    re.IGNORECASE | re.MULTILINE,
)


def _files():
    return [path for name in FOLDERS for path in sorted((house.ROOT / name).rglob("*")) if path.is_file()]


def test_bundles_are_made_of_definitions_processes_and_data_alone() -> None:
    files = _files()
    assert len(files) > 200
    assert [str(path) for path in files if path.suffix not in ENDINGS or path.stat().st_mode & 0o111] == []


def test_no_bundle_holds_code() -> None:
    held = {}
    for path in _files():
        if found := CODE.search(path.read_text(encoding="utf-8")):
            held[str(path.relative_to(house.ROOT))] = found.group()
    assert held == {}


@pytest.mark.parametrize(
    "text",
    [
        "<bpmn:scriptTask id='x'>", "value: eval(name)", "{{ x.__class__ }}", "!!python/object:os.system", "<script>",
        "{% import 'x' %}",
    ],
)  # fmt: skip
def test_what_is_looked_for_is_found(text: str) -> None:
    assert CODE.search(text)
