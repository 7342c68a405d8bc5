"""What stands beside a record: its timeline, comments and files; all of it works without script."""

from __future__ import annotations

import io
import re

import pytest

from dougong.features.accounts.work import work
from dougong.records import service as records


@pytest.fixture
def ann(window):
    return window("ann", "seller")


@pytest.fixture
def customer(shop, ann) -> str:
    with work(shop, login="ann") as ctx:
        return records.create(ctx, "customer", {"name": "Acme"}).id


def test_comment_stands_beside_the_record(ann, customer, window) -> None:
    here = f"/o/customer/{customer}"
    made = ann.post(f"{here}/comments", {"text": "See <b>https://example.com/a?b=1</b>, @ann"})
    assert made.status_code == 303
    assert made.headers["Location"] == f"{here}#activity"
    text = ann.text(here)
    assert '<a href="https://example.com/a?b=1" target="_blank" rel="noopener noreferrer nofollow">' in text
    assert "&lt;b&gt;" in text
    assert '<span class="mention">@Ann</span>' in text
    assert "created this record" in text
    blank = ann.post(f"{here}/comments", {"text": "  "})
    assert blank.status_code == 422
    assert "Write something first." in blank.text
    assert window("bob", "seller").post(f"{here}/comments", {"text": "x"}).status_code == 404


def test_who_is_not_told_is_said(ann, customer, window) -> None:
    window("bob", "seller")
    made = ann.post(f"/o/customer/{customer}/comments", {"text": "@bob look"})
    text = ann.text(made.headers["Location"].split("#")[0])
    assert "Not told, as they may not see this record: Bob." in text


def test_comment_is_changed_and_taken_back_by_its_writer(ann, customer, window, shop) -> None:
    here = f"/o/customer/{customer}"
    ann.post(f"{here}/comments", {"text": "first words"})
    (edit,) = re.findall(rf'href="({here}/comments/[0-9a-f-]+/edit)"', ann.text(here))
    assert "first words" in ann.text(edit)
    assert ann.post(edit, {"text": "other words"}).status_code == 303
    text = ann.text(here)
    assert "other words" in text
    assert "changed</span>" in text
    eve = window("eve", administrator=True)
    assert f"{here}/comments/" not in eve.text(here)
    assert eve.get(edit).status_code == 403
    assert ann.post(edit.replace("/edit", "/delete"), {}).status_code == 303
    assert "other words" not in ann.text(here)


