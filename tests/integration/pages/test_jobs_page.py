"""The page of long work, and the administrator's page of what failed."""

from __future__ import annotations

from dataclasses import replace

from dougong.base.text import Message
from dougong.features.accounts.work import work
from dougong.jobs import outbox
from dougong.jobs import service as jobs
from dougong.jobs.call import Handling
from dougong.jobs.outbox import Hopeless
from dougong.jobs.worker import Worker


def carry(shop, **handlers) -> None:
    worker = Worker(replace(shop, handlers=handlers), schedules=False)
    worker.run_once()
    worker.join()


def start(shop, login: str, kind: str = "sheep") -> str:
    with work(shop, login=login) as ctx:
        return jobs.start(ctx, kind, {})


def test_person_watches_and_stops_their_own_job(shop, window) -> None:
    ann = window("ann")
    assert "No jobs" in ann.text("/jobs")
    job = start(shop, "ann")
    with shop.database.open(write=True) as connection:
        jobs.begun(connection, job, shop.clock.now())
        jobs.note_progress(connection, job, 30, 120, "customers.csv")
    text = ann.text("/jobs")
    assert 'value="25"' in text
    assert "30 of 120" in text
    assert "customers.csv" in text
    assert 'hx-trigger="every 2s"' in text
    assert "Promises" not in text
    assert ann.post(f"/jobs/{job}/cancel", {}).status_code == 303
    assert "stopping" in ann.text("/jobs")
    carry(shop, sheep=lambda engine, body, call: call.stop_if_cancelled())
    text = ann.text("/jobs")
    assert "cancelled" in text
    assert "every 2s" not in text


def test_job_of_another_is_not_there(shop, window) -> None:
    window("ann")
    job = start(shop, "ann")
    bob = window("bob")
    assert bob.post(f"/jobs/{job}/cancel", {}).status_code == 404
    assert "sheep" not in bob.text("/jobs?of=everyone")
    boss = window("boss", administrator=True)
    text = boss.text("/jobs?of=everyone")
    assert "sheep" in text
    assert "Ann" in text


def test_job_has_a_name_in_the_readers_language(shop, window, monkeypatch) -> None:
    window("ann", locale="zh-CN")
    start(shop, "ann")
    labelled = {"sheep": Handling(lambda *_: None, label=Message("Jobs"))}
    monkeypatch.setitem(shop.__dict__, "handlers", labelled)
    assert "后台作业" in window("ann").text("/jobs")


def test_administrator_tries_again_and_gives_up(shop, window) -> None:
    boss = window("boss", administrator=True)
    with work(shop, reason="a test") as ctx:
        first = outbox.promise(ctx, "mail", {"to": "a"})
        second = outbox.promise(ctx, "mail", {"to": "b"})

    def fail(engine, body, call) -> None:
        raise Hopeless("there is no <such> address")

    carry(shop, mail=fail)
    text = boss.text("/jobs/promises")
    assert "there is no &lt;such&gt; address" in text
    assert boss.post("/jobs/promises", {"give_up": second}).status_code == 303
    assert boss.post("/jobs/promises", {"retry": first}).status_code == 303
    heard = []
    carry(shop, mail=lambda engine, body, call: heard.append(body["to"]))
    assert heard == ["a"]
    assert "Nothing failed" in boss.text("/jobs/promises")


def test_promises_are_for_administrators(window) -> None:
    ann = window("ann")
    assert ann.get("/jobs/promises").status_code == 403
    assert ann.post("/jobs/promises", {"retry_all": "1"}).status_code == 403


def test_jobs_are_in_the_api(shop, window, app) -> None:
    ann = window("ann")
    job = start(shop, "ann")
    older = start(shop, "ann")
    said = ann.get(f"/api/v1/jobs/{job}").json
    assert (said["status"], said["kind"], said["error"], said["done"]) == ("waiting", "sheep", None, 0)
    assert said["at"].endswith("Z")
    page = ann.get("/api/v1/jobs?limit=1").json
    assert [each["id"] for each in page["jobs"]] == [older]
    assert [each["id"] for each in ann.get(f"/api/v1/jobs?cursor={page['next']}").json["jobs"]] == [job]
    headers = {"X-CSRF-Token": ann.csrf}
    assert ann.client.post(f"/api/v1/jobs/{job}/cancel", headers=headers).json["status"] == "cancelled"
    assert ann.client.post(f"/api/v1/jobs/{job}/cancel", headers=headers).status_code == 409
    assert ann.get("/api/v1/jobs/nothing").status_code == 404
    assert window("bob").get(f"/api/v1/jobs/{job}").status_code == 404


def test_numbers_of_the_outbox_are_told(shop, window) -> None:
    ann = window("ann")
    with work(shop, reason="a test") as ctx:
        outbox.promise(ctx, "mail", {})
    text = ann.text("/metrics")
    assert 'dougong_promises_due{queue="now"} 1' in text
    assert "dougong_promises_failed 0" in text
