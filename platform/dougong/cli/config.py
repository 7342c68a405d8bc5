"""show the settings, where each comes from, and what it is for"""

from __future__ import annotations

import click

from dougong.base import settings as settings_module
from dougong.cli.main import json_option, print_json


@click.command("config")
@json_option
def command(*, as_json: bool) -> None:
    """Show every setting with its value, its source and its help. Secrets are masked.

    \b
    Example:
      DOUGONG_HOME=/srv/crm dougong config
    """
    facts = settings_module.read().facts
    if as_json:
        print_json([fact.as_data() for fact in facts])
        return
    for fact in facts:
        click.echo(f"{fact.setting.variable} = {fact.shown or '(not set)'}  [{fact.source}]")
        click.echo(f"    {fact.setting.help}")
