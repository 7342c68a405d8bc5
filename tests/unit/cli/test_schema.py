from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dougong.cli.schema import command
from dougong.definitions.kinds import KINDS


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOUGONG_HOME", str(tmp_path))


def test_schema_of_a_kind_is_printed() -> None:
    result = CliRunner().invoke(command, ["object"])
    assert result.exit_code == 0
    assert json.loads(result.output)["properties"]["kind"] == {"const": "object"}


def test_schemas_of_all_kinds_are_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--all", str(tmp_path / "schemas")])
    assert result.exit_code == 0
    assert {path.stem for path in (tmp_path / "schemas").iterdir()} == set(KINDS)


@pytest.mark.parametrize(("arguments", "code", "said"), [(["objet"], 1, "did you mean 'object'?"), ([], 2, "KIND")])
def test_wrong_use_says_what_was_meant(arguments: list[str], code: int, said: str) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == code
    assert said in result.output
