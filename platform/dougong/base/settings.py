"""the only module that reads the environment"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError

from dougong.base.errors import BadRequest, NotFound
from dougong.base.text import Message

PACKAGE = Path(__file__).resolve().parents[1]
SECRET_FILE = "secret_key"  # noqa: S105 -- the name of the file
MASK = "•••"

Tripwire = Literal["refuse", "log", "off"]
LogForm = Literal["text", "json", "quiet"]


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it is for, and what holds when nobody sets it."""

    variable: str
    help: str
    default: str = ""
    """As it is told to people."""
    is_secret: bool = False
    is_url: bool = False
    """Shown without its password."""


SETTINGS = (
    Setting("DOUGONG_HOME", "Where the instance lives: database, files, secret key, logs.", "./instance"),
    Setting(
        "DOUGONG_DATABASE_URL",
        "The database: sqlite:///… or postgresql+psycopg://….",
        "sqlite:///$DOUGONG_HOME/dougong.db",
        is_url=True,
    ),
    Setting("DOUGONG_BROKER_URL", "redis://… or amqp://… for Celery; blank: a worker of ours.", "", is_url=True),
    Setting(
        "DOUGONG_FILES_URL", "Where uploaded files go: file://… or s3://….", "file://$DOUGONG_HOME/files", is_url=True
    ),
    Setting("DOUGONG_FILE_LIMIT", "How large an uploaded file may be, in MiB.", "25"),
    Setting(
        "DOUGONG_DEFINITIONS",
        "The folder of bundles; its sister folders stand beside it.",
        "the checkout's or the shipped metadata/",
    ),
    Setting(
        "DOUGONG_SECRET_KEY", "Signs cookies and tokens; `init` makes one.", "$DOUGONG_HOME/secret_key", is_secret=True
    ),
    Setting("DOUGONG_LOCALE", "The language of people who chose none (BCP 47).", "zh-CN"),
    Setting("DOUGONG_TIMEZONE", "The time zone of people who chose none, and of stored values.", "Asia/Shanghai"),
    Setting("DOUGONG_BASE_CURRENCY", "What amounts are compared and summed in (ISO 4217).", "CNY"),
    Setting("DOUGONG_URL", "Where people reach this instance (https://crm.example.com): for the links in mails.", ""),
    Setting(
        "DOUGONG_SMTP_URL",
        "The mail server: smtp://user:password@host:587?tls=starttls or smtps://…; blank: no mails.",
        "",
        is_url=True,
    ),
    Setting("DOUGONG_MAIL_FROM", "Whom mails are from: Dougong <crm@example.com>.", ""),
    Setting(
        "DOUGONG_SIGN_IN_FAILURES",
        "So many wrong passwords from one address in a window refuse more from there; 0: no limit.",
        "30",
    ),
    Setting("DOUGONG_SIGN_IN_WINDOW", "How long such a window is, in minutes.", "15"),
    Setting(
        "DOUGONG_TRUSTED_PROXIES",
        "How many proxies stand in front and say who asks, by X-Forwarded-For and X-Forwarded-Proto.",
        "0",
    ),
    Setting(
        "DOUGONG_LOG",
        "How `serve` writes its log to standard error: text, json, or quiet (no line per request).",
        "text",
    ),
    Setting("DOUGONG_POOL_SIZE", "Connections to PostgreSQL that each process keeps open.", "10"),
    Setting("DOUGONG_POOL_OVERFLOW", "Further connections it may open under load.", "20"),
    Setting(
        "DOUGONG_TRIPWIRE",
        "What happens to a statement that goes around the gate: refuse, log or off.",
        "refuse in a checkout, log where installed",
    ),
    Setting(
        "DOUGONG_ADMIN_PASSWORD", "The administrator's password for `init`, where nobody can be asked.", is_secret=True
    ),
    Setting(
        "DOUGONG_TEST_POSTGRES_URL", "A PostgreSQL server for tests; they make databases of their own.", is_url=True
    ),
    Setting("DOUGONG_TEST_REDIS_URL", "A Redis server for tests.", is_url=True),
    Setting("DOUGONG_TEST_AMQP_URL", "A RabbitMQ server for tests.", is_url=True),
    Setting("CI", "Set to 1, a test switch that is missing is a failure."),
)
"""Every variable we read, in the order `dougong config` prints them."""


