"""hash and verify passwords"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dougong.base.errors import InvalidValue
from dougong.base.text import Message

SHORTEST = 8
LONGEST = 256
DEMO = "demo"
"""The password of the demo accounts; only an instance that says it is a demo takes it."""

# What OWASP asks for at least; with more memory, a few dozen sign-ins at once would take all that a small server has.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified where there is no such user, so that an unknown login takes as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$m4O0xtaxiiWZKYWqjOKR7A$Nyh1czv+OdOU/C8YrRmfRC86tBHIFAZOG0DD2m+hBWY"


def check(password: object, *, demo: bool = False) -> str:
    """Give the password as it is hashed, or raise `InvalidValue` with what to do."""
    if not isinstance(password, str) or not password.strip():
        raise InvalidValue(Message("Enter a password.", code="password_empty"))
    text = _plain(password)
    if demo and text == DEMO:
        return text
    if len(text) < SHORTEST:
        raise InvalidValue(
            Message("Choose a password of at least {least} characters.", code="password_short", least=SHORTEST)
        )
    if len(text) > LONGEST:
        raise InvalidValue(
            Message("Choose a password of at most {most} characters.", code="password_long", most=LONGEST)
        )
    return text


def hashed(password: str) -> str:
    """Give what is stored of a password that was checked."""
    return _HASHER.hash(_plain(password))


def verify(stored: str | None, password: object) -> bool:
    """Whether a password is the stored one; takes as long where nothing is stored."""
    known = stored or _NOBODY
    text = _plain(password) if isinstance(password, str) and len(password) <= LONGEST else ""
    try:
        _HASHER.verify(known, text)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return bool(stored and text)


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return bool(_HASHER.check_needs_rehash(stored))


def _plain(password: str) -> str:
    # One keyboard composes accents and another does not; both must open the door. A lone surrogate cannot be hashed.
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()
