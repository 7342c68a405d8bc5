"""a file looked at before it is imported: its sheets, its header, and which column probably goes to which field"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from dougong.access import fields as field_rights
from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.features.exchange import maps, reading
from dougong.features.exchange.mapping import ERROR_COLUMNS
from dougong.features.exchange.reading import Row, UnreadableFile
from dougong.features.exchange.writing import natural_key
from dougong.records import service as records
from dougong.sdk.extensions import Extensions

LOOKED_AT = 60
"""So many rows are read to guess from."""

SAMPLES = 5
LEAST = 0.6
"""A guess below this is none."""

_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,:/ -]*%?")


@dataclass(frozen=True)
class ColumnGuess:
    """One column of a file, and the field it probably goes to."""

    position: int
    """From 0."""
    header: str
    samples: tuple[str, ...]
    """Some different cells from below the header, in their order."""
    field: str | None
    """The field, or None where no field is meant, as far as we can tell."""
    by: str | None
    """For a lookup: the field of the other object that the cells hold; None for its id."""
    confidence: float
    """From 0 to 1: 1 for the technical name, 0.95 for a label, less for what is only alike."""


@dataclass(frozen=True)
class Preview:
    """What there is in a file, for a person to choose from."""

    object: str
    sheets: tuple[str, ...]
    """Of a workbook; none of a text file."""
    sheet: str
    header_row: int
    """The row with the names of the columns, from 1: as asked, or as guessed."""
    columns: tuple[ColumnGuess, ...]
    rows: int | None
    """About how many rows there are under the header, where that is known without reading them all."""


def preview(
    ctx: Context,
    object_name: str,
    path: Path,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
) -> Preview:
    """Look at a CSV or XLSX file that is to be imported into an object; nothing is written.

    Raises `BadRequest` where the file cannot be read or has no header.
    """
    model = ctx.catalog.object(object_name)
    with reading.open_rows(path, encoding=encoding, sheet=sheet) as found:
        rows = list(islice(found.rows, LOOKED_AT))
    if not rows:
        raise UnreadableFile(Message("The file has no header row.", code="no_header"))
    header = next((row for row in rows if row.number == header_row), None) if header_row else guess_header(rows)
    if header is None:
        raise UnreadableFile(Message("Row {row} should be the header, and is blank.", code="no_header", row=header_row))
    names = _names(header)
    below = [row for row in rows if row.number > header.number]
    guesses = guess_fields(ctx, model, names)
    columns = tuple(
        ColumnGuess(position, name, _samples(below, position), *guesses.get(position, (None, None, 0.0)))
        for position, name in enumerate(names)
    )
    return Preview(
        object_name, found.sheets, found.sheet, header.number, columns, reading.count_rows(path, header.number)
    )


def guess_header(rows: Sequence[Row]) -> Row:
    """Guess which row names the columns: the first of the widest that has no numbers and says nothing twice."""
    widest = max(sum(1 for cell in row.cells if cell.strip()) for row in rows)
    for row in rows:
        said = [cell.strip() for cell in row.cells if cell.strip()]
        is_wide = len(said) >= max(widest * 0.8, 1) and len(set(said)) == len(said)
        if is_wide and not any(_NUMBER.fullmatch(cell) for cell in said):
            return row
    return rows[0]


def _names(header: Row) -> list[str]:
    names = [cell.strip() for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    return names


def _samples(rows: Iterable[Row], position: int) -> tuple[str, ...]:
    cells = (row.cells[position].strip() for row in rows if position < len(row.cells))
    return tuple(dict.fromkeys(cell[:200] for cell in cells if cell))[:SAMPLES]


def guess_fields(
    ctx: Context, model: ObjectModel, header: Sequence[str]
) -> Mapping[int, tuple[str, str | None, float]]:
    """Guess which field each column goes to, by its place: the field, `by` for a lookup, and how sure that is.

    A field is guessed for one column only: the one that it fits best.
    """
    writable = field_rights.writable(ctx, model, "create")
    fields = [
        model.fields[name] for name in model.fields if name in writable and model.fields[name].type.lines() is None
    ]
    fits = []
    for position, name in enumerate(header):
        said, _, by = name.partition(".")
        if name in ERROR_COLUMNS or not name:
            continue
        for field in fields:
            labels = field.shown_label().by_language.values()
            whole = likeness(name, field.name, labels)
            part = likeness(said, field.name, labels) if by and field.type.lookup() else 0.0
            sure = max(whole, part)
            if sure >= LEAST:
                fits.append((-sure, position, field.name, by if part > whole else ""))
    found: dict[int, tuple[str, str | None, float]] = {}
    taken: set[str] = set()
    for less, position, field_name, by in sorted(fits):
        if position not in found and field_name not in taken:
            found[position] = (field_name, _by(ctx, model, field_name, by), round(-less, 2))
            taken.add(field_name)
    return found


def _by(ctx: Context, model: ObjectModel, field_name: str, said: str) -> str | None:
    """Guess which field of the other object a lookup's cells hold: the one that is named, or its natural key."""
    target = model.fields[field_name].type.lookup()
    if target is None or said == "id":
        return None
    readable = {each.name for each in records.readable(ctx, target)}
    key = said or natural_key(ctx.catalog, target)
    return key if key in readable else None


def likeness(header: str, name: str, labels: Iterable[str]) -> float:
    """Say from 0 to 1 how surely a header means a field of this name and these labels."""
    if header == name:
        return 1.0
    if header in labels:
        return 0.95
    plain = _plain(header)
    if not plain:
        return 0.0
    known = [_plain(each) for each in (name, *labels)]
    if plain in known:
        return 0.9
    alike = max((difflib.SequenceMatcher(None, plain, each).ratio() for each in known if each), default=0.0)
    return 0.8 * alike if alike >= 0.8 else 0.0


def _plain(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def map_of(
    extensions: Extensions,
    found: Preview,
    columns: Sequence[Mapping[str, Any]] | None = None,
    *,
    key: Sequence[str] = (),
) -> ImportMap:
    """Make the import map of a preview, or of what a person chose instead: `{"name", "to", "by", "format"}` by column.

    Columns that go nowhere are left out by name. Raises `BadRequest` where no column goes anywhere.
    """
    chosen = [dict(each) for each in columns] if columns is not None else _guessed(found)
    if not chosen:
        raise BadRequest(Message("No column goes to a field. Choose at least one.", code="nothing_mapped"))
    named = {each["name"] for each in chosen}
    left_out = [each.header for each in found.columns if each.header not in named and each.header not in ERROR_COLUMNS]
    data = {
        "kind": ImportMap.KIND,
        "name": "chosen",
        "label": found.object,
        "object": found.object,
        "key": list(key),
        "columns": chosen,
        "leave_out": [{"name": name} for name in left_out],
        "header_row": found.header_row,
    }
    return maps.parsed(orjson.dumps(data).decode(), found.object, extensions)


def _guessed(found: Preview) -> list[dict[str, Any]]:
    return [
        {"name": each.header, "to": each.field, **({"by": each.by} if each.by else {})}
        for each in found.columns
        if each.field is not None
    ]
