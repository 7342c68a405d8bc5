from __future__ import annotations

import re
from pathlib import Path

from dougong.features.bundles import service
from dougong.plugin_manager import load_extensions
from dougong.storage import platform_tables

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "examples" not in page.relative_to(DOCS).parts)


def test_first_bundle_has_no_problems_and_is_shown_whole() -> None:
    bundle = DOCS / "examples/first_bundle/visits"
    problems, count = service.check([bundle], load_extensions(entry_points=False), shipped=ROOT / "metadata" / "system")
    assert [str(problem) for problem in problems] == []
    page = (DOCS / "author/first_bundle.md").read_text(encoding="utf-8")
    assert f"0 problems in {count} definitions." in page
    for file in bundle.rglob("*.yaml"):
        assert f'--8<-- "{file.relative_to(DOCS / "examples").as_posix()}"' in page


def test_every_shown_file_is_there() -> None:
    for page in PAGES:
        for shown in re.findall(r'^--8<-- "(.+)"', page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert (DOCS / "examples" / shown).is_file(), f"{page.name} shows {shown}"


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in PAGES if page != DOCS / "README.md"]
    assert [page for page in pages if f" {page}\n" not in navigation] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "decisions/index.md").read_text(encoding="utf-8")
    for page in (DOCS / "decisions").glob("0*.md"):
        assert f"({page.name})" in index


def test_operators_are_told_of_every_platform_table() -> None:
    page = (DOCS / "operate/storage.md").read_text(encoding="utf-8")
    for table in platform_tables.metadata.sorted_tables:
        assert f"| `{table.name}` |" in page
