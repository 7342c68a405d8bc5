from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
import sqlalchemy as sa

from dougong.base.errors import ActionFailed, InvalidRecord, NotAllowed
from dougong.features.automation import runs, service
from dougong.features.automation.doing import Doing
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage.platform_tables import outbox


def tasks(ctx) -> list[str]:
    return [each.values["title"] for each in records.list(ctx, "task", Query(sort=("title",))).records]


def told(ctx, **which) -> list[tuple[str, str]]:
    return [(each.automation, each.status) for each in runs.list(ctx.as_system("look at the log"), **which)]


# ---- before the commit -----------------------------------------------------------------------------------------------


def test_automation_before_the_commit_is_in_what_comes_back(as_user):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue", "phone": "1"})
        assert (made.values["score"], made.version) == (10, 2)
        assert records.create(ctx, "lead", {"name": "Red"}).values["score"] is None
        assert told(ctx) == [("score_new", "done")]
        first, second = records.history(ctx, "lead", made.id)[1], records.history(ctx, "lead", made.id)[0]
        assert (first.op, second.reason) == ("created", "automation score_new")


def test_failing_automation_refuses_the_save_whole(as_user):
    with as_user("cleo") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue"}).id
        with pytest.raises(InvalidRecord) as caught:
            records.transition(ctx, "lead", made, "win", last_write=True)
        (said,) = caught.value.by_field[""]
        assert said.show("en") == (
            "The automation “Won leads have an account” does not let this be saved. "
            "The step “account” could not be done: You may not create Account."
        )
        assert records.get(ctx, "lead", made).values["stage"] == "fresh"
        records.update(ctx, "lead", made, {"note": "goes on"}, last_write=True)
    with as_user("cleo") as ctx:
        found = records.get(ctx, "lead", made)
        assert (found.values["note"], found.version) == ("goes on", 2)
        assert len(records.history(ctx, "lead", made)) == 2


def test_automation_with_the_rights_of_who_changed_it(as_user):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue"}).id
        after = records.transition(ctx, "lead", made, "win", last_write=True)
        assert records.get(ctx, "account", after.values["account"]).values["created_by"] == ctx.actor.id


def test_many_records_are_refused_one_by_one(as_user, engine):
    with as_user("ann") as ctx:
        outcomes = records.create_many(ctx, "lead", [{"name": "A", "phone": "1"}, {"name": "B"}], atomic=False)
        assert [each.record.values["score"] for each in outcomes] == [10, None]


# ---- after the commit ------------------------------------------------------------------------------------------------


def test_automation_after_the_commit_is_promised_and_done(as_user, carry_out):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue"}).id
        records.transition(ctx, "lead", made, "lose", {"note": "no money"}, last_write=True)
        assert tasks(ctx) == []
        ann = ctx.actor.id
    carry_out()
    with as_user("ann") as ctx:
        (task,) = records.list(ctx, "task", Query()).records
        assert (task.values["title"], task.values["lead"], task.values["owner"]) == ("Why Blue", made, ann)
        assert told(ctx) == [("follow_lost", "done")]
    assert carry_out() == 0


def test_change_that_nobody_waits_for_promises_nothing(as_user, engine):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue"}).id
        records.update(ctx, "lead", made, {"phone": "5"}, last_write=True)
    with engine.database.open(write=False) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(outbox)).scalar() == 0


def test_failing_run_is_taken_back_logged_and_tried_again(as_user, carry_out, engine, clock, monkeypatch):
    real, failing = Doing.create, [True]

    def create(self, *arguments, **options):
        made = real(self, *arguments, **options)
        if failing:
            raise ActionFailed("not today")
        return made

    monkeypatch.setattr(Doing, "create", create)
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue"}).id
        records.transition(ctx, "lead", made, "lose", {"note": "x"}, last_write=True)
    carry_out()
    with as_user("ann") as ctx:
        assert tasks(ctx) == []
        (run,) = runs.list(ctx.as_system("look at the log"))
        assert (run.status, str(run.error)) == ("failed", "The step “task” could not be done: not today")
    failing.clear()
    clock.moment += dt.timedelta(hours=1)
    carry_out()
    with as_user("ann") as ctx:
        assert tasks(ctx) == ["Why Blue"]
        assert told(ctx) == [("follow_lost", "done"), ("follow_lost", "failed")]


def test_circle_of_automations_stops_and_names_its_chain(as_user, carry_out):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue", "note": "circle"}).id
        records.update(ctx, "lead", made, {"score": 1}, last_write=True)
    carry_out()
    with as_user("ann") as ctx:
        assert records.get(ctx, "lead", made).values["score"] == 1 + service.DEEPEST
        found = runs.list(ctx.as_system("look at the log"))
        assert [each.status for each in found].count("done") == service.DEEPEST
        (stopped,) = [each for each in found if each.status == "failed"]
        assert " → ".join(["circle"] * 9) in str(stopped.error)
    assert carry_out() == 0


def test_log_is_for_administrators(as_user):
    with as_user("ann") as ctx, pytest.raises(NotAllowed):
        runs.list(ctx)
    with as_user("admin") as ctx:
        assert runs.list(ctx) == ()


# ---- dates -----------------------------------------------------------------------------------------------------------


def test_date_starts_a_run_once_for_each_record_and_date(as_user, carry_out, clock, engine):
    with as_user("ann") as ctx:
        made = records.create(ctx, "lead", {"name": "Blue", "call_on": "2026-11-24"}).id
        records.create(ctx, "lead", {"name": "Later", "call_on": "2026-11-25"})
        records.create(ctx, "lead", {"name": "Long ago", "call_on": "2026-11-10"})
        assert service.due(ctx.as_system("dates"), ctx.now()) == 0
    zone = zoneinfo.ZoneInfo(engine.zone)
    clock.moment = dt.datetime(2026, 11, 23, 8, 29, tzinfo=zone)
    with as_user("ann") as ctx:
        assert service.due(ctx.as_system("dates"), ctx.now()) == 0
    clock.moment = dt.datetime(2026, 11, 23, 8, 30, tzinfo=zone)
    for _ in range(2):
        with as_user("ann") as ctx:
            service.due(ctx.as_system("dates"), ctx.now())
        carry_out()
    with as_user("ann") as ctx:
        assert tasks(ctx) == ["Call Blue"]
        assert told(ctx) == [("call_again", "done")]
        records.update(ctx, "lead", made, {"call_on": "2026-11-23"}, last_write=True)
        assert service.due(ctx.as_system("dates"), ctx.now()) == 1
    with as_user("ann") as ctx:
        records.transition(ctx, "lead", made, "win", last_write=True)
    carry_out()
    with as_user("ann") as ctx:
        assert tasks(ctx) == ["Call Blue"]
        assert ("call_again", "left_out") in told(ctx)
