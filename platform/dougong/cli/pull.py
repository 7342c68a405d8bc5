"""write the site's own layer as files"""

from __future__ import annotations

from pathlib import Path

import click

from dougong import engine as engines
from dougong.features.bundles import service


@click.command("pull")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write the site's own layer into FOLDER/site.

    \b
    Example:
      dougong pull ../our-site
    """
    files = service.site_files(engines.open_engine())
    for name, text in files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} files in {folder / 'site'}.")
