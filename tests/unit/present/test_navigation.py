"""the navigation"""

from __future__ import annotations

from dougong.web.present import page


def test_menu_shows_what_one_may_read(catalog) -> None:
    groups = page.navigation(catalog, lambda name: name == "sale", locale="zh-CN", path="/")
    assert [(group.label, [link.href for link in group.links]) for group in groups] == [
        ("商店", ["/o/sale?view=sales"])
    ]


def test_menu_without_anything_to_open_is_left_out(catalog) -> None:
    assert page.navigation(catalog, lambda name: False, locale="en", path="/") == ()


def test_entry_of_the_page_is_marked(catalog) -> None:
    groups = page.navigation(catalog, lambda name: True, locale="en", path="/o/customer/1/edit")
    assert [link.is_current for link in groups[0].links] == [True, False]


def test_language_is_the_nearest_of_ours() -> None:
    assert [page.known_locale(code) for code in ("zh-TW", "en-GB", "fr", "")] == ["zh-CN", "en", "en", "en"]
