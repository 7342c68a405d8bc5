from __future__ import annotations

import pytest

from dougong.access import locks
from dougong.base.errors import NotAllowed
from dougong.base.names import new_id
from dougong.base.text import Message, Text
from dougong.records import service as records


@pytest.fixture
def with_flows(monkeypatch):
    """Let deals be held, as they are where a flow locks its records."""
    monkeypatch.setattr(locks, "_are_possible", lambda catalog, object_name: object_name == "deal")


def test_held_record_is_changed_only_where_its_holder_allows(deal, as_user, with_flows):
    made, holder = deal(), new_id()
    with as_user("ann") as ctx:
        reason = Text({"en": "Eve is deciding.", "zh-CN": "Eve 正在审批。"})
        locks.set(ctx, "deal", made, holder_id=holder, reason=reason, except_fields=["remark"])
        records.update(ctx, "deal", made, {"remark": "still mine"}, last_write=True)
        for write in (
            lambda: records.update(ctx, "deal", made, {"amount": "1"}, last_write=True),
            lambda: records.update(ctx, "deal", made, {"lines": [{"what": "pen"}]}, last_write=True),
            lambda: records.transition(ctx, "deal", made, "submit", last_write=True),
            lambda: records.delete(ctx, "deal", made, last_write=True),
        ):
            with pytest.raises(NotAllowed) as caught:
                write()
            assert (caught.value.message.code, caught.value.message.show("zh-CN")) == (
                "approval_locked", "Eve 正在审批。",
            )  # fmt: skip
        (submit,) = records.transitions(ctx, "deal", records.get(ctx, "deal", made))
        assert submit.reason_not.code == "approval_locked"
        records.transition(ctx.as_system("a flow"), "deal", made, "submit", last_write=True)


def test_record_is_free_when_its_last_holder_lets_go(deal, as_user, with_flows):
    made, one, other = deal(), new_id(), new_id()
    with as_user("ann") as ctx:
        locks.set(ctx, "deal", made, holder_id=one)
        locks.set(ctx, "deal", made, holder_id=other, reason=Message("Enter {label}.", label="a name"))
        assert [str(each.reason) for each in locks.held(ctx, "deal", made)] == [
            "This record is being approved and cannot be changed until that is over.", "Enter a name.",
        ]  # fmt: skip
        locks.clear(ctx, "deal", made, holder_id=one)
        assert records.find_lock(ctx, "deal", records.get(ctx, "deal", made)) is not None
        locks.clear(ctx, "deal", made, holder_id=other)
        records.update(ctx, "deal", made, {"amount": "1"}, last_write=True)


def test_nobody_looks_for_holders_where_no_flow_locks(deal, as_user):
    made = deal()
    with as_user("ann") as ctx:
        locks.set(ctx, "deal", made, holder_id=new_id())
        assert locks.held(ctx, "deal", made) == ()
