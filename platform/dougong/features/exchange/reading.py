"""CSV and XLSX into rows of text, whatever they come in

Every row keeps the number it has in the file. Nothing of a file is taken for a formula or a link, and a file that would
unpack into something enormous is refused.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from dougong.base.errors import BadRequest
from dougong.base.heavy import load
from dougong.base.text import Message

LARGEST_FILE = 512 * 1024 * 1024
LARGEST_UNPACKED = 1024 * 1024 * 1024
MOST_COLUMNS = 1000
LONGEST_CELL = 1_000_000
_BLOCK = 1 << 20


class Row(NamedTuple):
    """One row of a file: its number, from 1, and its cells as text."""

    number: int
    cells: tuple[str, ...]
    wrong: str = ""
    """What is wrong with the row as a row, where something is."""


@dataclass(frozen=True)
class Table:
    """A file that is open: its header, and its rows as they are read."""

    header: tuple[str, ...]
    header_number: int
    rows: Iterator[Row]
    is_workbook: bool = False
    """Rows of a workbook end where their last cell with something in it is."""


class UnreadableFile(BadRequest):
    """A file that is not what it says it is. The message says what to do."""


@contextmanager
def open_table(
    path: Path, *, encoding: str | None = None, header_row: int = 1, sheet: str | None = None
) -> Iterator[Table]:
    """Open a CSV or XLSX file (by default its first sheet); its header is read at once."""
    with open_rows(path, encoding=encoding, sheet=sheet) as found:
        yield _with_header(found.rows, header_row, is_workbook=found.is_workbook)


@dataclass(frozen=True)
class Rows:
    """A file that is open: all its rows that are not blank, before it is known which is the header."""

    rows: Iterator[Row]
    sheets: tuple[str, ...] = ()
    """The names of a workbook's sheets, in their order; none of a text file."""
    sheet: str = ""
    """Which of them is read."""

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook and no text file."""
        return bool(self.sheets)


@contextmanager
def open_rows(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Iterator[Rows]:
    """Open a CSV or XLSX file from its first row."""
    if not path.is_file():
        raise UnreadableFile(Message("There is no file {path}.", code="no_file", path=path))
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableFile(Message("The file is larger than 512 MB. Split it.", code="file_too_large"))
    with path.open("rb") as file:
        is_packed = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if is_packed:
            book = _workbook(file)
            chosen = _sheet_called(book, sheet)
            with closing(_sheet_rows(chosen)) as rows:
                yield Rows(rows, tuple(each.title for each in book.worksheets), chosen.title)
        else:
            with closing(_csv_rows(file, encoding or find_encoding(file))) as rows:
                yield Rows(rows)


def count_rows(path: Path, header_row: int = 1) -> int | None:
    """Guess how many rows stand under the header: by the lines of a text file; of a workbook it is not known."""
    try:
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                return None
            file.seek(0)
            return max(sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b"")) - header_row, 0)
    except OSError:
        return None


def _with_header(rows: Iterator[Row], header_row: int, *, is_workbook: bool) -> Table:
    for row in rows:
        if row.number >= header_row:
            rest = (each for each in rows if any(each.cells) or each.wrong)
            return Table(_header(row), row.number, rest, is_workbook)
    raise UnreadableFile(Message("The file has no header row.", code="no_header"))


def _header(row: Row) -> tuple[str, ...]:
    names = [cell.strip() for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFile(Message("Row {row} should be the header, and is blank.", code="no_header", row=row.number))
    blank = next((position for position, name in enumerate(names, 1) if not name), None)
    if blank is not None:
        raise UnreadableFile(
            Message(
                "Column {column} has no header. Where header cells are merged, take the merging apart; where the "
                "header is further down, say in which row it is (header_row).",
                code="blank_header",
                column=column_letters(blank),
            )
        )
    twice = next((name for position, name in enumerate(names) if name in names[:position]), None)
    if twice is not None:
        raise UnreadableFile(Message("Two columns are called '{name}'.", code="double_header", name=twice))
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(Message("The file has more than {most} columns.", code="columns", most=MOST_COLUMNS))
    return tuple(names)


def column_letters(position: int) -> str:
    """Name a column as a spreadsheet does: 1 is A, 27 is AA."""
    letters = ""
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# CSV.


def find_encoding(file: IO[bytes]) -> str:
    """Find out how a text file is written: a mark at its beginning, UTF-8, or Chinese GB 18030."""
    start = file.read(4)
    file.seek(0)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(mark):
            return name
    if len(start) == 4 and start[1::2] == b"\0\0":
        return "utf-16-le"
    if len(start) == 4 and start[0::2] == b"\0\0":
        return "utf-16-be"
    for name in ("utf-8", "gb18030"):
        if _decodes(file, name):
            return name
    raise UnreadableFile(
        Message("The file is neither UTF-8, UTF-16 nor GB 18030. Save it as CSV UTF-8.", code="encoding")
    )


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _csv_rows(file: IO[bytes], encoding: str) -> Generator[Row, None, None]:
    try:
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
    except LookupError:
        raise UnreadableFile(Message("There is no encoding '{name}'.", code="encoding", name=encoding)) from None
    try:
        yield from _parsed(text, encoding)
    finally:
        text.detach()  # the file is another's to close


def _parsed(text: io.TextIOWrapper, encoding: str) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, (), str(error))
            continue
        except UnicodeDecodeError:
            said = Message(
                "Row {row} is not {encoding}. Name the right encoding.", code="encoding", row=number, encoding=encoding
            )
            raise UnreadableFile(said) from None
        if cells:
            yield Row(number, tuple(cells))


def _delimiter(text: io.TextIOWrapper) -> str:
    """Find the delimiter by what the first line has most of, outside of quotes."""
    line = text.readline(LONGEST_CELL)
    text.seek(0)
    bare = "".join(line.split('"')[::2])
    return max(",;\t|", key=bare.count)


# XLSX.


def _workbook(file: IO[bytes]) -> Any:
    _refuse_bomb(file)
    openpyxl = load("openpyxl")
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        _ = book.worksheets[0]
    except (KeyError, ValueError, zipfile.BadZipFile, IndexError, OSError) as error:
        raise UnreadableFile(Message("This is not an Excel workbook that can be read.", code="xlsx")) from error
    return book


def _sheet_called(book: Any, name: str | None) -> Any:
    if name is None:
        return book.worksheets[0]
    for sheet in book.worksheets:
        if sheet.title == name:
            return sheet
    known = ", ".join(sheet.title for sheet in book.worksheets)
    raise UnreadableFile(
        Message("The workbook has no sheet '{name}'; it has: {sheets}.", code="sheet", name=name, sheets=known)
    )


def _sheet_rows(sheet: Any) -> Generator[Row, None, None]:
    # What a sheet says of its own size is often wrong, and may be a lie.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), 1):
        cells = [cell_text(cell.value, is_percent=_is_percent(cell)) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield Row(number, tuple(cells))


def _refuse_bomb(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            entries = len(archive.infolist())
    except zipfile.BadZipFile as error:
        raise UnreadableFile(Message("This is not an Excel workbook that can be read.", code="xlsx")) from error
    file.seek(0)
    if unpacked > LARGEST_UNPACKED or entries > 10_000:
        raise UnreadableFile(Message("The workbook would unpack to more than 1 GB. Split it.", code="file_too_large"))


def _is_percent(cell: Any) -> bool:
    return isinstance(cell.value, (int, float)) and "%" in str(cell.number_format)


def cell_text(value: Any, *, is_percent: bool = False) -> str:
    """Give a cell's value as the text that field types read: dates as ISO, numbers in full, percentages as such."""
    if is_percent and isinstance(value, (int, float)):
        return f"{format(value * 100, '.13g')}%"
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
        case _:
            return str(value)


def rejoined(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Put cells together again where a comma stood unquoted: one that begins with a space belongs to the one before."""
    joined = list(cells)
    position = len(joined) - 1
    while len(joined) > width and position > 0:
        if joined[position].startswith(" "):
            joined[position - 1 : position + 1] = [f"{joined[position - 1]},{joined[position]}"]
        position -= 1
    return tuple(joined)
