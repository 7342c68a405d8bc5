"""quick filters become expressions"""

from __future__ import annotations

import pytest

from dougong.expressions.check import check
from dougong.expressions.parse import parse
from dougong.web.present import filters


def written(look, object_name: str, asked: dict[str, str]) -> str | None:
    names = [name.removeprefix("f.").removesuffix(".to") for name in asked]
    quick = filters.read(look, object_name, dict.fromkeys(names), asked)
    return filters.expression(look.catalog, object_name, quick, zone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"f.level": "a"}, 'level == "a"'),
        ({"f.tags": "x"}, '"x" in tags'),
        ({"f.active": "no"}, "not active"),
        ({"f.name": 'O"Neil\\'}, 'contains(name, "O\\"Neil\\\\")'),
        ({"f.credit": "1,000", "f.credit.to": "2000.50"}, "credit >= 1000 and credit <= 2000.50"),
        ({"f.since": "2026-01-01", "f.since.to": "2026-01-31"}, 'since >= "2026-01-01" and since <= "2026-01-31"'),
        ({"f.seen": "2026-01-01"}, 'seen >= "2025-12-31T16:00:00Z"'),
        ({"f.seen.to": "2026-01-01"}, 'seen < "2026-01-01T16:00:00Z"'),
        ({"f.since": "yesterday"}, None),
        ({"f.credit": "NaN"}, None),
        ({"f.level": ""}, None),
    ],
)
def test_filter_is_written_as_an_expression(look, asked: dict[str, str], expected: str | None) -> None:
    text = written(look, "customer", asked)
    assert text == expected
    if text is not None:
        check(parse(text), look.catalog, "customer")


def test_lookup_is_filtered_by_its_title(look) -> None:
    assert written(look, "sale", {"f.customer": "blue"}) == 'contains(customer.name, "blue")'


def test_conditions_are_joined_so_that_each_keeps_its_meaning() -> None:
    assert filters.together("a or b", None, "", "c") == "(a or b) and (c)"
    assert filters.together("a or b") == "a or b"
    assert filters.together(None, "") is None
