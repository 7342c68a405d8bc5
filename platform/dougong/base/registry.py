"""things with a name: added at start, then frozen"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from dougong.base.errors import UnknownName
from dougong.base.names import hint_to
from dougong.base.text import Message

T = TypeVar("T")


class Registry(Generic[T]):
    """The extensions of one sort, by name."""

    def __init__(self, sort: str) -> None:
        self.sort = sort
        self._things: dict[str, T] = {}
        self._from: dict[str, str] = {}
        self._frozen = False

    def add(self, name: str, thing: T, *, source: str) -> None:
        """Add one at start; a second one of the same name is an error that names both files."""
        if self._frozen:
            raise RuntimeError(f"the registry of {self.sort}s is frozen; {name!r} came too late")
        if name in self._things:
            raise RuntimeError(f"{self.sort} {name!r} is in {self._from[name]} and in {source}")
        self._things[name] = thing
        self._from[name] = source

    def freeze(self) -> None:
        """Take no more."""
        self._frozen = True

    def get(self, name: str) -> T:
        """Give the one of this name, or say which was probably meant."""
        try:
            return self._things[name]
        except KeyError:
            hint = hint_to(name, self._things)
            said = Message("unknown {sort} '{name}'; {hint}", sort=self.sort, name=name, hint=hint)
            raise UnknownName(said) from None

    def find(self, name: str) -> T | None:
        """Give the one of this name, or None."""
        return self._things.get(name)

    def source(self, name: str) -> str:
        """Give the file a thing came from."""
        return self._from[name]

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __contains__(self, name: object) -> bool:
        return name in self._things
