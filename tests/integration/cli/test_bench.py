"""the benchmarks run, and say what contracts promise to scripts"""

from __future__ import annotations

import pytest

from dougong.base.errors import NotFound
from dougong.testing.bench import run


def test_read_is_measured_beside_its_floor():
    found = [each.as_data() for each in run.run(["read"], rows=1000, databases=["sqlite"])]
    assert [(each["name"], each["database"], each["clients"]) for each in found] == [
        ("read", "sqlite", 1),
        ("read", "sqlite", 4),
    ]
    assert all(each["ratio"] > 0 and each["p50_ms"] <= each["p99_ms"] for each in found)
    assert found[0]["statements"] == 3


def test_unknown_benchmark_is_refused_by_name():
    with pytest.raises(NotFound, match="raed"):
        list(run.run(["raed"]))
