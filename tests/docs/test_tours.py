from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from dougong.cli.main import cli

ROOT = Path(__file__).parents[2]
TOURS = sorted((ROOT / "docs/tours").glob("*.md"))
_SHOWN = re.compile(r"^\$ dougong (.+)$", re.MULTILINE)


def test_each_reader_has_a_tour_that_takes_five_minutes() -> None:
    assert [page.name for page in TOURS] == ["administrator.md", "implementer.md", "user.md", "user.zh-CN.md"]
    for page in TOURS:
        words = len(re.findall(r"[a-zA-Z]+|[\u4e00-\u9fff]{2}", page.read_text(encoding="utf-8")))
        assert words < 5 * 200, f"{page.name}: {words} words"


@pytest.mark.parametrize("page", TOURS, ids=lambda page: page.name)
def test_every_command_of_a_tour_is_one_with_these_options(page: Path) -> None:
    for shown in _SHOWN.findall(page.read_text(encoding="utf-8")):
        command, words = cli, shown.split()
        while words and isinstance(command, click.Group):
            ctx = click.Context(command)
            assert words[0] in command.list_commands(ctx), shown
            command = command.get_command(ctx, words.pop(0))
        options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options, shown


def test_roles_and_definitions_of_the_tours_are_there() -> None:
    flow = (ROOT / "metadata/contracts/flows/contract_approval.yaml").read_text(encoding="utf-8")
    page = (ROOT / "docs/tours/implementer.md").read_text(encoding="utf-8")
    for line in re.findall(r"(?:assign: (\[\{.*?\}\])|process: (\S+))", page):
        assert next(filter(None, line)) in flow
    assert "amount &gt;= 500000" in (ROOT / "workflows/contracts/contract_approval.bpmn").read_text(encoding="utf-8")
