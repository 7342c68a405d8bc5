"""the physical names of objects and fields, chosen once by the installation"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Physical:
    """Which table an object has and which column a field; a rename of either leaves them as they are.

    Where the installation has said nothing (a catalog that was only checked), the plain names stand: `d_` and the
    object's name, the field's own name.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    """Table by object."""
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Column by (object, field). Further columns of a field add `_` and their suffix: `amount__currency`."""

    def table(self, object_name: str) -> str:
        """The table of an object."""
        return self.tables.get(object_name) or f"d_{object_name}"

    def column(self, object_name: str, field_name: str) -> str:
        """The first column of a field."""
        return self.columns.get((object_name, field_name)) or field_name
