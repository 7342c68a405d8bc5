"""the commands and their shared options

Each module beside this one is a command: its name is the module's (`import_` is `import`), its short help the first
line of the docstring, and `command` the click command. A module is imported when its command runs, so that
`dougong --help` stays quick.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

import dougong
from dougong.base.errors import DougongError

HERE = Path(__file__).parent
NOT_COMMANDS = frozenset({"__init__", "main"})

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """All commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_name(path) for path in _modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = next((path for path in _modules() if _name(path) == cmd_name), None)
        if path is None:
            return None
        module = importlib.import_module(f"dougong.cli.{path.stem}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from dougong.base.names import hint_for  # noqa: PLC0415 -- only where a name was wrong

        name = click.utils.make_str(args[0])
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            hint = hint_for(name, self.list_commands(ctx))
            ctx.fail(f"there is no command '{name}'; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shown = [path for path in sorted(_modules()) if not _is_hidden(path)]
        with formatter.section("Commands"):
            formatter.write_dl([(_name(path), _caption(path)) for path in shown])


def _modules() -> list[Path]:
    return [path for path in HERE.glob("*.py") if path.stem not in NOT_COMMANDS and not path.stem.startswith("_")]


def _name(path: Path) -> str:
    return path.stem.rstrip("_").replace("_", "-")


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _caption(path: Path) -> str:
    return (_docstring(path).splitlines() or [""])[0]


def _is_hidden(path: Path) -> bool:
    return _docstring(path).endswith("(hidden)")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(dougong.__version__, prog_name="dougong")
def cli() -> None:
    """A metadata-driven application platform.

    Exit 0: done. 1: refused, or problems were found. 2: wrong use.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a foreseen error is one plain line, or those it has to say."""
    try:
        cli.main(args=list(arguments) if arguments is not None else None, prog_name="dougong", standalone_mode=True)
    except DougongError as error:
        fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        fail(f"{os.fsdecode(error.filename)}: {error.strerror}")


def fail(error: object) -> None:
    """Say what was refused, and end."""
    click.echo(f"dougong: {error}", err=True)
    sys.exit(1)


def json_option(function: F) -> F:
    """Offer `--json`, as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(function)


def print_json(value: object) -> None:
    """Print facts for scripts."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
