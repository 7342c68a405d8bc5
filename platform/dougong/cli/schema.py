"""print the JSON Schema of a kind of definition"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dougong import plugin_manager
from dougong.base import settings as settings_module
from dougong.base.names import hint_for
from dougong.definitions.kinds import KINDS
from dougong.definitions.schema import json_schema


@click.command("schema")
@click.argument("kind", required=False)
@click.option("--all", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write all of them here.")
def command(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of a kind, for editors; or write those of all kinds to a folder.

    \b
    Example:
      dougong schema object
      dougong schema --all .schemas
    """
    if (kind is None) == (folder is None):
        raise click.UsageError("name one KIND, or a folder with --all")
    if kind is not None and kind not in KINDS:
        click.echo(f"there is no kind '{kind}'; {hint_for(kind, KINDS)}", err=True)
        sys.exit(1)
    settings = settings_module.read()
    plugins = [settings.plugins] if settings.plugins.is_dir() else []
    extensions = plugin_manager.load_extensions(plugins)
    if kind is not None:
        click.echo(json.dumps(json_schema(kind, extensions), ensure_ascii=False, indent=2))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for each in KINDS:
            text = json.dumps(json_schema(each, extensions), ensure_ascii=False, indent=2)
            (folder / f"{each}.json").write_text(text + "\n", encoding="utf-8")
        click.echo(f"{len(KINDS)} schemas in {folder}")
