from __future__ import annotations

import io
from pathlib import Path

import pytest

from dougong.features.accounts.work import work
from dougong.features.exchange import batches, later, uploads
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage import platform_tables

CSV = """合同清单,,
Name,Number,买方,Amount
First,N-1,晨光,100
Second,N-2,晨光,200.50
Third,N-3,Nobody,300
,N-4,晨光,x
"""


def upload(window, text=CSV, name="合同 2026.csv", object_name="contract"):
    content = text if isinstance(text, bytes) else text.encode()
    return window.post(f"/o/{object_name}/import", {"file": (io.BytesIO(content), name)})


def chosen(window, here: str, **more: str) -> dict[str, str]:
    """Give the form of the mapping as it stands."""
    return {
        "do": "check", "header_row": "2", "to.0": "name|", "to.1": "number|", "to.2": "buyer|name", "to.3": "amount|",
        **more,
    }  # fmt: skip


def contracts(trade) -> list[str]:
    with work(trade, write=False, reason="look") as ctx:
        return [each["number"] for each in records.list(ctx, "contract", Query(sort=("name",)))]


def test_file_is_uploaded_mapped_checked_and_imported(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    assert 'href="/o/contract/import"' in ann.get("/o/contract").text
    here = upload(ann).headers["Location"]
    text = ann.get(here).text
    assert "合同 2026.csv" in text
    assert 'value="2"' in text, "the header is the second row"
    assert "First · Second · Third" in text
    assert '<option value="buyer|name" selected>Buyer, named by its Name</option>' in text
    assert "sure" in text

    assert ann.post(here, chosen(ann, here)).status_code == 303
    assert "progress" in ann.get(here).text
    carried()
    text = ann.get(here).text
    assert "4 rows = 2 records + 2 with errors" in text
    assert "would be new" in text
    assert "Nobody" in text
    assert contracts(trade) == []

    ann.post(here, {"do": "import"})
    carried()
    text = ann.get(here).text
    assert "4 rows = 2 records + 2 with errors" in text
    assert contracts(trade) == ["N-1", "N-2"]
    wrong = ann.get(f"{here}/errors")
    assert "Third" in wrong.text
    assert "First" not in wrong.text
    wrong.close()
    assert wrong.headers["Content-Disposition"].startswith("attachment")
    assert ann.post(here, {"do": "import"}).status_code == 409, "it is imported once"


def test_import_is_listed_and_taken_back(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    ann.post(here, chosen(ann, here))
    carried()
    ann.post(here, {"do": "import"})
    carried()
    listed = ann.get("/o/contract/import").text
    assert "4 rows: 2 new, 0 changed, 0 as before, 2 with errors" in listed
    with work(trade, write=False, reason="look") as ctx:
        (batch,) = batches.list_batches(ctx, "contract")
    place = f"/o/contract/import/batch/{batch.id}"
    assert "2 records that it created would be deleted." in ann.get(place).text
    after = ann.post(place, {}).headers["Location"]
    assert "progress" in ann.get(after).text
    carried()
    assert "taken back" in ann.get(after).text
    assert contracts(trade) == []
    assert ann.post(place, {}).status_code == 409


def test_file_with_the_same_header_is_mapped_as_the_last_one(window, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    ann.post(here, chosen(ann, here, **{"to.3": "margin|", "key.1": "1"}))
    again = ann.get(upload(ann).headers["Location"]).text
    assert "as for the last file with this header" in again
    assert '<option value="margin|" selected>' in again


def test_same_rows_again_with_a_key_change_nothing(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    for number in range(2):
        here = upload(ann).headers["Location"]
        ann.post(here, chosen(ann, here, **{"key.1": "1"}))
        carried()
        ann.post(here, {"do": "import"})
        carried()
        assert f"{2 * number}</dd>" in ann.get(here).text
    assert contracts(trade) == ["N-1", "N-2"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.csv", "The file is empty."),
        (b"x", "a.exe", "Choose a CSV or XLSX file"),
        (b"", "", "Choose a file first."),
    ],
)
def test_what_is_no_file_to_import_is_refused(window, content: bytes, name: str, said: str) -> None:
    ann = window("ann", administrator=True)
    answer = upload(ann, content, name)
    assert answer.status_code == 400
    assert said in answer.text


def test_file_that_cannot_be_read_says_why(window) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann, b"PK\x03\x04 no workbook", "a.xlsx").headers["Location"]
    answer = ann.get(here)
    assert answer.status_code == 422
    assert "workbook" in answer.text or "XLSX" in answer.text


def test_two_columns_for_one_field_are_told(window, buyer) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    answer = ann.post(here, chosen(ann, here, **{"to.1": "name|"}))
    assert answer.status_code == 422
    assert "“Name” and “Number” go to the same field" in answer.text
    nothing = ann.post(here, {"do": "check", "header_row": "2"})
    assert nothing.status_code == 422
    assert "Choose at least one" in nothing.text


def test_file_name_leads_nowhere(window, trade) -> None:
    ann = window("ann", administrator=True)
    upload(ann, "name\nx\n", "../../../../etc/pass wd.csv")
    kept = [each for each in (trade.settings.home / "uploads").rglob("*") if each.is_file()]
    assert [each.name for each in kept] == ["pass wd.csv"]


def test_upload_is_only_its_owners(window) -> None:
    ann, bob = window("ann", administrator=True), window("bob", administrator=True)
    here = upload(ann).headers["Location"]
    assert bob.get(here).status_code == 404
    assert bob.get(f"{here}/errors").status_code == 404
    assert bob.post(here, {"do": "import"}).status_code == 404


def test_importing_needs_the_right(window) -> None:
    eve = window("eve", "trade_reader")
    assert "/import" not in eve.get("/o/contract").text
    assert eve.get("/o/contract/import").status_code == 403
    assert upload(eve).status_code == 403
    assert window("kim").get("/o/contract/import").status_code == 404


def test_import_runs_under_the_rights_of_who_imports(window, trade, carried, buyer) -> None:
    lin = window("lin", "trade_clerk")
    here = upload(lin).headers["Location"]
    assert "margin" not in lin.get(here).text, "a field that may not be written is not offered"
    lin.post(here, chosen(lin, here))
    carried()
    lin.post(here, {"do": "import"})
    carried()
    with work(trade, login="lin", write=False) as ctx:
        assert [each["owner"] for each in records.list(ctx, "contract", Query())] == [ctx.actor.id] * 2


def test_import_whose_worker_fell_is_told_and_not_done_twice(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    ann.post(here, chosen(ann, here))
    carried()
    ann.post(here, {"do": "import"})
    with work(trade, reason="a worker that wrote a chunk and fell") as ctx:
        found = uploads.get_of_system(ctx, here.rpartition("/")[2])
        batches.begin(ctx, found.batch, "contract", found.file)
        batches.count(ctx, found.batch, {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "errors": 0})
    carried()
    text = ann.get(here).text
    assert "interrupted after these rows" in text
    assert contracts(trade) == []


def test_import_that_was_stopped_before_it_began_can_be_started_again(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    ann.post(here, chosen(ann, here))
    with work(trade, write=False, reason="look") as ctx:
        job = uploads.get_of_system(ctx, here.rpartition("/")[2]).job
    ann.post(f"/jobs/{job}/cancel", {})
    assert "Goes to" in ann.get(here).text
    ann.post(here, chosen(ann, here))
    carried()
    assert "4 rows = 2 records" in ann.get(here).text


def test_uploads_are_swept_when_their_time_is_over(window, trade) -> None:
    ann = window("ann", administrator=True)
    here = upload(ann).headers["Location"]
    place = trade.settings.home / "uploads" / here.rpartition("/")[2]
    assert place.is_dir()
    with work(trade, reason="sweep") as ctx:
        assert uploads.sweep(ctx, trade.settings.home) == 0
        uploads.change(ctx, here.rpartition("/")[2], expires_at=ctx.now())
        assert uploads.sweep(ctx, trade.settings.home) == 1
    assert not place.exists()
    assert ann.get(here).status_code == 404


def test_changes_of_an_import_are_found_by_an_index() -> None:
    names = {each.name for each in platform_tables.change.indexes}
    assert "ix_dougong_change_request" in names


def test_safe_names_keep_their_words() -> None:
    assert uploads.safe_name("C:\\a\\客户 名单.XLSX") == "客户 名单.xlsx"
    assert uploads.safe_name("..") == "file.csv"
    assert Path(uploads.safe_name("a/../b\x00.csv")).name == uploads.safe_name("a/../b\x00.csv")
    assert later.MOST_CHECKED == 5000


def test_program_imports_through_the_api(window, trade, carried, buyer) -> None:
    ann = window("ann", administrator=True)
    head = {"X-CSRF-Token": ann.csrf}
    columns = '[{"name": "Nr", "to": "number"}, {"name": "Title", "to": "name"}]'
    sent = {"file": (io.BytesIO(b"Nr,Title\nN-1,First\nN-2,\n"), "a.csv"), "object": "contract", "map": columns}
    answer = ann.client.post("/api/v1/imports", data=sent, headers=head)
    assert answer.status_code == 202, answer.text
    where = answer.headers["Location"]
    assert answer.json["step"] == "importing"
    assert ann.get(f"/api/v1/jobs/{answer.json['job']}").json["status"] == "waiting"
    carried()
    found = ann.get(where).json
    assert (found["step"], found["outcome"]["created"], found["outcome"]["errors"]) == ("done", 1, 1)
    with ann.get(f"{where}/errors") as wrong:
        assert "N-2" in wrong.text
    assert contracts(trade) == ["N-1"]


def test_program_sends_a_file_as_the_body(window, trade, carried) -> None:
    ann = window("ann", administrator=True)
    head = {"X-CSRF-Token": ann.csrf, "Content-Type": "text/csv"}
    body = "name,number\nFirst,N-1\n"
    for expected in ("created", "unchanged"):
        answer = ann.client.post("/api/v1/imports?object=contract&key=number", data=body, headers=head)
        assert answer.status_code == 202, answer.text
        carried()
        assert ann.get(answer.headers["Location"]).json["outcome"][expected] == 1
    dry = ann.client.post("/api/v1/imports?object=contract&dry_run=true", data=body, headers=head)
    carried()
    assert ann.get(dry.headers["Location"]).json["step"] == "checked"
    assert contracts(trade) == ["N-1"]


def test_program_that_says_nonsense_is_told(window) -> None:
    ann, eve = window("ann", administrator=True), window("eve", "trade_reader")
    head = {"X-CSRF-Token": ann.csrf, "Content-Type": "text/csv"}
    start = "/api/v1/imports?object="
    assert ann.client.post(f"{start}nothing", data="a", headers=head).status_code == 404
    assert ann.client.post(f"{start}contract&map=nothing", data="a", headers=head).status_code == 400
    assert ann.client.post(f"{start}contract&map=[1]", data="a", headers=head).status_code == 400
    json = {**head, "Content-Type": "application/json"}
    assert ann.client.post(f"{start}contract", data="{}", headers=json).status_code == 400
    eves = {**head, "X-CSRF-Token": eve.csrf}
    assert eve.client.post(f"{start}contract", data="a", headers=eves).status_code == 403
