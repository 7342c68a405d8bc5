from __future__ import annotations

from pathlib import Path

import pytest

from dougong.base.problems import Problem, has_errors
from dougong.catalog.compile import load
from dougong.definitions import sources
from dougong.definitions.codes import reference
from dougong.definitions.reference import codes_page, kinds_page
from dougong.plugin_manager import load_extensions
from dougong.sdk.extensions import Extensions
from dougong.testing.golden import MatchesGolden

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests/golden/bad"
CASES = sorted(folder.name for folder in BAD.iterdir() if folder.is_dir())
TOO_LARGE_TO_KEEP = {"E113", "E114"}


@pytest.fixture(scope="module")
def extensions() -> Extensions:
    return load_extensions(entry_points=False)


def problems_of(folder: Path, extensions: Extensions, monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """Check a folder of bundles from within, so that paths are short."""
    monkeypatch.chdir(folder)
    files, problems = sources.read(Path())
    return sorted(set(problems + load(files, extensions).problems))


@pytest.mark.parametrize("name", CASES)
def test_bad_bundle_is_told_what_is_wrong(
    name: str, extensions: Extensions, monkeypatch: pytest.MonkeyPatch, matches_golden: MatchesGolden
) -> None:
    problems = problems_of(BAD / name, extensions, monkeypatch)
    code = name.split("_")[0]
    assert code in {problem.code for problem in problems}
    assert has_errors(problems) == code.startswith("E")
    matches_golden("\n".join(map(str, problems)), BAD / name / "expected.txt")


def test_every_code_has_a_bad_bundle() -> None:
    assert {name.split("_")[0] for name in CASES} | TOO_LARGE_TO_KEEP == set(reference())


def test_reference_of_codes_is_current(matches_golden: MatchesGolden) -> None:
    matches_golden(codes_page(), ROOT / "docs/reference/codes.md")


def test_reference_of_kinds_is_current(extensions: Extensions, matches_golden: MatchesGolden) -> None:
    matches_golden(kinds_page(extensions), ROOT / "docs/reference/kinds.md")
