"""sign in, sign out, password, preferences"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from babel.dates import format_datetime
from flask import Response

from dougong.base.errors import DougongError, InvalidRecord, InvalidValue
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions, tokens
from dougong.features.accounts.service import LockedOut, SignInRefused
from dougong.features.activity import centre
from dougong.records import service as records
from dougong.records.query import Query
from dougong.web import locales, sign_in
from dougong.web.pages.frame import DENSITIES, THEMES, answer, back_to, crumbs, frame, go, keep_look, look, theme
from dougong.web.pages.route import Visit
from dougong.web.present import address
from dougong.web.present.notifications import WayRow
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
class TokenRow:
    """A token of a program that acts for the person."""

    name: str
    """What it is for."""
    scope: str
    """What it may do at most."""
    created: str
    """When it was made."""
    used: str
    """When it was used last."""
    ends: str
    """Until when it holds, or why it does not."""
    revoke_href: str = ""
    """Where to end it; blank where it is over."""


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
    tokens: tuple[TokenRow, ...] = ()
    """The tokens of programs that act for them, the newest first."""
    ways: tuple[WayRow, ...] = ()
    """By which ways they are told."""
    has_mail: bool = False
    """Whether mails are sent at all."""


@dataclass(frozen=True)
class PasswordPage:
    """An administrator sets the password of a user."""

    frame: Frame
    """What stands around it."""
    heading: str
    """What is done, with the user's name."""
    login: str
    """What that user signs in with."""
    action: str
    """Where it is sent."""
    cancel_href: str
    """The way back."""
    passwords: tuple[PasswordInput, ...]
    """The new one, and the new one again."""
    has_one: bool
    """Whether there is a password already."""
    is_active: bool
    """Whether the user may sign in at all."""


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
            ip=sign_in.address(visit.request, trusted_proxies=visit.engine.settings.trusted_proxies),
        )
    except (SignInRefused, LockedOut) as error:
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, LockedOut) else HTTPStatus.UNAUTHORIZED
        return _sign_in_page(ctx, visit, known_locale(ctx.locale), problem=error, status=status)
    response = go(back_to(visit, address.HOME))
    sign_in.remember(response, visit.request, session)
    mine = ctx.as_system("show a person's pages in the look they chose")
    names = tuple(name for name in _LOOKS if name in ctx.catalog.object("user").fields)
    chosen = records.get(mine, "user", session.user, fields=names).values if names else {}
    keep_look(response, chosen.get("theme"), chosen.get("density"))
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
    facts = (
        Link(Message("Name").show(locale), ctx.actor.name),
        Link(Message("Roles").show(locale), ", ".join(_roles(ctx, locale)) or "—"),
    )
    page = AccountPage(
        frame=frame(ctx, visit, Message("Account").show(locale)),
        zone=ctx.actor.zone,
        zones=_zones(ctx.actor.zone),
        passwords=_password_inputs((_OLD, *_NEW), errors, locale),
        facts=facts,
        tokens=_token_rows(ctx, locale),
        ways=tuple(WayRow(each.name, each.label.show(locale), each.app, each.mail) for each in centre.ways(ctx)),
        has_mail=bool(visit.engine.settings.smtp_url),
    )
    return answer(visit, "account.html", page, locale=locale, status=status)


def choose_notifications(ctx: Context, visit: Visit) -> Response:
    """Keep by which ways a person wants to be told."""
    sent = visit.request.form
    chosen = {name: (f"app.{name}" in sent, f"mail.{name}" in sent) for name in sent.getlist("name")}
    centre.choose(ctx, chosen)
    return go(address.ACCOUNT, "preferences")


def _token_rows(ctx: Context, locale: str) -> tuple[TokenRow, ...]:
    """Give one's own tokens. A token with a scope may not look at the others."""
    if ctx.actor.token_scope is not None:
        return ()
    now, zone = ctx.now(), zoneinfo.ZoneInfo(ctx.actor.zone)
    never, whole = Message("Never").show(locale), Message("All that you may").show(locale)
    over = {"revoked": Message("Revoked").show(locale), "expired": Message("Expired").show(locale)}

    def when(moment: dt.datetime | None) -> str:
        if moment is None:
            return never
        return format_datetime(moment, "medium", tzinfo=zone, locale=locale.replace("-", "_"))

    return tuple(
        TokenRow(
            name=each.name,
            scope=whole if each.scope is None else ", ".join(each.scope),
            created=when(each.created_at),
            used=when(each.used_at),
            ends=over.get(each.state(now)) or when(each.expires_at),
            revoke_href=address.revoke_token(each.id) if each.state(now) == "active" else "",
        )
        for each in tokens.list_of(ctx, ctx.actor.id)
    )


def revoke_token(ctx: Context, visit: Visit, token_id: str) -> Response:
    """End a token of one's own."""
    tokens.revoke(ctx, token_id)
    return go(address.ACCOUNT, "token_revoked")


_OLD = ("old", Message("Password now"), "current-password")
_NEW = (
    ("new", Message("New password"), "new-password"),
    ("again", Message("New password again"), "new-password"),
)


