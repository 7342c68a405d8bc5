"""sign in, sign out, password, preferences"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response

from dougong.base.errors import DougongError, InvalidRecord
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions
from dougong.features.accounts.service import LockedOut, SignInRefused
from dougong.records import service as records
from dougong.records.query import Query
from dougong.web import locales, sign_in
from dougong.web.pages.frame import answer, back_to, frame, go, theme
from dougong.web.pages.route import Visit
from dougong.web.present import address
from dougong.web.present.page import Frame, Link, known_locale

YEAR = 365 * 24 * 3600
USUAL_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "UTC",
)


@dataclass(frozen=True)
class SignInPage:
    """Signing in."""

    frame: Frame
    """What stands around it."""
    next: str
    """Where to go then: a local address."""
    login: str = ""
    """What was typed."""
    has_ended: bool = False
    """Whether a form was sent after the session had ended."""
    problem: str = ""
    """Why it was refused."""
    accounts: tuple[Link, ...] = ()
    """The accounts of a demo; `href` is the login."""
    language_href: str = ""
    """This page in another language."""


@dataclass(frozen=True)
class PasswordInput:
    """One password to enter."""

    name: str
    """What it is called when it is sent."""
    label: str
    """What the person reads."""
    autocomplete: str
    """What a password manager should do."""
    errors: tuple[str, ...] = ()
    """What is wrong with it."""


@dataclass(frozen=True)
class AccountPage:
    """What a person may set for themselves."""

    frame: Frame
    """What stands around it."""
    zone: str
    """The time zone now."""
    zones: tuple[str, ...]
    """Time zones to choose from, the usual ones first."""
    passwords: tuple[PasswordInput, ...]
    """The old one, the new one, and the new one again."""
    facts: tuple[Link, ...]
    """Who they are; `href` holds the value."""


def show_sign_in(ctx: Context, visit: Visit) -> Response:
    """Show the sign-in page."""
    chosen = visit.request.args.get("locale", "")
    locale = known_locale(chosen or ctx.locale)
    if ctx.actor.id and not chosen:
        return go(back_to(visit, address.HOME))
    response = _sign_in_page(ctx, visit, locale)
    if chosen:
        response.set_cookie(locales.COOKIE, locale, max_age=YEAR, path="/", samesite="Lax")
    return response


def _sign_in_page(
    ctx: Context, visit: Visit, locale: str, *, problem: DougongError | None = None, status: int = HTTPStatus.OK
) -> Response:
    title = Message("Sign in").show(locale)
    following = back_to(visit, address.HOME)
    ended = [("ended", "1")] if visit.request.values.get("ended") == "1" else []
    page = SignInPage(
        frame=Frame(title=title, locale=locale, theme=theme(visit), csrf="", path=address.SIGN_IN),
        next=following,
        login=visit.request.form.get("login", "")[:200],
        has_ended=bool(ended),
        problem=problem.message.show(locale) if problem else "",
        accounts=_demo_accounts(ctx),
        language_href=address.with_query(address.SIGN_IN, [("next", following), *ended]) + "&",
    )
    response = answer(visit, "sign_in.html", page, locale=locale, status=status)
    if isinstance(problem, LockedOut):
        response.headers["Retry-After"] = str(problem.seconds)
    return response


def _demo_accounts(ctx: Context) -> tuple[Link, ...]:
    """Give the accounts of a demo instance; no other tells who has one."""
    if not accounts.is_demo(ctx.connection):
        return ()
    query = Query(where="active", fields=("id", "login", "name"), limit=12, sort=("login",))
    found = records.list(ctx.as_system("show the accounts of the demo"), "user", query)
    return tuple(Link(str(each["name"]), str(each["login"])) for each in found)


def do_sign_in(ctx: Context, visit: Visit) -> Response:
    """Begin a session, or say why not."""
    sent = visit.request.form
    try:
        session = accounts.sign_in(
            visit.engine,
            login=sent.get("login", ""),
            password=sent.get("password", ""),
            ip=visit.request.remote_addr,
        )
    except (SignInRefused, LockedOut) as error:
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, LockedOut) else HTTPStatus.UNAUTHORIZED
        return _sign_in_page(ctx, visit, known_locale(ctx.locale), problem=error, status=status)
    response = go(back_to(visit, address.HOME))
    sign_in.remember(response, visit.request, session)
    return response


def do_sign_out(ctx: Context, visit: Visit) -> Response:
    """End this session."""
    accounts.sign_out(ctx, _digest(visit))
    response = go(address.SIGN_IN)
    sign_in.forget(response, visit.request)
    return response


def _digest(visit: Visit) -> str:
    return sessions.digest(visit.request.cookies.get(sign_in.COOKIE, ""))


def show(ctx: Context, visit: Visit) -> Response:
    """Show what a person may set for themselves."""
    return _account_page(ctx, visit, {})


def _account_page(
    ctx: Context, visit: Visit, errors: dict[str, list[Message]], *, status: int = HTTPStatus.OK
) -> Response:
    locale = known_locale(ctx.locale)
    labels = (
        ("old", Message("Password now"), "current-password"),
        ("new", Message("New password"), "new-password"),
        ("again", Message("New password again"), "new-password"),
    )
    inputs = tuple(
        PasswordInput(name, label.show(locale), complete, tuple(each.show(locale) for each in errors.get(name, ())))
        for name, label, complete in labels
    )
    facts = (
        Link(Message("Name").show(locale), ctx.actor.name),
        Link(Message("Roles").show(locale), ", ".join(_roles(ctx, locale)) or "—"),
    )
    page = AccountPage(
        frame=frame(ctx, visit, Message("Account").show(locale)),
        zone=ctx.actor.zone,
        zones=_zones(ctx.actor.zone),
        passwords=inputs,
        facts=facts,
    )
    return answer(visit, "account.html", page, locale=locale, status=status)


def _roles(ctx: Context, locale: str) -> list[str]:
    known = ctx.catalog.definitions.get("role", {})
    return [known[name].shown_label().show(locale) if name in known else name for name in sorted(ctx.actor.roles)]


def _zones(mine: str) -> tuple[str, ...]:
    everywhere = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return tuple(dict.fromkeys((mine, *USUAL_ZONES, *everywhere)))


def set_preferences(ctx: Context, visit: Visit) -> Response:
    """Keep a person's language and time zone."""
    sent = visit.request.form
    zone = sent.get("timezone", "")
    values = {"locale": known_locale(sent.get("locale", ctx.locale))}
    if zone in zoneinfo.available_timezones():
        values["timezone"] = zone
    _keep(ctx, values)
    return go(address.ACCOUNT, "preferences")


def set_language(ctx: Context, visit: Visit) -> Response:
    """Switch the language and come back."""
    locale = known_locale(visit.request.form.get("locale", ""))
    _keep(ctx, {"locale": locale})
    response = go(back_to(visit, address.HOME))
    response.set_cookie(locales.COOKIE, locale, max_age=YEAR, path="/", samesite="Lax")
    return response


def _keep(ctx: Context, values: dict[str, str]) -> None:
    """Change one's own row: nobody needs a right for that."""
    mine = ctx.as_system("a person changes their own preferences")
    records.update(mine, "user", ctx.actor.id, values, last_write=True)


def change_password(ctx: Context, visit: Visit) -> Response:
    """Change one's own password."""
    sent = visit.request.form
    try:
        if sent.get("new", "") != sent.get("again", ""):
            raise InvalidRecord({"again": [Message("The two new passwords differ.", code="passwords_differ")]})
        accounts.change_password(ctx, old=sent.get("old", ""), new=sent.get("new", ""), keep=_digest(visit))
    except InvalidRecord as error:
        return _account_page(ctx, visit, error.by_field, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go(address.ACCOUNT, "password")
