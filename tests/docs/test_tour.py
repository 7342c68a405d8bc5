from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TOUR = DOCS / "tour.md"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_NAMED = re.compile(r"\[[^\]]*\]\(([^)\s]+)\):((?:,?\s+`\w+`)+)")
_PAGES = sorted(page for page in DOCS.rglob("*.md") if "examples" not in page.relative_to(DOCS).parts)


def _named() -> Iterator[tuple[Path, str]]:
    for link, names in _NAMED.findall(TOUR.read_text(encoding="utf-8")):
        for name in re.findall(r"`(\w+)`", names):
            yield (TOUR.parent / link).resolve(), name


def test_every_function_beside_a_link_is_in_its_file() -> None:
    named = list(_named())
    assert len(named) > 60
    missing = [
        f"{file.name}: {name}"
        for file, name in named
        if not re.search(rf"^(?:\s*(?:def|class) {name}\b|{name}\b)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = (link.partition("#")[0] for link in _LINK.findall(prose) if "://" not in link)
    assert [link for link in links if link and not (page.parent / link).exists()] == []
