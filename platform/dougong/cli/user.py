"""add users, list them, disable them, give passwords and roles"""

from __future__ import annotations

import sys

import click

from dougong import engine as engines
from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.cli.main import json_option, print_json
from dougong.context import Context
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query


@click.group("user")
def command() -> None:
    """Add users, list them, disable them, give passwords and roles.

    \b
    Example:
      dougong user add lin --name 林 --role sales_supervisor --password-stdin
    """


@command.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", help="The person's email address.")
@click.option("--role", "roles", multiple=True, help="A role to hold; may be given several times.")
@click.option("--unit", "units", multiple=True, help="The code of a unit to belong to; the first is the main one.")
@click.option("--administrator", is_flag=True, help="May do everything.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(
    login: str,
    *,
    name: str,
    email: str | None,
    roles: tuple[str, ...],
    units: tuple[str, ...],
    administrator: bool,
    password_stdin: bool,
) -> None:
    """Add a user. Without a password nobody can sign in as it yet."""
    password = _password() if password_stdin else None
    with work(engines.open_engine(), reason="dougong user add") as ctx:
        found = [_unit(ctx, code) for code in units]
        more = {"email": email} if email else {}
        made = accounts.create_user(
            ctx,
            login=login,
            name=name,
            password=password,
            is_administrator=administrator,
            roles=roles,
            units=found,
            **more,
        )
        click.echo(made.id)


@command.command("list")
@json_option
def list_users(*, as_json: bool) -> None:
    """List the users."""
    with work(engines.open_engine(), write=False, reason="dougong user list") as ctx:
        page = records.list(ctx, "user", Query(sort=("login",), limit=1000))
        names = ("login", "name", "email", "active", "is_administrator")
        rows = [{"id": record.id, **{name: record.values.get(name) for name in names}} for record in page.records]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        marks = [*(["disabled"] if not row["active"] else []), *(["administrator"] if row["is_administrator"] else [])]
        click.echo("  ".join([f"{row['login']:<20}", str(row["name"]), *marks]))


@command.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Disable a user: sessions end, tokens are refused, records stay."""
    with work(engines.open_engine(), reason="dougong user disable") as ctx:
        accounts.disable(ctx, user_id(ctx, login))
    click.echo(f"{login} is disabled.")


@command.command("password")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(login: str, *, password_stdin: bool) -> None:
    """Give a user a new password; all their sessions end."""
    text = _password() if password_stdin else _ask()
    with work(engines.open_engine(), reason="dougong user password") as ctx:
        accounts.set_password(ctx, user_id(ctx, login), text)
    click.echo(f"{login} has a new password.")


@command.command("grant")
@click.argument("login")
@click.argument("role")
def grant(login: str, role: str) -> None:
    """Let a user hold a role."""
    with work(engines.open_engine(), reason="dougong user grant") as ctx:
        accounts.grant_role(ctx, user_id(ctx, login), role)
    click.echo(f"{login} holds {role}.")


def user_id(ctx: Context, login: str) -> str:
    """Find a user by login, disabled ones too, or raise `NotFound`."""
    found = records.list(ctx, "user", Query(where=f"login == {_quoted(login)}", limit=1))
    if not found.records:
        raise NotFound(Message("There is no user '{login}'.", login=login, code="no_user"))
    identity: str = found.records[0].id
    return identity


def _unit(ctx: Context, code: str) -> str:
    """Find a unit by its code."""
    found = records.list(ctx, "unit", Query(where=f"code == {_quoted(code)}", limit=1))
    if not found.records:
        raise click.BadParameter(f"there is no unit with the code '{code}'", param_hint="--unit")
    unit_id: str = found.records[0].id
    return unit_id


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("Give the password with --password-stdin.")
    text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return text
