"""the file of errors: rows that were not imported, to be corrected and imported again"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dougong.base.text import Message
from dougong.features.exchange.cells import guarded
from dougong.features.exchange.mapping import ERROR_COLUMNS
from dougong.features.exchange.reading import Row


@dataclass(frozen=True)
class RowError:
    """One thing wrong with a row: where, what stood there, and how to mend it."""

    row: int
    column: str
    """The header of the column; blank for the row as a whole."""
    value: str
    message: Message

    def as_data(self, locale: str) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value[:200],
            "code": self.message.code,
            "message": self.message.show(locale),
        }

    def said(self, locale: str) -> str:
        """Say it in one line."""
        shown = f" '{self.value[:80]}'" if self.value else ""
        where = f", column '{self.column}'" if self.column else ""
        return f"row {self.row}{where}:{shown} {self.message.show(locale)}"


class ErrorFile:
    """Rows with what is wrong with them, under the header of the file they come from."""

    def __init__(self, header: Sequence[str], file: IO[str] | None, locale: str = "en") -> None:
        self._width = len([name for name in header if name not in ERROR_COLUMNS])
        self._kept = [position for position, name in enumerate(header) if name not in ERROR_COLUMNS]
        self._file = file
        self._writer = csv.writer(file) if file else None
        self._locale = locale
        if self._writer:
            self._writer.writerow([*(header[position] for position in self._kept), *ERROR_COLUMNS])

    @classmethod
    @contextmanager
    def open(cls, path: Path | None, header: Sequence[str], locale: str = "en") -> Iterator[ErrorFile]:
        """Open the file; without a path errors are only counted. A mark at its beginning tells Excel it is UTF-8."""
        if path is None:
            yield cls(header, None)
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield cls(header, file, locale)

    def write(self, row: Row, errors: Sequence[RowError]) -> None:
        """Write one row."""
        if self._writer is None:
            return
        cells = [row.cells[position] if position < len(row.cells) else "" for position in self._kept]
        columns = "; ".join(dict.fromkeys(each.column for each in errors if each.column))
        said = " ".join(each.message.show(self._locale) for each in errors)
        self._writer.writerow([*(guarded(cell) for cell in cells), row.number, columns, said])

    def flush(self) -> None:
        """Have what was written in the file, whatever becomes of the process."""
        if self._file is not None:
            self._file.flush()
