"""golden files are compared, and rewritten on demand"""

from __future__ import annotations

from pathlib import Path

import pytest

from dougong.testing import golden


def test_text_equals_its_file_whatever_its_line_ends(tmp_path: Path):
    path = tmp_path / "plan" / "add_field.txt"
    golden.write("+ contract.amount\n\n", path)
    golden.check("+ contract.amount", path)


def test_difference_is_a_failure(tmp_path: Path):
    path = tmp_path / "add_field.txt"
    golden.write("+ contract.amount", path)
    with pytest.raises(AssertionError, match="make golden"):
        golden.check("- contract.amount", path)


def test_missing_file_says_how_to_make_it(tmp_path: Path):
    with pytest.raises(pytest.fail.Exception, match="make golden"):
        golden.check("", tmp_path / "none.txt")


def test_file_that_says_the_same_is_left_alone(tmp_path: Path):
    path = tmp_path / "add_field.txt"
    golden.write("same", path)
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    golden.write("same\n", path)
    assert path.stat().st_mtime_ns == before