def _password_inputs(
    wanted: Iterable[tuple[str, Message, str]], errors: Mapping[str, Iterable[Message]], locale: str
) -> tuple[PasswordInput, ...]:
    return tuple(
        PasswordInput(name, label.show(locale), complete, tuple(each.show(locale) for each in errors.get(name, ())))
        for name, label, complete in wanted
    )


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
    values: dict[str, str | None] = {"locale": known_locale(sent.get("locale", ctx.locale))}
    if zone in zoneinfo.available_timezones():
        values["timezone"] = zone
    values |= {name: _look(sent, name) for name in _LOOKS if name in sent}
    _keep(ctx, values)
    response = go(address.ACCOUNT, "preferences")
    now = {name: sent.get(name, visit.request.cookies.get(name)) for name in _LOOKS}
    keep_look(response, now["theme"], now["density"])
    return response


def set_language(ctx: Context, visit: Visit) -> Response:
    """Switch the language and come back."""
    locale = known_locale(visit.request.form.get("locale", ""))
    _keep(ctx, {"locale": locale})
    response = go(back_to(visit, address.HOME))
    response.set_cookie(locales.COOKIE, locale, max_age=YEAR, path="/", samesite="Lax")
    return response


def set_look(ctx: Context, visit: Visit) -> Response:
    """Switch the theme or the density and come back. The person's record keeps it; a cookie repeats it to each page."""
    sent = visit.request.form
    _keep(ctx, {name: _look(sent, name) for name in _LOOKS if name in sent})
    response = go(back_to(visit, address.HOME))
    now = {name: sent.get(name, visit.request.cookies.get(name)) for name in _LOOKS}
    keep_look(response, now["theme"], now["density"])
    return response


_LOOKS = {"theme": THEMES, "density": DENSITIES}


def _look(sent: Mapping[str, str], name: str) -> str | None:
    """Read a choice of the look; blank stands for the usual one."""
    value = sent.get(name, "")
    return value if value in _LOOKS[name] else None


def _keep(ctx: Context, values: Mapping[str, str | None]) -> None:
    """Change one's own row: nobody needs a right for that. An installation behind its own bundle may lack a field."""
    known = ctx.catalog.object("user").fields
    values = {name: value for name, value in values.items() if name in known}
    mine = ctx.as_system("a person changes their own preferences")
    records.update(mine, "user", ctx.actor.id, values, last_write=True)


def change_password(ctx: Context, visit: Visit) -> Response:
    """Change one's own password."""
    sent = visit.request.form
    try:
        _must_be_alike(sent)
        accounts.change_password(ctx, old=sent.get("old", ""), new=sent.get("new", ""), keep=_digest(visit))
    except InvalidRecord as error:
        return _account_page(ctx, visit, error.by_field, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go(address.ACCOUNT, "password")


def _must_be_alike(sent: Mapping[str, str]) -> None:
    """Refuse a new password that was typed in two ways."""
    if sent.get("new", "") != sent.get("again", ""):
        raise InvalidRecord({"again": [Message("The two new passwords differ.", code="passwords_differ")]})


# ---- the password of another -----------------------------------------------------------------------------------------


def show_password(ctx: Context, visit: Visit, user_id: str) -> Response:
    """Show an administrator where to set the password of a user; their own is changed with their account."""
    if user_id == ctx.actor.id:
        return go(address.ACCOUNT)
    return _password_page(ctx, visit, user_id, {})


def _password_page(
    ctx: Context,
    visit: Visit,
    user_id: str,
    errors: Mapping[str, Iterable[Message]],
    *,
    status: int = HTTPStatus.OK,
) -> Response:
    has_one = accounts.has_password(ctx, user_id)
    user = records.get(ctx, "user", user_id, fields=("id", "name", "login", "active"))
    seen = look(ctx)
    name, here = str(user["name"]), address.record("user", user.id)
    way = crumbs(seen, ctx.catalog.object("user"), Link(name, here))
    heading = Message("Password of {name}", name=name).show(seen.locale)
    page = PasswordPage(
        frame=frame(ctx, visit, heading, crumbs=way, search_in="user"),
        heading=heading,
        login=str(user["login"]),
        action=address.password(user.id),
        cancel_href=here,
        passwords=_password_inputs(_NEW, errors, seen.locale),
        has_one=has_one,
        is_active=bool(user["active"]),
    )
    return answer(visit, "password.html", page, locale=seen.locale, status=status)


def set_password(ctx: Context, visit: Visit, user_id: str) -> Response:
    """Set the password of a user, as an administrator: that user is signed out everywhere."""
    if user_id == ctx.actor.id:
        return go(address.ACCOUNT)
    sent = visit.request.form
    try:
        _must_be_alike(sent)
        user = records.get(ctx, "user", user_id, fields=("id", "name"))
        accounts.set_password(ctx, user.id, sent.get("new", ""))
    except (InvalidRecord, InvalidValue) as error:
        by_field = error.by_field if isinstance(error, InvalidRecord) else {"new": [error.message]}
        return _password_page(ctx, visit, user_id, by_field, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return go(address.record("user", user.id), "password_set", str(user["name"]))
