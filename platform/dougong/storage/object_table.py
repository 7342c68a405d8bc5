"""an object's live table and its history, as SQLAlchemy has them"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class ObjectTable:
    """The live table of an object and its history.

    Hidden columns of `table`: `_change` (the change that wrote this version), `_tokens` (nature record), `_since`
    (nature child). `history` has all of them under the same names, and of its own `n` (its primary key), `change` (the
    change that superseded the row), `valid_from`, `valid_to` and `op` (`update` or `delete`).
    """

    object: str
    table: sa.Table
    history: sa.Table
    columns: Mapping[str, tuple[sa.Column[Any], ...]]
    """The columns of each field, in the order of its type; none for a field without columns."""

    def column(self, field_name: str) -> sa.Column[Any]:
        """Give the first column of a field."""
        return self.columns[field_name][0]
