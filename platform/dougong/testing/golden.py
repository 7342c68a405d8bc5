"""compare with a golden file, or rewrite it with --update-golden"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

MatchesGolden = Callable[[str, Path], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--update-golden`."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the golden files with what the tests found; read the diff before you commit it",
    )


@pytest.fixture
def matches_golden(request: pytest.FixtureRequest) -> MatchesGolden:
    """Give the function that holds a text against its golden file."""
    is_updating = bool(request.config.getoption("--update-golden"))

    def compare(text: str, path: Path) -> None:
        if is_updating:
            write(text, path)
        check(text, path)

    return compare


def check(text: str, path: Path) -> None:
    """Fail, showing the difference, unless the file says the same as `text`."""
    __tracebackhide__ = True
    if not path.is_file():
        pytest.fail(f"there is no golden file {path}; `make golden` writes it")
    expected = path.read_text(encoding="utf-8")
    assert expected == _with_line_end(text), f"{path} says otherwise; if it should change, `make golden`"


def write(text: str, path: Path) -> None:
    """Write the file, unless it says the same already."""
    wanted = _with_line_end(text)
    if path.is_file() and path.read_text(encoding="utf-8") == wanted:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(wanted, encoding="utf-8")


def _with_line_end(text: str) -> str:
    """End the text with exactly one line end, as editors do."""
    return text.rstrip("\n") + "\n"
