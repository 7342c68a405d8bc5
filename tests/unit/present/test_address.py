"""addresses of pages"""

from __future__ import annotations

import pytest

from dougong.web.present import address


@pytest.mark.parametrize("url", ["/", "/o/customer", "/o/customer?q=a%2Fb", "/o/x#y"])
def test_path_of_ours_is_local(url: str) -> None:
    assert address.is_local(url)


@pytest.mark.parametrize(
    "url", ["", "o/customer", "//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil", "javascript:x"]
)
def test_everything_else_is_not_local(url: str) -> None:
    assert not address.is_local(url)


def test_blank_parts_of_a_query_are_left_out() -> None:
    assert address.listing("customer", view="", q="a b") == "/o/customer?q=a+b"


def test_page_stands_at_a_link_and_below_it() -> None:
    assert address.is_within("/o/customer/1?x=1", "/o/customer")
    assert not address.is_within("/o/customers", "/o/customer")
    assert address.is_within("/o/customer?view=mine&q=a", "/o/customer?view=mine")
    assert not address.is_within("/o/customer", "/o/customer?view=mine")
