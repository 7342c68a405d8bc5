"""problems: code, message, place, hint"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Where in the definitions something stands."""

    path: str = ""
    line: int = 0
    """From 1; 0 where only the file is known."""
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(part) for part in (self.line, self.column) if part)])


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in the definitions, said so that its author can mend it."""

    place: Place
    code: str
    """`E1..` YAML, `E2..` structure, `E3..` references, `E4..` sense, `W5..` advice."""
    message: str
    """Lower case, no full stop, names in single quotes, the offending value shown."""
    hint: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it stops an apply; advice (`W…`) does not."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        said = f"{self.place}: {self.code} {self.message}"
        return f"{said}\n    {self.hint}" if self.hint else said

    def as_data(self) -> dict[str, object]:
        """Give the problem as JSON, in the form of contracts section 6."""
        return {
            "code": self.code,
            "path": self.place.path,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "hint": self.hint,
        }


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether one of the problems stops an apply."""
    return any(problem.is_error for problem in problems)
