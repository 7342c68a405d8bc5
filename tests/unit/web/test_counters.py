"""counters that several processes share"""

from __future__ import annotations

import pytest

from dougong.web import counters
from dougong.web.counters import Counters
from dougong.web.health import Metrics


def test_parts_are_summed_and_one_that_is_taken_over_goes_on():
    found = Counters()
    found.share(3)
    for part in (0, 1):
        found.use(part)
        found.add("a")
        found.add(f"only {part}", 0.5)
    found.use(0)
    found.add("a")
    assert found.sums() == {"a": 3.0, "only 0": 0.5, "only 1": 0.5}


def test_part_that_is_not_there_is_refused():
    with pytest.raises(IndexError):
        Counters().use(1)


def test_full_part_and_odd_names_count_no_more(monkeypatch):
    monkeypatch.setattr(counters, "_ENTRIES", 2)
    found = Counters()
    for name in ("", "x" * 1000, "a", "b", "c", "a"):
        found.add(name)
    assert found.sums() == {"a": 2.0, "b": 1.0}


def test_worker_apart_answers_for_itself():
    found = Counters()
    found.share(2)
    found.add("a")
    found.keep_apart()
    found.add("b")
    assert found.sums() == {"b": 1.0}


def test_methods_that_nobody_knows_are_one():
    numbers = Metrics()
    for method in ("BREW", "STEEP"):
        numbers.count("none", method, 405, 0.001)
    assert 'dougong_requests_total{route="none",method="other",status="405"} 2' in numbers.text()
