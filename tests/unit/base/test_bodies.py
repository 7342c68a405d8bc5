from __future__ import annotations

import pytest

from dougong.base import bodies, clean_html
from dougong.base.bodies import BadBody, Body, Function, Lines, Plain


def filled(text: str, **values) -> str:
    lines = Lines(Plain("", {"name": Plain(f"<{each}>")}) for each in "ab")
    record = Plain("R", {"name": Plain("Ada & Co\nsecond"), "blank": Plain(""), "lines": lines})
    return Body(text).fill({"record": record, "label": Function(lambda name: name.upper()), **values})


def test_values_are_escaped_and_keep_their_lines() -> None:
    assert filled("<p>{{ record.name }}</p>") == "<p>Ada &amp; Co<br>\nsecond</p>"


def test_lines_are_gone_through_with_their_number() -> None:
    assert filled("{% for x in record.lines %}{{ loop.index }}{{ x.name }}{% endfor %}") == "1&lt;a&gt;2&lt;b&gt;"


def test_blank_value_is_false_and_has_a_default() -> None:
    assert filled("{% if record.blank %}yes{% else %}no{% endif %} {{ record.blank or '—' }}") == "no —"


def test_lines_as_a_whole_are_blank() -> None:
    assert filled("[{{ record.lines }}] {{ record.lines|length }}") == "[] 2"


def test_given_functions_can_be_called_with_one_text() -> None:
    assert filled('{{ label("amount") }}') == "AMOUNT"


ATTACKS = [
    "{{ record.name.__class__.__mro__ }}",
    "{{ record.__init__ }}",
    "{{ label.__globals__ }}",
    "{{ loop.__class__ }}",
    "{% for x in record.lines %}{{ loop._iterator }}{{ loop.cycle }}{% endfor %}",
    "{{ self }}",
    "{{ config }}",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_is_reached_but_given_values(text: str) -> None:
    with pytest.raises(BadBody):
        filled(text)


REFUSED = [
    '{% include "/etc/passwd" %}',
    '{% import "x" as y %}',
    '{% extends "frame.html" %}',
    "{% macro x() %}{{ x() }}{% endmacro %}",
    "{% set x = 1 %}",
    "{% for i in range(1000000000) %}x{% endfor %}",
    "{% for i in [1, 2] %}x{% endfor %}",
    "{% for i in record.lines recursive %}{{ loop(i) }}{% endfor %}",
    "{{ 'x' * 1000000000 }}",
    "{{ 10 ** 100000 }}",
    "{{ record['name'] }}",
    "{{ record|attr('name') }}",
    "{{ '%s' % record }}",
    "{{ ''.join(record.lines) }}",
    "{{ record.name.format(record) }}",
    "{% for a in record.lines %}" * 3 + "x" + "{% endfor %}" * 3,
    "{{ record.name",
    "<div>" * 200,
    "{{ 1 if " * 3000,
]


@pytest.mark.parametrize("text", REFUSED, ids=[each[:30] for each in REFUSED])
def test_what_computes_or_includes_is_refused_when_it_is_read(text: str) -> None:
    assert Body(text).troubles


def test_what_a_body_comes_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = Lines(Plain("", {"name": Plain("x" * 1000)}) for _ in range(300))
    text = "{% for a in record.lines %}{% for b in record.lines %}{{ b.name }}{% endfor %}{% endfor %}"
    with pytest.raises(BadBody, match="more than"):
        Body(text).fill({"record": Plain("", {"lines": many})})


def test_filling_takes_no_longer_than_it_may() -> None:
    ticks = iter(range(0, 1000, 6))
    with pytest.raises(BadBody, match="longer than"):
        Body("{{ record.a }}{{ record.a }}{{ record.a }}").fill(
            {"record": Plain("", {"a": Plain("x")})}, clock=lambda: float(next(ticks))
        )


CLEANED = [
    ('<script>alert("x")</script>after', "after"),
    ("<style>* {}</style><p>x", "<p>x</p>"),
    ('<p onclick="x()" class="a">x</p>', '<p class="a">x</p>'),
    ('<img src="http://example.com/x.png">', "<img>"),
    ('<img src="file:///etc/passwd">', "<img>"),
    ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
    ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
    ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
    ('<a href="https://example.com">x</a>', '<a href="https://example.com">x</a>'),
    ('<p style="background:url(//x)">x</p>', "<p>x</p>"),
    ('<p style="color: red">x</p>', '<p style="color: red">x</p>'),
    ("<svg><image href=x></svg>y", "y"),
    ("<link rel=stylesheet href=x>y", "y"),
    ("<iframe src=x></iframe>y", "y"),
    ("<td colspan=99999999>x", "<td>x</td>"),
    ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
    ("a</div></p>", "a"),
    ("<!-- x --><p>y</p>", "<p>y</p>"),
]


@pytest.mark.parametrize(("text", "expected"), CLEANED)
def test_only_harmless_html_is_left(text: str, expected: str) -> None:
    assert clean_html.cleaned(text) == expected


def test_tables_and_elements_stand_in_one_another_only_so_deep() -> None:
    assert clean_html.cleaned("<table>" * 50).count("<table>") == clean_html.DEEPEST_TABLES
    assert clean_html.cleaned("<div>" * 500).count("<div>") == clean_html.DEEPEST
    rows = "<table>" + "<tr><td>x" * 3000
    assert clean_html.cleaned(rows).count("<td>") == 3000


def test_trouble_stands_where_the_word_stands() -> None:
    text = "<h1>x</h1>\n<p>{{ record.name|safe }}</p>"
    (trouble,) = Body(text).troubles
    assert text[trouble.at :].startswith("safe")


def test_known_filters_are_all_there_is() -> None:
    assert set(bodies._BODIES.filters) == set(bodies.FILTERS)
    assert filled("{{ record.name|upper|trim|truncate(4) }}{{ record.blank|default('d') }}") == "ADA…d"
