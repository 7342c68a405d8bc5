"""what came over the wire"""

from __future__ import annotations

import decimal

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dougong.base.errors import BadRequest
from dougong.web.api import reading
from dougong.web.errors import UnsupportedBody


def asked(body=b"", content_type="application/json", **headers):
    builder = EnvironBuilder(method="POST", data=body, content_type=content_type, headers=headers)
    return Request(builder.get_environ())


def queried(text):
    return Request(EnvironBuilder(query_string=text).get_environ())


def test_body_keeps_decimals_and_large_numbers_exact():
    sent = b'{"a": 0.1, "b": 123456789012345678901234567890, "c": 1e2, "d": 12345678901234567.8}'
    assert reading.json_object(asked(sent)) == {
        "a": decimal.Decimal("0.1"),
        "b": 123456789012345678901234567890,
        "c": decimal.Decimal(100),
        "d": decimal.Decimal("12345678901234567.8"),
    }


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_types_are_read(content_type):
    assert reading.json_object(asked(b'{"a": 1}', content_type)) == {"a": 1}


@pytest.mark.parametrize("content_type", ["", "text/plain", "text/json", "application/x-www-form-urlencoded"])
def test_other_types_are_refused(content_type):
    with pytest.raises(UnsupportedBody):
        reading.json_object(asked(b'{"a": 1}', content_type))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": 1, "a": 2}', "json_duplicate"),
        (b'{"a": {"b": 1, "b": 1}}', "json_duplicate"),
        (b"[1]", "json"),
        (b'{"a": -Infinity}', "json"),
        (b'{"a": 1,}', "json"),
        (b"{'a': 1}", "json"),
        (b'\xef\xbb\xbf{"a": 1}', "json"),
        ('{"a": "ü"}'.encode("latin-1"), "json"),
        (b'{"a": "\\udc00"}', "json"),
        (b'{"a": ' * 2000 + b"1" + b"}" * 2000, "json"),
        (b'{"a": ' + b"1" * 5000 + b"}", "json"),
        (b"// a comment\n{}", "json"),
    ],
)
def test_odd_body_is_refused_with_its_code(body, code):
    with pytest.raises(BadRequest) as refused:
        reading.json_object(asked(body))
    assert refused.value.message.code == code


def test_unknown_parameter_is_named_with_what_was_meant():
    with pytest.raises(BadRequest) as refused:
        reading.parameters(queried("limt=5"), ("limit", "sort"))
    assert str(refused.value) == "There is no parameter 'limt'; did you mean 'limit'?"


def test_no_query_is_no_parameters():
    assert reading.parameters(queried(""), ("limit",)) == {}


@pytest.mark.parametrize(
    ("header", "expected"),
    [('"3"', (3, False)), ('W/"3"', (3, False)), ("3", (3, False)), (' "3" ', (3, False)), ("*", (None, True))],
)
def test_version_is_read_from_if_match(header, expected):
    assert reading.condition(asked(**{"If-Match": header}), {}) == expected


def test_without_if_match_only_last_write_counts():
    assert reading.condition(asked(), {}) == (None, False)
    assert reading.condition(asked(), {"last_write": "true"}) == (None, True)
    with pytest.raises(BadRequest):
        reading.condition(asked(), {"last_write": "yes"})


def test_words_are_split_at_commas():
    assert reading.words({"sort": " -amount, name ,,"}, "sort") == ("-amount", "name")
    assert reading.words({}, "sort") == ()
