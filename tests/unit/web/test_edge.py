"""languages, forms, errors and numbers at the edge"""

from __future__ import annotations

import ast
from pathlib import Path

import orjson
import pytest
from werkzeug.exceptions import HTTPException, abort
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dougong.base import errors as base
from dougong.base.text import Message, translations
from dougong.features.accounts import passwords
from dougong.web import csrf, errors, locales, unit_of_work
from dougong.web.health import Metrics
from dougong.web.urls import ENDPOINTS, PLAIN

PLATFORM = Path(errors.__file__).parents[1]


def asked(method="POST", **given):
    return Request(EnvironBuilder(method=method, base_url="http://crm.example:8080", **given).get_environ())


# ---- languages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de, zh-TW;q=0.8, en;q=0.5", "zh-CN"),
        ("fr, de", "zh-CN"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=nonsense, *;q=1", "zh-CN"),
        (",,;;==", "zh-CN"),
    ],
)
def test_language_is_negotiated(header, expected):
    assert locales.negotiate(header, "zh-CN") == expected


def test_stranger_may_have_chosen_a_language():
    request = asked("GET", headers={"Cookie": "locale=en", "Accept-Language": "zh"})
    assert locales.of_stranger(request, "zh-CN") == "en"


def test_every_sentence_of_the_edge_is_translated():
    known = translations("zh-CN")
    missing = []
    files = [*(PLATFORM / "web").glob("*.py"), *(PLATFORM / "web" / "api").glob("*.py")]
    for path in [*files, *(PLATFORM / "features" / "accounts").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                text = node.args[0]
                if isinstance(text, ast.Constant) and text.value not in known:
                    missing.append(text.value)
    assert missing == []


# ---- forms -----------------------------------------------------------------------------------------------------------


def test_token_is_taken_from_header_or_form():
    csrf.check(asked(headers={"X-CSRF-Token": "abc"}), "abc")
    csrf.check(asked(data={"csrf_token": "abc"}), "abc")
    for request in (asked(), asked(data={"csrf_token": "abd"}), asked(json={"csrf_token": "abc"})):
        with pytest.raises(errors.FormRefused):
            csrf.check(request, "abc")
    with pytest.raises(errors.FormRefused):
        csrf.check(asked(headers={"X-CSRF-Token": ""}), "")


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://crm.example:8080"}, True),
        ({"Origin": "http://crm.example"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://crm.internal", "Sec-Fetch-Site": "same-origin"}, True),
    ],
)
def test_form_of_a_stranger_must_come_from_our_page(headers, is_ours):
    request = asked(headers=headers)
    if is_ours:
        csrf.check_origin(request)
    else:
        with pytest.raises(errors.FormRefused):
            csrf.check_origin(request)


# ---- errors ----------------------------------------------------------------------------------------------------------


def kinds(of=base.DougongError):
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


def test_every_error_of_the_base_has_a_status():
    foreseen = [kind for kind in kinds() if kind.__module__ == base.__name__ and kind is not base.DougongError]
    assert len(foreseen) > 10
    for kind in foreseen:
        error = kind.__new__(kind)
        error.message = Message("x")
        error.by_field, error.current = {}, 3
        said = errors.describe(error, "en")
        assert 400 <= said.status < 500, kind
        assert said.code in errors.known_codes()


@pytest.mark.parametrize("status", [400, 404, 405, 408, 413, 415, 431])
def test_errors_of_the_server_are_described_too(status):
    with pytest.raises(HTTPException) as raised:
        abort(status)
    said = errors.describe(raised.value, "zh-CN")
    assert said.status == status
    assert said.detail


def test_unforeseen_error_says_nothing_of_itself():
    said = errors.describe(ValueError("select * from secret"), "en")
    assert (said.status, said.code) == (500, "internal")
    assert "secret" not in said.detail


def test_problem_document_is_complete():
    by_field = {"name": [Message("Enter it.", code="required")], "": [Message("No.")]}
    response = errors.problem(errors.describe(base.InvalidRecord(by_field), "en"), "the-id")
    assert response.content_type == "application/problem+json"
    assert orjson.loads(response.data) == {
        "type": "urn:dougong:problem:invalid_record",
        "title": "Values refused",
        "status": 422,
        "detail": "This record cannot be saved yet.",
        "code": "invalid_record",
        "request_id": "the-id",
        "errors": [
            {"field": "name", "code": "required", "message": "Enter it."},
            {"field": None, "code": "invalid", "message": "No."},
        ],
    }


def test_plain_error_page_escapes_what_it_shows():
    page = errors.plain_page(errors.Said(400, "x", "<b>", "<script>"), '"><script>', "en")
    assert "<script>" not in page
    assert "<b>" not in page


# ---- the rest --------------------------------------------------------------------------------------------------------


def test_numbers_are_written_for_prometheus():
    numbers = Metrics()
    numbers.count("/x", "GET", 200, 0.003)
    numbers.count("/x", "GET", 200, 0.3)
    numbers.count("/x", "POST", 422, 60)
    lines = numbers.text().splitlines()
    assert 'dougong_requests_total{route="/x",method="GET",status="200"} 2' in lines
    assert 'dougong_request_seconds_bucket{le="0.005"} 1' in lines
    assert 'dougong_request_seconds_bucket{le="0.5"} 2' in lines
    assert 'dougong_request_seconds_bucket{le="+Inf"} 3' in lines
    assert "dougong_request_seconds_count 3" in lines


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", "semi;colon-semi", "漢字漢字漢字漢字"])
def test_request_id_that_is_none_is_replaced(given):
    assert unit_of_work.request_id(given) != given
    assert unit_of_work.request_id("0a1b2c3d-4e5f") == "0a1b2c3d-4e5f"


def test_names_and_addresses_of_routes_are_unique():
    rows = [(row.rule, method) for row in ENDPOINTS for method in row.methods]
    assert len(rows) == len(set(rows))
    names = [row.name for row in (*ENDPOINTS, *PLAIN)]
    assert len(names) == len(set(names))


def test_password_is_verified_and_nothing_else():
    stored = passwords.hashed("correct horse")
    assert passwords.verify(stored, "correct horse")
    for wrong in ("", "Correct horse", None, 5, b"correct horse", "correct horse" * 100):
        assert not passwords.verify(stored, wrong)
    for nothing in (None, "", "nonsense"):
        assert not passwords.verify(nothing, "nobody has this password")
    assert not passwords.is_outdated(stored)
    assert not passwords.is_outdated(passwords._NOBODY)


def test_every_code_is_in_the_reference():
    page = (PLATFORM.parents[1] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    folders = ["web/api", "records", "access", "features/accounts"]
    files = [*(PLATFORM / "web").glob("*.py"), *(path for name in folders for path in (PLATFORM / name).glob("*.py"))]
    codes = set(errors.known_codes())
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                codes.add(node.value.value)
    assert sorted(code for code in codes if isinstance(code, str) and f"`{code}`" not in page) == []
