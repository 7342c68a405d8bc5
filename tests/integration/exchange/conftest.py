"""an instance with the objects of the records tests, and files to import into it"""

from __future__ import annotations

from pathlib import Path

import pytest

from dougong.features.accounts.work import work
from dougong.features.exchange import service
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import read_bundles

SHOP = Path(__file__).parents[1] / "records" / "shop"


@pytest.fixture
def engine(instances, system_layer, dialect):
    """An empty instance with the shop's objects."""
    made = instances.make({**system_layer, **read_bundles(SHOP)}, dialect=dialect)
    yield made
    instances.drop(made)


@pytest.fixture
def load(engine, tmp_path):
    """Import text (or bytes) into an object: `load("product", "name,price\\nPen,1", key=("name",))`."""

    def load_(object_name, content, *, name="file.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return service.import_file(
            lambda: work(engine, write=True, reason="an import"),
            object_name,
            path,
            errors_to=tmp_path / "errors.csv",
            **options,
        )

    return load_


@pytest.fixture
def names(engine):
    """Give the names of all records of an object, sorted."""

    def names_(object_name="product"):
        with work(engine, write=False) as ctx:
            return [record["name"] for record in records.list(ctx, object_name, Query(sort=("name",)))]

    return names_