def test_script_gets_the_part_alone(ann, customer) -> None:
    here = f"/o/customer/{customer}/comments"
    data = {"text": "by script", "csrf_token": ann.csrf}
    answer = ann.client.post(here, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section class="surface activity" id="activity"')
    assert "by script" in answer.text


def test_people_are_offered_while_one_types(ann, customer, window) -> None:
    window("bob", "seller")
    text = ann.text(f"/o/customer/{customer}/people?q=bo")
    assert 'data-value="bob"' in text
    assert 'data-value="ann"' not in text
    assert 'role="option"' not in ann.text(f"/o/customer/{customer}/people?q=%25")


def send(window, customer: str, *files: tuple[str, bytes], **headers: str):
    data = {"file": [(io.BytesIO(content), name) for name, content in files], "csrf_token": window.csrf}
    return window.client.post(f"/o/customer/{customer}/files", data=data, headers=headers)


def test_file_is_added_shown_and_taken_away(ann, customer, window) -> None:
    here = f"/o/customer/{customer}"
    assert (
        send(ann, customer, ("报价 <1>.txt", "第一行\n<script>".encode()), ("b.pdf", b"%PDF-1.7\n")).status_code == 303
    )
    text = ann.text(here)
    assert "报价 _1_.txt" in text
    (pdf, plain) = re.findall(r'href="(/files/[0-9a-f-]+)"', text)[:2]
    shown = {ann.text(each): each for each in (pdf, plain)}
    (frame,) = [page for page in shown if "<iframe" in page]
    (pre,) = [page for page in shown if "<pre" in page]
    assert "第一行\n&lt;script&gt;" in pre
    assert "b.pdf" in frame
    given = ann.client.get(f"{shown[frame]}/content?inline=1", buffered=True)
    assert given.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in given.headers["Content-Security-Policy"]
    bob = window("bob", "seller")
    assert bob.get(pdf).status_code == 404
    assert bob.get(f"{pdf}/content").status_code == 404
    assert bob.post(f"{pdf}/delete", {}).status_code == 404
    assert ann.post(f"{pdf}/delete", {}).status_code == 303
    assert ann.get(pdf).status_code == 404


def test_script_hears_why_a_file_is_refused(ann, customer) -> None:
    answer = send(ann, customer, ("run.exe", b"MZ"), **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert "run.exe" in answer.json["detail"]
    assert send(ann, customer, ("a.txt", b"a"), **{"HX-Request": "true"}).status_code == 204
    assert (
        ann.client.post(f"/o/customer/{customer}/files", data={"file": (io.BytesIO(b"x"), "x.txt")}).status_code == 403
    )


def test_timeline_is_narrowed_and_paged(ann, customer, window) -> None:
    here = f"/o/customer/{customer}/activity"
    window("eve", administrator=True).post(f"/o/customer/{customer}/comments", {"text": "from eve"})
    for number in range(25):
        ann.post(f"/o/customer/{customer}/comments", {"text": f"number {number:02}"})
    send(ann, customer, ("a.txt", b"a"))
    first = ann.text(here)
    assert "number 24" in first
    assert "number 03" not in first
    (older,) = {each.replace("&amp;", "&") for each in re.findall(rf'href="({here}\?before=[^"]+)"', first)}
    second = ann.text(older)
    said = re.findall(r"number \d\d", first + second)
    assert said == [f"number {number:02}" for number in range(24, -1, -1)]
    assert "from eve" in second
    assert "created this record" in second
    assert "number 24" not in ann.text(f"{here}?kind=files")
    assert "a.txt" in ann.text(f"{here}?kind=files")
    (eve,) = re.findall(r'<option value="([^"]+)">Eve', first)
    narrowed = ann.text(f"{here}?by={eve}")
    assert "from eve" in narrowed
    assert "number 2" not in narrowed
    assert "created this record" not in narrowed
    assert "Nothing here." in ann.text(f"{here}?until=2000-01-01")
    assert ann.get(f"{here}?since=yesterday").status_code == 400
    assert ann.get(f"{here}?before=nonsense").status_code == 400


def test_new_of_a_related_list_comes_back_to_the_record(ann, customer) -> None:
    here = f"/o/customer/{customer}"
    (href,) = {
        each.replace("&amp;", "&") for each in re.findall(r'href="(/o/note/new\?[^"]+)" data-quick-add', ann.text(here))
    }
    whole = ann.text(href)
    assert "<!doctype html>" in whole
    assert f'name="next" value="{here}#note_customer"' in whole
    once = re.findall(r'name="once" value="([^"]+)"', whole)[0]
    fields = {"text": "A note", "customer": customer, "once": once, "next": f"{here}#note_customer"}
    made = ann.post("/o/note/new", fields)
    assert made.headers["Location"] == f"{here}#note_customer"
    assert "A note" in ann.text(here)
    away = ann.post("/o/note/new", {"text": "B", "customer": customer, "next": "https://evil.example"})
    assert away.headers["Location"].startswith("/o/note/")


def test_dialog_gets_the_form_alone_and_is_told_where_to_go(ann, customer) -> None:
    quick = {"HX-Request": "true", "X-Quick-Add": "true"}
    here = f"/o/customer/{customer}"
    form = ann.client.get(f"/o/note/new?customer={customer}&next={here}", headers=quick)
    assert form.text.lstrip().startswith("<form")
    assert 'id="quick-add-head"' in form.text
    data = {"customer": customer, "next": here, "csrf_token": ann.csrf}
    refused = ann.client.post("/o/note/new", data=data, headers=quick)
    assert refused.status_code == 422
    assert refused.text.lstrip().startswith("<form")
    made = ann.client.post("/o/note/new", data={**data, "text": "A"}, headers=quick)
    assert made.status_code == 204
    assert made.headers["X-Go-To"] == here


def test_conflict_shows_before_theirs_and_mine_and_takes_all(ann, customer, shop) -> None:
    edit = f"/o/customer/{customer}/edit"
    version = re.findall(r'name="version" value="(\d+)"', ann.text(edit))[0]
    with work(shop, login="ann") as ctx:
        records.update(ctx, "customer", customer, {"name": "Theirs", "employees": 5}, last_write=True)
    sent = {"name": "Mine", "employees": "", "since": "2026-01-02", "version": version}
    met = ann.post(edit, sent)
    assert met.status_code == 409
    assert [each in met.text for each in ("Acme", "Theirs", "Mine", "Before")] == [True] * 4
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', met.text))
    hidden.pop("csrf_token")
    saved = ann.post(edit, {**hidden, "pick_all": "mine"})
    assert saved.status_code == 303
    with work(shop, login="ann", write=False) as ctx:
        now = records.get(ctx, "customer", customer)
    assert (now["name"], now["employees"], str(now["since"])) == ("Mine", 5, "2026-01-02")
