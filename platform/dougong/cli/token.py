"""make tokens for programs that act for a person, list and revoke them"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import click

from dougong import engine as engines
from dougong.base.errors import Conflict, NotFound
from dougong.base.text import Message
from dougong.cli.main import json_option, print_json
from dougong.cli.user import user_id
from dougong.context import Context
from dougong.features.accounts import tokens
from dougong.features.accounts.tokens import Token
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query

NEVER = "never"
MOST_DAYS = 36_500


class Days(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number of days from now, or `never`."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.timedelta | None:
        said = str(value).strip().lower()
        if said == NEVER:
            return None
        if not (said.isascii() and said.isdigit() and 1 <= int(said) <= MOST_DAYS):
            self.fail(f"'{value}' is no number of days from 1 to {MOST_DAYS}; or write '{NEVER}'", param, ctx)
        return dt.timedelta(days=int(said))


@click.group("token")
def command() -> None:
    """Make tokens for programs that act for a person, list and revoke them.

    \b
    Examples:
      dougong token create lin --name nightly --scope customer:read --expires 90
      dougong token list lin
      dougong token revoke nightly
    """


@command.command("create")
@click.argument("login", metavar="USER")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, help="What it may do at most: read, customer:update …")
@click.option(
    "--expires",
    type=Days(),
    metavar="DAYS|never",
    default="365",
    show_default=True,
    help="After how many days it holds no longer.",
)
def create(login: str, *, name: str, scopes: tuple[str, ...], expires: dt.timedelta | None) -> None:
    """Make a token. It is printed once, alone on the last line."""
    engine = engines.open_engine()
    with work(engine, reason="dougong token create") as ctx:
        found = [each for scope in scopes for each in scope.replace(",", " ").split()]
        until = None if expires is None else ctx.now() + expires
        _, secret = tokens.create(ctx, user_id(ctx, login), name=name, scope=found or None, expires_at=until)
    ends = (
        "It does not expire" if until is None else f"It expires on {until.astimezone(ZoneInfo(engine.zone)):%Y-%m-%d}"
    )
    click.echo(f"{ends}. Keep it; it is not shown again.", err=True)
    click.echo(secret)


@command.command("list")
@click.argument("login", metavar="[USER]", required=False)
@json_option
def list_tokens(login: str | None, *, as_json: bool) -> None:
    """List the tokens of a user, or of everyone: when each was used last, and whether it holds."""
    engine = engines.open_engine()
    with work(engine, write=False, reason="dougong token list") as ctx:
        found = tokens.list_all(ctx) if login is None else tokens.list_of(ctx, user_id(ctx, login))
        logins = _logins(ctx, found)
        now = ctx.now()
    if as_json:
        print_json([_as_data(each, logins, now) for each in found])
        return
    zone = ZoneInfo(engine.zone)
    for each in found:
        ends = "never expires" if each.expires_at is None else f"expires {each.expires_at.astimezone(zone):%Y-%m-%d}"
        used = "never used" if each.used_at is None else f"used {each.used_at.astimezone(zone):%Y-%m-%d %H:%M}"
        state = each.state(now)
        marks = [used, ends if state == "active" else state, " ".join(each.scope or ("whatever its user may",))]
        click.echo("  ".join([each.id, f"{logins.get(each.user, each.user):<12}", f"{each.name:<20}", *marks]))


@command.command("revoke")
@click.argument("token", metavar="ID|NAME")
def revoke(token: str) -> None:
    """End a token, by its id or its name: the next request with it is refused."""
    with work(engines.open_engine(), reason="dougong token revoke") as ctx:
        found = _one(ctx, token)
        tokens.revoke(ctx, found.id)
        login = _logins(ctx, [found]).get(found.user, found.user)
    click.echo(f"{found.name} of {login} is revoked.")


def _one(ctx: Context, wanted: str) -> Token:
    """Find a token by its id, or by its name among those that hold."""
    every = tokens.list_all(ctx)
    by_id = next((each for each in every if each.id == wanted), None)
    if by_id is not None:
        return by_id
    named = [each for each in every if each.name == wanted and each.state(ctx.now()) == "active"]
    if not named:
        raise NotFound(
            Message("There is no token '{token}' that holds. See: dougong token list", token=wanted, code="not_found")
        )
    if len(named) > 1:
        ids = ", ".join(each.id for each in named)
        raise Conflict(
            Message(
                "{count} tokens are called '{token}'. Give the id of one: {ids}",
                count=len(named),
                token=wanted,
                ids=ids,
                code="token_ambiguous",
            )
        )
    return named[0]


def _logins(ctx: Context, found: Iterable[Token]) -> dict[str, str]:
    """Give the logins of the users of these tokens, by id."""
    ids = sorted({each.user for each in found})
    logins: dict[str, str] = {}
    for start in range(0, len(ids), 50):
        some = ids[start : start + 50]
        where = " or ".join(f'id == "{each}"' for each in some)
        for record in records.list(ctx, "user", Query(where=where, fields=("id", "login"), limit=len(some))):
            logins[record.id] = str(record["login"])
    return logins


def _as_data(token: Token, logins: dict[str, str], now: dt.datetime) -> dict[str, object]:
    return {
        "id": token.id,
        "user": logins.get(token.user, token.user),
        "name": token.name,
        "scope": token.scope,
        "created_at": _moment(token.created_at),
        "expires_at": _moment(token.expires_at),
        "used_at": _moment(token.used_at),
        "revoked_at": _moment(token.revoked_at),
        "state": token.state(now),
    }


def _moment(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
