"""the tree of errors"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from dougong.base.text import Message


class DougongError(Exception):
    """Anything that went wrong and was foreseen.

    `message` is for the person who asked; it is translated where it is shown.
    """

    def __init__(self, message: Message | str) -> None:
        self.message = message if isinstance(message, Message) else Message(message)
        super().__init__(str(self.message))


class InvalidValue(DougongError):
    """A value that a field cannot hold. The message is for the person who entered it."""


class InvalidRecord(DougongError):
    """A record that may not be saved, with messages by field.

    A key is a field's name, `lines[2].price` for a field of the third child, or `""` for the record as a whole.
    """

    summary: ClassVar[Message] = Message("This record cannot be saved yet.")
    """What to say where the messages stand beside their fields."""
    detailed: ClassVar[Message] = Message("This record cannot be saved yet: {reasons}")

    def __init__(self, by_field: Mapping[str, Sequence[Message]]) -> None:
        self.by_field = {name: list(messages) for name, messages in by_field.items()}
        said = "; ".join(f"{name}: {message}" for name, messages in self.by_field.items() for message in messages)
        super().__init__(Message(self.detailed.text, reasons=said, code="invalid_record"))


class BadRequest(DougongError):
    """A request that cannot be understood: an unknown field in a filter, a cursor that was not ours."""


class NotSignedIn(DougongError):
    """Nobody is signed in, or the session or token is over."""


class NotFound(DougongError):
    """There is no such thing, or the actor may not know of it."""


class NotAllowed(DougongError):
    """The actor sees the record but lacks the verb."""


class Conflict(DougongError):
    """Someone else was faster, or what is asked clashes with what is there."""


class Stale(Conflict):
    """The record was changed since the caller read it; `current` is its version now."""

    def __init__(self, message: Message, *, current: int) -> None:
        self.current = current
        super().__init__(message)


class VersionMissing(DougongError):
    """A write that says neither which version it read nor that it wants to be last."""


class TooLarge(DougongError):
    """More than we take in one go."""


class ActionFailed(DougongError):
    """An action could not do its work. The message is for the person who started it."""


class UnknownName(DougongError):
    """A name that is not in a registry or the catalog, with the nearest one that is."""
