"""make an instance: database, secret key, administrator"""

from __future__ import annotations

import sys

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.errors import Conflict
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.engine import Engine
from dougong.features.accounts import passwords
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.bundles import instance


@click.command("init")
@click.option("--login", default="admin", show_default=True, help="The administrator's login.")
@click.option("--name", default="Administrator", show_default=True, help="The administrator's name.")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input.")
def command(*, login: str, name: str, password_stdin: bool) -> None:
    """Make an instance in DOUGONG_HOME: database, secret key, the platform's own bundle, an administrator.

    The password is asked for, or comes from DOUGONG_ADMIN_PASSWORD or standard input.

    \b
    Example:
      DOUGONG_HOME=/srv/crm dougong init
    """
    settings = settings_module.read()
    engine = engines.assemble(settings)
    if settings.may_have_database() and instance.is_there(engine):
        raise Conflict(Message("There is an instance in {home} already.", home=settings.home))
    password = passwords.check(_password(settings, from_input=password_stdin))
    make(engine, login=login, name=name, password=password)
    click.echo(f"The instance is in {settings.home}. Sign in as {login}.")
    click.echo("Next: dougong apply FOLDER (metadata/ has the CRM), then dougong serve")


def make(engine: Engine, *, login: str, name: str, password: str) -> None:
    """Make the instance of an engine, with its administrator."""
    instance.begin(engine)
    with work(engine, write=True, reason="init") as ctx:
        accounts.create_user(ctx, login=login, name=name, password=password, is_administrator=True)


def _password(settings: Settings, *, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if settings.admin_password is not None:
        return settings.admin_password
    if not sys.stdin.isatty():
        raise click.UsageError("Give the administrator's password: --password-stdin, or DOUGONG_ADMIN_PASSWORD.")
    password: str = click.prompt("Password of the administrator", hide_input=True, confirmation_prompt=True)
    return password
