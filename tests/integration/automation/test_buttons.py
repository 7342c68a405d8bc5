from __future__ import annotations

import pytest

from dougong.base.errors import ActionFailed, InvalidRecord, NotFound, Stale, VersionMissing
from dougong.features.automation import buttons
from dougong.records import service as records
from dougong.records.query import Query


def lead(ctx, **values) -> str:
    return records.create(ctx, "lead", {"name": "Blue", **values}).id


def titles(ctx, object_name: str, field: str) -> list[str]:
    found = records.list(ctx, object_name, Query(sort=(field,))).records
    return [each.values[field] for each in found]


def test_button_does_its_actions_in_order_and_leads_on(as_user):
    with as_user("ann") as ctx:
        made = lead(ctx, phone="123")
        inputs = {"title": "Blue Ltd", "first_call": "2026-11-30"}
        pressed = buttons.press(ctx, "lead", made, "convert", inputs, last_write=True)
        account = records.get(ctx, "account", pressed.opened[1]).values
        assert (pressed.opened[0], account["name"], account["phone"]) == ("account", "Blue Ltd", "123")
        after = pressed.record.values
        assert (after["account"], after["note"], after["stage"]) == (account["id"], "made Blue Ltd", "won")
        (task,) = records.list(ctx, "task", Query()).records
        assert (task.values["title"], task.values["lead"]) == ("Call Blue Ltd", made)


def test_action_whose_condition_does_not_hold_is_left_out(as_user):
    with as_user("ann") as ctx:
        made = lead(ctx)
        buttons.press(ctx, "lead", made, "convert", {"title": "A", "number": "7"}, version=1)
        assert titles(ctx, "task", "title") == []
        assert [each.values["phone"] for each in records.list(ctx, "account", Query()).records] == ["7"]


def test_action_that_fails_takes_all_back_and_says_which(as_user):
    with as_user("cleo") as ctx:
        made = lead(ctx)
        with pytest.raises(ActionFailed) as caught:
            buttons.press(ctx, "lead", made, "convert", {"title": "A"}, last_write=True)
        assert str(caught.value) == "The step “account” could not be done: You may not create Account."
        assert titles(ctx, "account", "name") == []
        assert records.get(ctx, "lead", made).values["stage"] == "fresh"


def test_inputs_are_read_like_fields(as_user):
    with as_user("ann") as ctx:
        made = lead(ctx)
        inputs = {"first_call": "soon", "unheard": 1}
        with pytest.raises(InvalidRecord) as caught:
            buttons.press(ctx, "lead", made, "convert", inputs, last_write=True)
        codes = {name: each[0].code for name, each in caught.value.by_field.items()}
        assert codes["title"] == "required"
        assert codes["unheard"] == "not_asked"
        assert "first_call" in codes


def test_button_holds_the_version(as_user):
    with as_user("ann") as ctx:
        made = lead(ctx)
        with pytest.raises(VersionMissing):
            buttons.press(ctx, "lead", made, "convert", {"title": "A"})
        with pytest.raises(Stale):
            buttons.press(ctx, "lead", made, "convert", {"title": "A"}, version=9)


def test_button_is_offered_where_its_condition_holds(as_user):
    with as_user("ann") as ctx:
        made = lead(ctx)
        record = records.get(ctx, "lead", made)
        shown = buttons.offered(ctx, "lead", record)
        assert [each.name for each in shown] == ["win", "lose", "convert"]
        convert = shown[2]
        assert [(each.field.name, each.required) for each in convert.inputs] == [
            ("title", True), ("number", False), ("first_call", False),
        ]  # fmt: skip
        assert convert.inputs[1].field.label.show("zh-CN") == "电话"
        assert buttons.beginnings(ctx, "lead", convert, record)["title"] == "Blue"
        records.transition(ctx, "lead", made, "win", last_write=True)
        assert buttons.offered(ctx, "lead", records.get(ctx, "lead", made)) == ()
        with pytest.raises(InvalidRecord):
            buttons.press(ctx, "lead", made, "convert", {"title": "A"}, last_write=True)


def test_button_of_a_list_is_for_its_roles(as_user):
    with as_user("ann") as ctx:
        assert [each.name for each in buttons.on_list(ctx, "lead")] == ["sample"]
        opened = buttons.press_on_list(ctx, "lead", "sample", {"title": "S"}).opened
        assert records.get(ctx, *opened).values["name"] == "S"
    with as_user("cleo") as ctx:
        assert buttons.on_list(ctx, "lead") == ()
        with pytest.raises(NotFound):
            buttons.press_on_list(ctx, "lead", "sample", {"title": "S"})
