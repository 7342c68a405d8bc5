"""check definitions and print problems"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dougong import plugin_manager
from dougong.base import settings as settings_module
from dougong.base.problems import has_errors
from dougong.cli.main import json_option, print_json
from dougong.features.bundles import service


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
def command(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Find problems of definitions, compiler style. Needs no database.

    PATH is a bundle, or a folder of bundles; by default the checkout's or the shipped definitions.

    \b
    Example:
      dougong check metadata/crm
    """
    settings = settings_module.read()
    folders = [settings.plugins] if settings.plugins.is_dir() else []
    problems, count = service.check(
        paths or (settings.definitions,),
        plugin_manager.load_extensions(folders),
        language=settings.locale,
        shipped=settings_module.default_folder("metadata") / "system",
    )
    if as_json:
        print_json([problem.as_data() for problem in problems])
    else:
        for problem in problems:
            click.echo(problem)
        noun = "problem" if len(problems) == 1 else "problems"
        click.echo(f"{len(problems)} {noun} in {count} {'definition' if count == 1 else 'definitions'}.")
    sys.exit(1 if has_errors(problems) else 0)
