"""who may call, with what, and what every answer has"""

from __future__ import annotations

import io
import threading

import pytest

from dougong.features.accounts import service as accounts
from dougong.features.accounts import tokens
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.web import app as web
from dougong.web import health, sign_in
from dougong.web.pages import PAGES
from dougong.web.unit_of_work import LARGEST_BODY
from dougong.web.urls import ENDPOINTS, PLAIN

PUBLIC = {"/healthz", "/readyz", "/metrics", "/static/dist/<path:name>", "/sign-in"}


def problem(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    return answer.json


# ---- every route -----------------------------------------------------------------------------------------------------


def test_every_route_is_private_except_the_short_list(app, people):
    rows = {row.rule: row.methods for row in (*ENDPOINTS, *PAGES)}
    assert {row.rule for row in PAGES if row.public} | {row.rule for row in PLAIN} == PUBLIC
    stranger = app.test_client()
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC:
            continue
        assert rule.rule in rows
        path = rule.rule.replace("<", "").replace(">", "")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = stranger.open(path, method=method)
            asked += 1
            if path.startswith("/api/"):
                problem(answer, 401, "not_signed_in")
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            else:
                assert answer.status_code == 303, (method, path)
                assert answer.headers["Location"].startswith("/sign-in?next=")
    assert asked > 20


def test_options_says_what_there_is_and_does_nothing(app, people):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        answer = client.options(rule.rule.replace("<", "").replace(">", ""))
        assert (answer.status_code, answer.data) == (200, b""), rule
        assert rule.methods - {"OPTIONS", "HEAD"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "header",
    ["Bearer nonsense", "Bearer ", "bearer", "Basic YWRtaW46ZGVtbw==", "Bearer \udcff", "Bearer " + "x" * 9000],
)
def test_token_that_is_none_is_refused(app, people, header):
    answer = app.test_client().get("/api/v1/objects", headers={"Authorization": header})
    problem(answer, 401, "not_signed_in")


def test_bad_token_is_not_helped_by_a_good_cookie(browser):
    client, _ = browser("ann")
    assert client.get("/api/v1/objects").status_code == 200
    answer = client.get("/api/v1/objects", headers={"Authorization": "Bearer nonsense"})
    problem(answer, 401, "not_signed_in")


def test_every_answer_has_the_headers_that_protect_browsers(as_, app):
    for answer in (
        as_("ann").get("objects"),
        as_("ann").get("nothing"),
        as_("ann").get("/healthz"),
        as_("ann").get("/no/page"),
        app.test_client().get("/sign-in"),
    ):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Request-Id"]
    assert as_("ann").get("objects").headers["Cache-Control"] == "no-store"


def test_request_id_of_a_proxy_is_kept_and_nonsense_is_not(as_):
    given = "0a1b2c3d-4e5f-6789"
    assert as_("ann").get("objects", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    for nonsense in ("x", "a" * 100, "12345678;drop", "漢字漢字漢字漢字"):
        answer = as_("ann").get("objects", headers={"X-Request-Id": nonsense.encode().decode("latin-1")})
        assert answer.headers["X-Request-Id"] != nonsense


# ---- errors ----------------------------------------------------------------------------------------------------------


def test_unknown_address_and_method_are_problems_too(as_):
    ann = as_("ann")
    problem(ann.get("jobs/1"), 404, "not_found")
    answer = ann("PUT", "records/customer")
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_person_at_a_page_gets_a_page(app, browser):
    client, _ = browser("ann")
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


def test_mistake_of_ours_tells_nothing_but_the_number(as_, monkeypatch, caplog):
    def broken(*args, **rest):
        raise RuntimeError("the secret is 42")

    ann = as_("ann")
    monkeypatch.setattr(records, "list", broken)
    answer = ann.get("records/customer")
    said = problem(answer, 500, "internal")
    assert "secret" not in answer.get_data(as_text=True)
    assert "RuntimeError" not in answer.get_data(as_text=True)
    assert said["request_id"] in caplog.text


class Endless(io.RawIOBase):
    """A body that says how much of it was read."""

    def __init__(self, size):
        self.size = size
        self.read_so_far = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.size - self.read_so_far)
        buffer[:count] = b" " * count
        self.read_so_far += count
        return count


@pytest.mark.parametrize("path", ["/api/v1/records/customer", "/sign-in"])
def test_body_of_a_hundred_megabytes_is_refused_unread(app, people, path):
    body = Endless(100 * 1024 * 1024)
    answer = app.test_client().open(
        path,
        method="POST",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(body.size)},
        headers={
            "Content-Type": "application/json" if "api" in path else "application/x-www-form-urlencoded",
            "Authorization": f"Bearer {people['ann'].token}",
        },
    )
    assert answer.status_code == 413
    assert body.read_so_far == 0


def test_body_without_a_length_is_cut_off(app, people):
    body = Endless(100 * 1024 * 1024)
    answer = app.test_client().open(
        "/api/v1/records/customer",
        method="POST",
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {people['ann'].token}"},
        environ_overrides={
            "wsgi.input": body,
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
            "CONTENT_LENGTH": "",
        },
    )
    problem(answer, 413, "too_large")
    assert body.read_so_far <= LARGEST_BODY + 1024 * 1024


# ---- sessions and forms ----------------------------------------------------------------------------------------------


