"""make an instance: database, secret key, administrator"""

from __future__ import annotations

import sys
from pathlib import Path

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
from dougong.features.bundles import service as bundles


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
    if _is_there(engine, settings):
        raise Conflict(Message("There is an instance in {home} already.", home=settings.home))
    password = passwords.check(_password(settings, from_input=password_stdin))
    make(engine, login=login, name=name, password=password)
    click.echo(f"The instance is in {settings.home}. Sign in as {login}.")
    click.echo("Next: dougong apply, then dougong serve")


def make(engine: Engine, *, login: str, name: str, password: str, is_demo: bool = False) -> None:
    """Make the instance of an engine, with its administrator."""
    settings = engine.settings
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.home / "files").mkdir(exist_ok=True)
    settings_module.make_secret_key(settings)
    instance.prepare(engine, bundles.read_layers([_system(settings)]))
    if is_demo:
        instance.set_setting(engine, "demo", "1")
    with work(engine, write=True, reason="init") as ctx:
        accounts.create_user(ctx, login=login, name=name, password=password, is_administrator=True)


def _is_there(engine: Engine, settings: Settings) -> bool:
    path = settings.sqlite_file
    return (path is None or path.is_file()) and instance.is_there(engine)


def _system(settings: Settings) -> Path:
    """Find the platform's own bundle: beside the others, or the shipped one."""
    own = settings.definitions / instance.SYSTEM
    return own if own.is_dir() else settings_module.default_folder("metadata") / instance.SYSTEM


def _password(settings: Settings, *, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if settings.admin_password is not None:
        return settings.admin_password
    if not sys.stdin.isatty():
        raise click.UsageError("Give the administrator's password: --password-stdin, or DOUGONG_ADMIN_PASSWORD.")
    password: str = click.prompt("Password of the administrator", hide_input=True, confirmation_prompt=True)
    return password