@dataclass(frozen=True)
class Fact:
    """One setting as it stands now."""

    setting: Setting
    value: str
    source: str
    """`environment`, `instance` or `default`."""

    def as_data(self) -> dict[str, str]:
        """Give the fact as JSON, secrets masked."""
        said = {"variable": self.setting.variable, "value": self.shown, "source": self.source}
        return {**said, "default": self.setting.default, "help": self.setting.help}

    @property
    def shown(self) -> str:
        """The value for people's eyes."""
        if not self.value:
            return ""
        if self.setting.is_secret:
            return MASK
        return without_password(self.value) if self.setting.is_url else self.value


@dataclass(frozen=True)
class Settings:
    """Everything the environment says, read once."""

    home: Path
    database_url: str
    definitions: Path
    """The folder of bundles, `metadata/`."""
    broker_url: str = ""
    files_url: str = ""
    file_limit: int = 25
    """MiB."""
    url: str = ""
    """Where people reach this instance, without a slash at the end."""
    smtp_url: str = ""
    mail_from: str = ""
    locale: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    base_currency: str = "CNY"
    sign_in_failures: int = 30
    sign_in_window: int = 15
    """Minutes."""
    trusted_proxies: int = 0
    log: LogForm = "text"
    pool_size: int = 10
    pool_overflow: int = 20
    tripwire: Tripwire = "refuse"
    admin_password: str | None = None
    test_postgres_url: str = ""
    test_redis_url: str = ""
    test_amqp_url: str = ""
    is_ci: bool = False
    given_secret_key: str | None = None
    facts: tuple[Fact, ...] = ()

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, where it is one."""
        scheme, _, path = self.database_url.partition("///")
        return Path(path) if scheme.startswith("sqlite") else None

    def may_have_database(self) -> bool:
        """Whether there may be a database; looking into a SQLite file that is missing would make one."""
        return self.sqlite_file is None or self.sqlite_file.is_file()

    @property
    def secret_file(self) -> Path:
        """Where the instance keeps its secret key."""
        return self.home / SECRET_FILE

    @property
    def secret_key(self) -> str:
        """The key that signs cookies and tokens; `NotFound` before `init`."""
        if self.given_secret_key:
            return self.given_secret_key
        try:
            return self.secret_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NotFound(
                Message(
                    "There is no instance in {home}. Make one with: dougong init", home=self.home, code="no_instance"
                )
            ) from None

    @property
    def workflows(self) -> Path:
        """The folder of BPMN files."""
        return self.beside("workflows")

    @property
    def seed(self) -> Path:
        """The folder of seed data."""
        return self.beside("seed")

    @property
    def plugins(self) -> Path:
        """The folder of plugins."""
        return self.beside("plugins")

    @property
    def templates(self) -> Path:
        """The folder of page templates."""
        return self.beside("ui_templates")

    def beside(self, name: str) -> Path:
        """Give a sister folder of the definitions; the checkout's or the shipped one where there is none."""
        own = self.definitions.parent / name
        return own if own.is_dir() else default_folder(name)


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, or from what stands for it in a test."""
    given = os.environ if environment is None else environment
    home = Path(given.get("DOUGONG_HOME") or "instance").expanduser().absolute()
    values: dict[str, tuple[str, str]] = {}

    def take(variable: str, default: str, source: str = "default") -> str:
        value = given.get(variable, "")
        values[variable] = (value, "environment") if value else (default, source)
        return values[variable][0]

    has_key = (home / SECRET_FILE).is_file()
    key = take("DOUGONG_SECRET_KEY", MASK if has_key else "", "instance" if has_key else "default")
    settings = Settings(
        home=Path(take("DOUGONG_HOME", str(home))).expanduser().absolute(),
        database_url=take("DOUGONG_DATABASE_URL", f"sqlite:///{home / 'dougong.db'}"),
        broker_url=take("DOUGONG_BROKER_URL", ""),
        files_url=take("DOUGONG_FILES_URL", f"file://{home / 'files'}"),
        file_limit=_number("DOUGONG_FILE_LIMIT", take("DOUGONG_FILE_LIMIT", "25"), least=1),
        url=take("DOUGONG_URL", "").rstrip("/"),
        smtp_url=take("DOUGONG_SMTP_URL", ""),
        mail_from=take("DOUGONG_MAIL_FROM", ""),
        definitions=Path(take("DOUGONG_DEFINITIONS", str(default_folder("metadata")))).expanduser().absolute(),
        given_secret_key=key if values["DOUGONG_SECRET_KEY"][1] == "environment" else None,
        locale=_locale(take("DOUGONG_LOCALE", "zh-CN")),
        timezone=_timezone(take("DOUGONG_TIMEZONE", "Asia/Shanghai")),
        base_currency=take("DOUGONG_BASE_CURRENCY", "CNY"),
        sign_in_failures=_number("DOUGONG_SIGN_IN_FAILURES", take("DOUGONG_SIGN_IN_FAILURES", "30"), least=0),
        sign_in_window=_number("DOUGONG_SIGN_IN_WINDOW", take("DOUGONG_SIGN_IN_WINDOW", "15"), least=1),
        trusted_proxies=_number("DOUGONG_TRUSTED_PROXIES", take("DOUGONG_TRUSTED_PROXIES", "0"), least=0),
        log=_log(take("DOUGONG_LOG", "text")),
        pool_size=_number("DOUGONG_POOL_SIZE", take("DOUGONG_POOL_SIZE", "10")),
        pool_overflow=_number("DOUGONG_POOL_OVERFLOW", take("DOUGONG_POOL_OVERFLOW", "20")),
        tripwire=_tripwire(take("DOUGONG_TRIPWIRE", "refuse" if checkout() else "log")),
        admin_password=take("DOUGONG_ADMIN_PASSWORD", "") or None,
        test_postgres_url=take("DOUGONG_TEST_POSTGRES_URL", ""),
        test_redis_url=take("DOUGONG_TEST_REDIS_URL", ""),
        test_amqp_url=take("DOUGONG_TEST_AMQP_URL", ""),
        is_ci=take("CI", "") not in ("", "0", "false"),
    )
    _refuse_mail_from_nobody(settings)
    facts = tuple(Fact(setting, *values[setting.variable]) for setting in SETTINGS)
    return replace(settings, facts=facts)


def _refuse_mail_from_nobody(settings: Settings) -> None:
    """Refuse a mail server without a sender: no mail could be written."""
    if settings.smtp_url and "@" not in settings.mail_from:
        raise BadRequest("DOUGONG_SMTP_URL is set, so DOUGONG_MAIL_FROM has to say whom mails are from")


def _number(variable: str, text: str, *, least: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadRequest(f"{variable} is '{text}', but it has to be a whole number") from None
    if least is not None and number < least:
        raise BadRequest(f"{variable} is '{text}', but it has to be {least} or more")
    return number


def _locale(text: str) -> str:
    try:
        Locale.parse(text, sep="-")
    except (ValueError, UnknownLocaleError):
        raise BadRequest(f"DOUGONG_LOCALE is '{text}', but it has to be a language such as zh-CN or en") from None
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise BadRequest(f"DOUGONG_TIMEZONE is '{text}', but it has to be a zone such as Asia/Shanghai") from None
    return text


def _tripwire(text: str) -> Tripwire:
    known: Mapping[str, Tripwire] = MappingProxyType({"refuse": "refuse", "log": "log", "off": "off"})
    if text not in known:
        raise BadRequest(f"DOUGONG_TRIPWIRE is '{text}', but it has to be refuse, log or off")
    return known[text]


def _log(text: str) -> LogForm:
    known: Mapping[str, LogForm] = MappingProxyType({"text": "text", "json": "json", "quiet": "quiet"})
    if text not in known:
        raise BadRequest(f"DOUGONG_LOG is '{text}', but it has to be text, json or quiet")
    return known[text]


def checkout() -> Path | None:
    """Give the root of the checkout that the engine runs from, if it runs from one."""
    root = PACKAGE.parents[1]
    return root if (root / "setup.cfg").is_file() and PACKAGE.parent.name == "platform" else None


def default_folder(name: str) -> Path:
    """Give the checkout's folder of this name, else the shipped one."""
    root = checkout()
    return root / name if root else PACKAGE / "_bundled" / name


def make_secret_key(settings: Settings) -> None:
    """Write a secret key that only its owner may read, unless there is one."""
    if settings.given_secret_key or settings.secret_file.exists():
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))


def without_password(url: str) -> str:
    """Show an address without the password in it."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:{MASK}@{host}"))


def page() -> str:
    """Give the reference page of all settings."""
    rows = [f"| `{each.variable}` | {each.default or 'not set'} | {each.help} |" for each in SETTINGS]
    head = [
        "# Settings",
        "",
        "Environment variables, read when a process starts.",
        "`dougong config` prints each with its value and where it came from.",
        "",
        "| variable | by default | |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"
