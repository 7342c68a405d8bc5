"""a notification by mail: over SMTP, as text and HTML in the reader's language

A mail is sent outside of any transaction, at least once; its `Message-ID` is the notification's, so a mail that is sent
twice is known as one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa

from dougong.base.errors import BadRequest, DougongError
from dougong.base.settings import Settings
from dougong.base.templating import Templates
from dougong.base.text import Message
from dougong.jobs import unit
from dougong.jobs.call import Call, Handling
from dougong.jobs.outbox import Hopeless
from dougong.records import recipients
from dougong.storage.platform_tables import notification as table

SEND = "notification.mail"
TRIES = 60
"""With pauses of up to an hour these are two days: a mail server may be away for a weekend's half."""
TIMEOUT = 10
REST_SECONDS = 5.0
"""After it could not be reached the server is left alone so long; whoever wants it meanwhile comes back later."""
CHOICES = "/account#notifications"


class Unreachable(DougongError):
    """The mail server does not answer; it is tried again."""


@dataclass(frozen=True)
class Server:
    """A mail server, as `DOUGONG_SMTP_URL` says."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    way: str = ""
    """`tls` from the first byte, `starttls`, or blank."""


def read_url(url: str) -> Server:
    """Read the address of a mail server, or raise `BadRequest`."""
    parts = urlsplit(url)
    way = "tls" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", [""])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or way not in ("", "tls", "starttls"):
        raise BadRequest("DOUGONG_SMTP_URL is not like smtp://user:password@host:587?tls=starttls or smtps://host")
    port = parts.port or {"tls": 465, "starttls": 587}.get(way, 25)
    return Server(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), way)


class Post:
    """One engine's way to its mail server: a connection for each mail, and a rest after it was not reached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._away_until = 0.0

    def send(self, mail: EmailMessage) -> None:
        """Send a mail, or raise `Unreachable` or `Hopeless`."""
        try:
            with self._connected() as connection:
                connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise self._refused(min(codes), error) from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error) from error
        except (OSError, smtplib.SMTPException) as error:
            self._away_until = time.monotonic() + REST_SECONDS
            raise Unreachable(Message("The mail server does not answer: {why}.", why=type(error).__name__)) from error

    def _refused(self, code: int, error: Exception) -> DougongError:
        """What a server answers with 5xx it will answer again; with 4xx it asks us to come back."""
        why = str(error)[:300]
        if 500 <= code < 600:
            return Hopeless(Message("The mail server refuses this mail for good: {why}.", why=why))
        return Unreachable(Message("The mail server asks to come back later: {why}.", why=why))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        if time.monotonic() < self._away_until:
            raise OSError("the mail server was not reached a moment ago")
        connection = self._connect()
        try:
            yield connection
        finally:
            _end(connection)

    def _connect(self) -> smtplib.SMTP:
        server = read_url(self._settings.smtp_url)
        context = ssl.create_default_context()
        if server.way == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        try:
            if server.way == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            _end(connection)
            raise
        return connection


def _end(connection: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()


@dataclass(frozen=True)
class Letter:
    """What a mail's page template shows."""

    title: str
    """What happened."""
    body: tuple[str, ...]
    """More of it, by paragraphs."""
    href: str
    """Where it leads; blank for nowhere."""
    choices_href: str
    """Where one chooses what to be told; blank where nobody said how this instance is reached."""
    name: str
    """Whom it is to."""


def handlers(settings: Settings) -> Mapping[str, Handling]:
    """Give what carries out the mails of one engine."""
    post, templates = Post(settings), Templates()

    def send(engine: Any, body: Mapping[str, Any], call: Call) -> None:
        """Write a mail and send it; one whose notification or reader is gone is not wanted any more."""
        mail = _written(engine, str(body["notification"]), templates)
        if mail is not None:
            post.send(mail)

    return {SEND: Handling(send, tries=TRIES)}


def _written(engine: Any, notification_id: str, templates: Templates) -> EmailMessage | None:
    """Read what is to be sent, in a transaction that is over before anybody is called."""
    with unit.opened(engine, write=False, door="job", reason="write a mail") as ctx:
        row = ctx.connection.execute(sa.select(table).where(table.c.id == notification_id)).one_or_none()
        found = recipients.facts(ctx, (row.user,)) if row is not None else []
    reader = found[0] if found else None
    if row is None or reader is None or not reader["email"]:
        return None
    locale = reader["locale"] or engine.locale
    return write(
        engine.settings,
        templates,
        notification_id,
        at=row.at,
        to=(reader["name"] or "", reader["email"]),
        title=row.title,
        body=row.body,
        href=row.href,
        locale=locale,
    )


def write(
    settings: Settings,
    templates: Templates,
    notification_id: str,
    *,
    at: dt.datetime,
    to: tuple[str, str],
    title: str,
    body: str,
    href: str,
    locale: str,
) -> EmailMessage:
    """Write a mail; an address or a sender that is none raises `Hopeless`."""
    sender = _address(*parseaddr(settings.mail_from))
    domain = sender.domain
    url = settings.url
    leads = href if href.startswith(("http://", "https://")) else (url + href if url and href else "")
    choices = url + CHOICES if url else ""
    letter = Letter(title, tuple(each for each in body.splitlines() if each.strip()), leads, choices, to[0])
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _address(*to)
    mail["Subject"] = " ".join(title.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{notification_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if choices:
        mail["List-Unsubscribe"] = f"<{choices}>"
    mail.set_content(templates.render("mail.txt", letter, locale=locale))
    mail.add_alternative(templates.render("mail.html", letter, locale=locale), subtype="html")
    return mail


def _address(name: str, address: str) -> Address:
    """Make an address for a header, or refuse what is none: nothing in it may begin another header."""
    plain = "".join(sign for sign in name if sign.isprintable())
    user, at, domain = address.rpartition("@")
    if not at or not user or not domain or not address.isprintable() or " " in address:
        raise Hopeless(Message("'{address}' is not an address for mails.", address=address[:200]))
    try:
        return Address(plain, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise Hopeless(Message("'{address}' is not an address for mails.", address=address[:200])) from error
