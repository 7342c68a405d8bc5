"""make tokens for programs that act for a person"""

from __future__ import annotations

import click

from dougong import engine as engines
from dougong.cli.user import user_id
from dougong.features.accounts import tokens
from dougong.features.accounts.work import work


@click.group("token")
def command() -> None:
    """Make tokens for programs that act for a person.

    \b
    Example:
      dougong token create lin --name nightly --scope customer:read
    """


@command.command("create")
@click.argument("login", metavar="USER")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, help="What it may do at most: read, customer:update …")
def create(login: str, *, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token. It is printed once, alone on the last line."""
    with work(engines.open_engine(), reason="dougong token create") as ctx:
        found = [each for scope in scopes for each in scope.replace(",", " ").split()]
        _, secret = tokens.create(ctx, user_id(ctx, login), name=name, scope=found or None)
    click.echo("Keep it; it is not shown again.", err=True)
    click.echo(secret)
