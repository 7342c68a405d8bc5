"""counters that all workers of one server share

Each worker writes a part of its own, and any of them can sum up all parts: whichever is asked for `/metrics` answers
for the whole server. A worker that is started for one that died goes on in its part, so no number ever falls.
"""

from __future__ import annotations

import mmap
import struct
import threading
from collections import Counter

_ENTRY, _VALUE, _LENGTH = 160, struct.Struct("=d"), struct.Struct("=H")
_LONGEST = _ENTRY - _VALUE.size - _LENGTH.size
_ENTRIES = 2048
"""So many names a part has room for; what comes after is not counted."""


class Counters:
    """Sums by name, in memory that processes forked later share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts = 1
        # One part is nobody else's: a process that is forked without our knowing counts in a copy.
        self._memory = mmap.mmap(-1, _ENTRIES * _ENTRY, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._start = 0
        self._places: dict[str, int] = {}

    def share(self, parts: int) -> None:
        """Make room for so many processes; before they are forked. What was counted is forgotten."""
        self._parts = parts
        self._memory = mmap.mmap(-1, parts * _ENTRIES * _ENTRY, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
        self.use(0)

    def use(self, part: int) -> None:
        """Write into this part from now on; nobody else may. What stands there already goes on."""
        if not 0 <= part < self._parts:
            raise IndexError(f"there are {self._parts} parts, and not a part {part!r}")
        self._start = part * _ENTRIES * _ENTRY
        self._places = dict(self._names(part))

    def keep_apart(self) -> None:
        """Count in memory of this process alone, and answer for it alone."""
        self._parts = 1
        self._memory = mmap.mmap(-1, _ENTRIES * _ENTRY, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.use(0)

    def add(self, name: str, amount: float = 1.0) -> None:
        """Add to the sum of this name."""
        with self._lock:
            place = self._places.get(name)
            if place is None:
                place = self._new(name)
                if place is None:
                    return
            value = _VALUE.unpack_from(self._memory, place)[0]
            _VALUE.pack_into(self._memory, place, value + amount)

    def sums(self) -> dict[str, float]:
        """Give all sums, of all parts together."""
        found: Counter[str] = Counter()
        for part in range(self._parts):
            for name, place in self._names(part):
                found[name] += _VALUE.unpack_from(self._memory, place)[0]
        return dict(found)

    def _new(self, name: str) -> int | None:
        said = name.encode()
        if len(self._places) >= _ENTRIES or not 0 < len(said) <= _LONGEST:
            return None
        place = self._start + len(self._places) * _ENTRY
        text = place + _VALUE.size + _LENGTH.size
        self._memory[text : text + len(said)] = said
        # The length comes last: until it is there, nobody reads the entry.
        _LENGTH.pack_into(self._memory, place + _VALUE.size, len(said))
        self._places[name] = place
        return place

    def _names(self, part: int) -> list[tuple[str, int]]:
        found = []
        for number in range(_ENTRIES):
            place = (part * _ENTRIES + number) * _ENTRY
            length = _LENGTH.unpack_from(self._memory, place + _VALUE.size)[0]
            if not length:
                break
            text = place + _VALUE.size + _LENGTH.size
            found.append((self._memory[text : text + length].decode(), place))
        return found
