from __future__ import annotations

import re
from pathlib import Path

from dougong.catalog.compile import load
from dougong.definitions import sources
from dougong.definitions.kinds import KINDS
from dougong.plugin_manager import load_extensions

DOCS = Path(__file__).parents[2] / "docs"


def test_example_of_the_authors_guide_has_no_problems() -> None:
    files, problems = sources.read(DOCS / "examples/library/metadata", DOCS.parent / "metadata/system")
    loaded = load(files, load_extensions(entry_points=False))
    assert [str(problem) for problem in problems + loaded.problems] == []


def test_authors_guide_names_every_kind_and_shows_files_that_are_there() -> None:
    page = (DOCS / "author/definitions.md").read_text(encoding="utf-8")
    for kind, model in KINDS.items():
        assert f"| {kind} | `{'bundle.yaml' if model.FOLDER == '.' else model.FOLDER + '/'}`" in page
    shown = re.findall(r'--8<-- "(.+)"', page)
    assert len(shown) > 8
    assert all((DOCS / "examples" / path).is_file() for path in shown)
