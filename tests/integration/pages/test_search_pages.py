"""search in everything: its page, and what the box offers while one types"""

from __future__ import annotations

import re

import pytest

from dougong.base.names import new_id
from dougong.features.accounts.work import work
from dougong.records import across
from dougong.records import service as records

OPTION = re.compile(
    r'<a class="found-option" role="option"[^>]*href="([^"]*)"[^>]*>.*?<span class="found-title">([^<]*)<'
)


@pytest.fixture
def made(shop, window):
    """Ann with some customers and a sale, Bob with one customer, and a product for everybody."""
    ann, bob = window("ann", "seller"), window("bob", "seller")
    with work(shop, reason="goods") as ctx:
        product = records.create(ctx, "product", {"name": "云图软件 Nut", "price": "2.50"}).id
    with work(shop, login="ann") as ctx:
        names = ["北京云图科技", "云图华南", "Alpha <b>", *(f"Many {number}" for number in range(60))]
        customers = [records.create(ctx, "customer", {"name": name}).id for name in names]
        line = {"product": product, "quantity": 1, "price": 1}
        records.create(ctx, "sale", {"number": "S-云图-7", "customer": customers[0], "lines": [line]})
    with work(shop, login="bob") as ctx:
        theirs = records.create(ctx, "customer", {"name": "云图 of Bob"}).id
    return ann, bob, customers, theirs


@pytest.mark.parametrize("words", ["云图", "yuntu", "yt", "yun tu", "ＹＴ"])
def test_chinese_is_found_by_words_pinyin_and_initials_in_every_object(made, words: str) -> None:
    ann, _, _, _ = made
    found = [title for _, title in OPTION.findall(ann.text(f"/search/suggest?q={words}"))]
    if words == "yun tu":
        words = "yuntu"
    assert {"北京云图科技", "云图华南", "云图软件 Nut", "S-云图-7"} <= set(found)


def test_what_others_own_is_not_found(made) -> None:
    ann, bob, _, theirs = made
    assert "of Bob" not in ann.text("/search?q=yuntu")
    assert "of Bob" not in ann.text("/search?q=yuntu&in=customer")
    assert f'href="/o/customer/{theirs}"' in bob.text("/search?q=yuntu")
    assert "S-云图-7" not in bob.text("/search/suggest?q=yuntu")


def test_records_that_begin_with_the_word_stand_first(made) -> None:
    ann, _, _, _ = made
    found = [title for href, title in OPTION.findall(ann.text("/search/suggest?q=云图")) if "customer" in href]
    assert found == ["云图华南", "北京云图科技"]


def test_object_of_the_page_is_offered_first(made) -> None:
    ann, _, _, _ = made
    for first in ("product", "sale"):
        assert OPTION.findall(ann.text(f"/search/suggest?q=yt&of={first}"))[0][0].startswith(f"/o/{first}/")


def test_box_offers_five_of_an_object_and_the_page_has_all(made) -> None:
    ann, _, _, _ = made
    text = ann.text("/search/suggest?q=many")
    assert len(OPTION.findall(text)) == 5
    assert 'href="/search?q=many&amp;in=customer"' in text
    assert "60 records" in ann.text("/search?q=many")
    first = ann.text("/search?q=many&in=customer")
    assert len(re.findall(r'<li><a class="plain" href="/o/customer/', first)) == 50
    following = re.search(r'rel="next" href="([^"]*)"', first).group(1).replace("&amp;", "&")
    second = ann.text(following)
    assert len(re.findall(r'<li><a class="plain" href="/o/customer/', second)) == 10
    back = re.search(r'rel="prev" href="([^"]*)"', second).group(1).replace("&amp;", "&")
    assert len(re.findall(r'<li><a class="plain" href="/o/customer/', ann.text(back))) == 50


def test_what_is_found_is_escaped(made) -> None:
    ann, _, _, _ = made
    assert "Alpha &lt;b&gt;" in ann.text("/search?q=alpha")
    assert "&lt;img&gt;" in ann.text("/search?q=<img>")


@pytest.mark.parametrize("query", ["", "?q=", "?q=%25", "?q=_", "?q=" + "x" * 3000, "?q=%00"])
def test_odd_words_find_nothing_and_say_what_to_do(made, query: str) -> None:
    ann, _, _, _ = made
    text = ann.text(f"/search{query}")
    assert "Try fewer words" in text or "Type a name" in text
    assert not OPTION.findall(ann.text(f"/search/suggest{query}"))


def test_records_looked_at_last_are_offered_under_the_reader_s_rights(made) -> None:
    ann, _, customers, theirs = made
    asked = f"customer:{customers[1]},customer:{theirs},nonsense:1,customer:{new_id()},customer:{customers[0]},sale"
    found = [title for _, title in OPTION.findall(ann.text(f"/search/suggest?recent={asked}"))]
    assert found == ["云图华南", "北京云图科技"]


def test_object_that_one_may_not_see_has_no_page_of_its_own(made) -> None:
    ann, _, _, _ = made
    assert ann.get("/search?q=x&in=visit").status_code == 404
    assert ann.get("/search?q=x&in=nothing").status_code == 404


def test_search_sends_the_same_statements_however_much_is_found(made, counted) -> None:
    ann, _, _, _ = made
    opening = counted(lambda: ann.text("/search/suggest"))
    assert counted(lambda: ann.text("/search/suggest?q=yt")) == opening + 1
    assert counted(lambda: ann.text("/search/suggest?q=many")) == opening + 1


def test_titles_that_point_elsewhere_come_with_the_same_statement(made, shop) -> None:
    with work(shop, login="ann", write=False) as ctx:
        found = across.find(ctx, "yt", objects=["sale", "customer"])
    assert [each.object for each in found] == ["sale", "customer"]
    assert [hit.title for hit in found[0].hits] == ["S-云图-7"]


def test_api_gives_groups(made) -> None:
    ann, _, customers, _ = made
    answer = ann.get("/api/v1/search?q=yuntu&objects=customer&limit=1")
    (group,) = answer.json["groups"]
    assert group["object"] == "customer"
    assert group["more"] is True
    assert [record["id"] for record in group["records"]] == [customers[0]]
    assert group["records"][0]["title"] == "北京云图科技"


@pytest.mark.parametrize("query", ["", "?q=+", "?q=x&limit=0", "?q=x&objects=visit", "?q=x&odd=1"])
def test_api_says_what_is_wrong_with_a_search(made, query: str) -> None:
    ann, _, _, _ = made
    assert ann.get(f"/api/v1/search{query}").status_code == 400