def test_session_may_read_but_writes_only_with_its_csrf_token(browser):
    client, csrf = browser("ann")
    _other, foreign = browser("bob")
    values = {"name": "Cloud"}
    assert client.get("/api/v1/records/customer").status_code == 200
    problem(client.post("/api/v1/records/customer", json=values), 403, "csrf")
    for wrong in ("", "x", foreign, "漢"):
        headers = {"X-CSRF-Token": wrong.encode().decode("latin-1")}
        problem(client.post("/api/v1/records/customer", json=values, headers=headers), 403, "csrf")
    answer = client.post("/api/v1/records/customer", json=values, headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 201


def test_sign_in_page_sets_a_cookie_that_scripts_cannot_read(app, shop, people):
    with work(shop, reason="a password for a test") as ctx:
        accounts.set_password(ctx, people["ann"].id, "correct horse")
    client = app.test_client()
    form = {"login": "ann", "password": "correct horse", "next": "/"}
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/sign-in", data=form, headers=elsewhere).status_code == 403
    assert client.post("/sign-in", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    answer = client.post("/sign-in", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith(sign_in.COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/api/v1/objects").status_code == 200
    secure = app.test_client().post("/sign-in", data=form, base_url="https://localhost")
    cookie = next(each for each in secure.headers.getlist("Set-Cookie") if each.startswith(sign_in.COOKIE))
    assert "Secure" in cookie


def test_wrong_passwords_at_the_page_end_in_429(app, shop, people):
    with work(shop, reason="a password for a test") as ctx:
        accounts.set_password(ctx, people["ann"].id, "correct horse")
    client = app.test_client()
    statuses = [client.post("/sign-in", data={"login": "ann", "password": "no"}).status_code for _ in range(6)]
    assert statuses == [401] * 4 + [429] * 2


# ---- idempotency -----------------------------------------------------------------------------------------------------


def post(ann, key, body, **headers):
    return ann.post("records/customer", body, headers={"Idempotency-Key": key, **headers})


def test_retry_with_a_key_gets_the_first_answer(as_, clock):
    ann = as_("ann")
    first = post(ann, "k1", {"name": "Cloud"})
    again = post(ann, "k1", {"name": "Cloud"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(ann.get("records/customer").json["records"]) == 1
    problem(post(ann, "k1", {"name": "Other"}), 422, "idempotency_key_reused")
    assert post(as_("bob"), "k1", {"name": "Bob's"}).status_code == 201
    clock.move(hours=24, seconds=1)
    assert post(ann, "k1", {"name": "Later"}).status_code == 201


def test_failed_request_leaves_its_key_free(as_):
    ann = as_("ann")
    assert post(ann, "k2", {"name": ""}).status_code == 422
    assert post(ann, "k2", {"name": "Cloud"}).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
def test_odd_key_is_refused(as_, key):
    problem(post(as_("ann"), key, {"name": "x"}), 400, "idempotency_key")


def test_same_key_at_once_does_the_work_once(as_):
    answers = []
    barrier = threading.Barrier(3)

    def write():
        caller = as_("ann")
        barrier.wait()
        answers.append(post(caller, "k3", {"name": "Cloud"}))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(as_("ann").get("records/customer").json["records"]) == 1


# ---- health ----------------------------------------------------------------------------------------------------------


def test_health_is_told_without_signing_in(app, people):
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "checks": {"database": "ok", "catalog": "ok"}}
    numbers = client.get("/metrics")
    assert numbers.content_type.startswith("text/plain")
    assert 'dougong_requests_total{route="/readyz",method="GET",status="200"} 1' in numbers.get_data(as_text=True)
    assert 'dougong_request_seconds_bucket{le="+Inf"} 2' in numbers.get_data(as_text=True)


def test_lost_database_is_not_ready(app, shop, people, monkeypatch):
    def lost(**rest):
        raise OSError("connection refused")

    monkeypatch.setattr(shop.database, "open", lost)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "OSError"}
    assert app.test_client().get("/healthz").status_code == 200


def test_browser_files_are_kept_for_good_by_their_digest(app, monkeypatch, tmp_path):
    (tmp_path / "core-ABCD1234.js").write_text("1", encoding="ascii")
    (tmp_path / "digest.txt").write_text("1", encoding="ascii")
    monkeypatch.setattr(health, "BROWSER_FILES", tmp_path)
    client = app.test_client()
    with client.get("/static/dist/core-ABCD1234.js") as kept:
        assert "immutable" in kept.headers["Cache-Control"]
        assert "max-age=31536000" in kept.headers["Cache-Control"]
    with client.get("/static/dist/digest.txt") as fresh:
        assert "immutable" not in fresh.headers["Cache-Control"]
    for nowhere in ("missing.js", "../app.py", "%2e%2e/app.py", "..%2fapp.py"):
        assert client.get(f"/static/dist/{nowhere}").status_code == 404


# ---- two instances in one process ------------------------------------------------------------------------------------


def test_two_instances_in_one_process_share_nothing(app, shop, people, instances, system_layer, dialect):
    other = instances.make(system_layer, dialect=dialect)
    second = web.create_app(other)
    headers = {"Authorization": f"Bearer {people['admin'].token}"}
    assert app.test_client().get("/api/v1/records/customer", headers=headers).status_code == 200
    assert second.test_client().get("/api/v1/records/customer", headers=headers).status_code == 401
    with work(other, reason="test") as ctx:
        admin = accounts.create_user(ctx, login="root", name="Root", is_administrator=True)
        _, secret = tokens.create(ctx, admin.id, name="test")
    answer = second.test_client().get("/api/v1/objects", headers={"Authorization": f"Bearer {secret}"})
    assert "customer" not in {each["name"] for each in answer.json["objects"]}
    instances.drop(other)
