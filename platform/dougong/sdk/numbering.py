"""numbers that the system gives, such as C-2026-0001"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

_SLOT = re.compile(r"\{([a-z_]*)(?::([0-9]{1,2}))?\}")
_DATES = {"year": "{:04d}", "month": "{:02d}", "day": "{:02d}"}
LONGEST_SEQUENCE = 12


def render(pattern: str, moment: dt.date, number: int) -> str:
    """Write one number: `render("C-{year}-{sequence:4}", moment, 7)` is `C-2026-0007`.

    The moment is a date, or a moment already in the zone whose calendar counts.
    """

    def fill(slot: re.Match[str]) -> str:
        if slot[1] == "sequence":
            return str(number).zfill(int(slot[2] or 1))
        return _DATES[slot[1]].format(getattr(moment, slot[1]))

    return _SLOT.sub(fill, pattern)


def period(pattern: str, moment: dt.date) -> str:
    """Name the stretch of time in which the numbers count up; a new one begins at 1.

    It is the pattern with its dates filled in. Dates have fixed widths, so no two periods can give the same.
    """

    def fill(slot: re.Match[str]) -> str:
        return slot[0] if slot[1] == "sequence" else _DATES[slot[1]].format(getattr(moment, slot[1]))

    return _SLOT.sub(fill, pattern)


def pattern_problems(pattern: str) -> Sequence[str]:
    """Say what is wrong with a pattern."""
    found: list[str] = []
    sequences = 0
    for slot in _SLOT.finditer(pattern):
        name, width = slot[1], slot[2]
        sequences += name == "sequence"
        if name != "sequence" and name not in _DATES:
            found.append(f"unknown '{slot[0]}' in the pattern '{pattern}'; there is: year, month, day, sequence")
        elif width is not None and name != "sequence":
            found.append(f"only sequence takes a width, not '{slot[0]}'")
        elif width is not None and not 1 <= int(width) <= LONGEST_SEQUENCE:
            found.append(f"the width of '{slot[0]}' is not between 1 and {LONGEST_SEQUENCE}")
    if sequences != 1:
        found.append(f"the pattern '{pattern}' needs {{sequence}} once, and has it {sequences} times")
    rest = _SLOT.sub("", pattern)
    if "{" in rest or "}" in rest:
        found.append(f"a brace in the pattern '{pattern}' belongs to no {{…}}")
    return found
