"""the current catalog, swapped whole"""

from __future__ import annotations

from dougong.catalog.model import Catalog


class Holder:
    """Holds the catalog that new units of work begin with; those under way keep the one they pinned."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        self._catalog = catalog

    @property
    def is_empty(self) -> bool:
        """Whether nothing was published yet."""
        return self._catalog is None

    @property
    def current(self) -> Catalog:
        """The catalog of now."""
        if self._catalog is None:
            raise RuntimeError("no catalog was published yet")
        return self._catalog

    def swap(self, catalog: Catalog) -> None:
        """Put another catalog in its place, in one assignment."""
        self._catalog = catalog
