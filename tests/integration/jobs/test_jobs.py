"""Long work that somebody watches: progress, result, error, and a way to stop it."""

from __future__ import annotations

import pytest

from dougong.base.errors import ActionFailed, Conflict, NotFound
from dougong.base.text import Message, Text
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.jobs import outbox
from dougong.jobs import service as jobs
from dougong.jobs.call import Call


@pytest.fixture(autouse=True)
def people(engine) -> None:
    with work(engine, reason="people") as ctx:
        accounts.create_user(ctx, login="ann", name="Ann")
        accounts.create_user(ctx, login="bob", name="Bob")
        accounts.create_user(ctx, login="boss", name="Boss", is_administrator=True)


@pytest.fixture
def start(engine):
    def start_(login: str = "ann", **body) -> str:
        with work(engine, login=login) as ctx:
            return jobs.start(ctx, "count", body)

    return start_


@pytest.fixture
def found(engine):
    def get(job: str, login: str = "ann") -> jobs.Job:
        with work(engine, login=login, write=False) as ctx:
            return jobs.get(ctx, job)

    return get


def test_job_tells_how_far_it_is_and_what_it_gave(start, found, carry, clock) -> None:
    job = start(to=3)
    seen = []

    def count(engine, body, call: Call) -> None:
        for number in range(body["to"]):
            clock.move(seconds=1)
            call.progress(number + 1, body["to"], f"row {number}")
            seen.append((found(job).status, found(job).done, found(job).note))
        call.result = {"counted": body["to"]}

    assert found(job).status == "waiting"
    carry({"count": count})
    assert seen == [("running", 1, "row 0"), ("running", 2, "row 1"), ("running", 3, "row 2")]
    job_ = found(job)
    assert (job_.status, job_.done, job_.total, job_.result) == ("done", 3, 3, {"counted": 3})
    assert job_.has_ended
    assert job_.ended_at is not None


def test_job_ends_with_its_last_unit_of_work(start, found, carry) -> None:
    job = start()

    def count(engine, body, call: Call) -> None:
        with call.work() as ctx:
            call.progress(1, 1)
            call.result = {"by": ctx.actor.name}

    carry({"count": count})
    assert (found(job).status, found(job).result) == ("done", {"by": "Dougong"})


def test_job_of_steps_goes_on_where_it_was(start, found, carry, clock) -> None:
    job = start()
    steps = []

    def count(engine, body, call: Call) -> None:
        for number in range(call.resumed_at() or 0, 4):
            with call.step(number + 1):
                steps.append(number)
            if call.attempts == 1 and number == 1:
                raise OSError("no answer")

    carry({"count": count})
    assert found(job).status == "waiting"
    assert "made a mistake" in found(job).error.show("en")
    clock.move(minutes=1)
    carry({"count": count})
    assert steps == [0, 1, 2, 3]
    assert found(job).status == "done"
    assert found(job).error is None


def test_step_that_fails_leaves_no_state(start, found, carry) -> None:
    job = start()

    def count(engine, body, call: Call) -> None:
        with call.step({"at": 1}):
            raise ActionFailed(
                Message("Row {n} is wrong in {where}.", n=3, where=Text({"en": "lines", "zh-CN": "明细"}))
            )

    carry({"count": count})
    assert found(job).status == "failed"
    assert found(job).error.show("en") == "Row 3 is wrong in lines."
    assert "明细" in found(job).error.show("zh-CN")


def test_foreseen_error_ends_a_job_and_leaves_nothing_to_look_after(engine, start, carry, clock) -> None:
    start()

    def count(engine, body, call: Call) -> None:
        raise ActionFailed("That file is empty.")

    carry({"count": count})
    with engine.database.open(write=False) as connection:
        assert outbox.figures(connection, clock.now()) == outbox.Figures({}, None, 0, 0)


def test_job_stops_between_two_pieces(engine, start, found, carry, clock) -> None:
    job = start()

    def count(engine_, body, call: Call) -> None:
        for number in range(100):
            with call.step(number + 1):
                pass
            if number == 4:
                with work(engine, login="ann") as ctx:
                    assert jobs.cancel(ctx, job).is_cancelling
            clock.move(seconds=1)
            call.progress(number + 1, 100)
            call.stop_if_cancelled()

    carry({"count": count})
    assert (found(job).status, found(job).done) == ("cancelled", 5)


def test_job_that_has_not_begun_is_over_at_once(engine, start, found, carry) -> None:
    job = start()
    with work(engine, login="ann") as ctx:
        assert jobs.cancel(ctx, job).status == "cancelled"
    assert carry({"count": lambda engine, body, call: pytest.fail("not wanted")}) == 1
    assert found(job).status == "cancelled"
    with work(engine, login="ann") as ctx, pytest.raises(Conflict):
        jobs.cancel(ctx, job)


def test_job_is_seen_by_who_started_it_and_by_administrators(engine, start, found) -> None:
    job = start()
    other = start("bob")
    assert found(job, "boss").id == job
    with pytest.raises(NotFound):
        found(job, "bob")
    with work(engine, login="ann", write=False) as ctx:
        assert [each.id for each in jobs.list(ctx, everyone=True)] == [job]
    with work(engine, login="boss", write=False) as ctx:
        assert [each.id for each in jobs.list(ctx, everyone=True)] == [other, job]
        assert [each.id for each in jobs.list(ctx, everyone=True, before=other)] == [job]
        assert jobs.list(ctx) == ()


def test_work_is_done_in_the_name_of_who_wants_it(engine, start, found, carry) -> None:
    job = start()

    def count(engine, body, call: Call) -> None:
        with call.work(user=found(call.job).user) as ctx:
            call.result = ctx.actor.name

    carry({"count": count})
    assert found(job).result == "Ann"


def test_work_in_the_name_of_one_who_left_fails(engine, start, found, carry) -> None:
    job = start()
    ann = found(job).user
    with work(engine, login="boss") as ctx:
        accounts.disable(ctx, ann)

    def count(engine, body, call: Call) -> None:
        with call.work(user=ann):
            pytest.fail("not wanted")

    carry({"count": count})
    assert "no longer active" in found(job, "boss").error.show("en")
