from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from dougong.cli.main import cli
from dougong.testing.golden import MatchesGolden

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/commands.md"
HEAD = """# Commands

`dougong COMMAND --help` says the same on the terminal. Exit 0: done. 1: refused, or problems were found. 2: wrong use.
Facts for scripts come with `--json`, where there is one. This page is made from the code; `make golden` writes it anew.
"""


def _commands(group: click.Group, ctx: click.Context, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if not command.hidden:
            yield f"{prefix}{name}", command
            if isinstance(command, click.Group):
                yield from _commands(command, ctx, f"{prefix}{name} ")


def _prose(command: click.Command) -> str:
    """The help of a command; what click keeps as it is (after \\b) is an example."""
    paragraphs = []
    for part in inspect.cleandoc(command.help or "").split("\n\n"):
        if part.startswith("\b"):
            _, title, *lines = part.split("\n")
            shown = textwrap.dedent("\n".join(lines))
            paragraphs.append(f"{title}\n\n```console\n{textwrap.indent(shown, '$ ')}\n```")
        else:
            paragraphs.append(" ".join(part.split()))
    return "\n\n".join(paragraphs)


def _options(command: click.Command) -> str:
    rows = []
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            names = ", ".join([*each.opts, *each.secondary_opts])
            shown = names if each.is_flag else f"{names} {_takes(each)}".replace("|", "\\|")
            default = f" By default {each.default}." if each.show_default and each.default is not None else ""
            rows.append(f"| `{shown}` | {each.help or ''}{default} |")
    return "\n".join(["| option | |", "|---|---|", *rows]) if rows else ""


def _takes(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return "NUMBER" if isinstance(option.type, click.IntRange) else option.type.name.upper()


def page() -> str:
    """Write the reference page of all commands."""
    ctx = click.Context(cli)
    parts = [HEAD.rstrip()]
    for name, command in _commands(cli, ctx):
        wanted = [each.make_metavar(ctx) for each in command.params if isinstance(each, click.Argument)]
        usage = " ".join(["dougong", name, *wanted])
        parts += [f"{'#' * (2 + name.count(' '))} {name}", f"`{usage}`", _prose(command), _options(command)]
    return "\n\n".join(part for part in parts if part) + "\n"


def test_reference_page_has_every_command(matches_golden: MatchesGolden) -> None:
    matches_golden(page(), PAGE)


def test_every_module_of_the_command_line_is_on_the_page_unless_it_is_hidden() -> None:
    page_text = PAGE.read_text(encoding="utf-8")
    for path in (ROOT / "platform/dougong/cli").glob("*.py"):
        said = path.read_text(encoding="utf-8").split('"""')[1]
        if path.stem not in ("__init__", "main") and not said.strip().endswith("(hidden)"):
            assert f"\n## {path.stem.rstrip('_')}\n" in page_text
