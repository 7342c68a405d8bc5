import pytest

from dougong.base.errors import BadRequest
from dougong.storage import plan as plans
from dougong.storage.plan import (
    AddColumn,
    AddForeignKey,
    AddIndex,
    BackfillColumn,
    Change,
    ComputeColumn,
    ConvertColumn,
    CreateTable,
    DropIndex,
    FileChange,
    Name,
    NewColumn,
    Plan,
    RenameField,
    RenameObject,
    RetireColumn,
    RetireTable,
    ReviveColumn,
    ReviveTable,
)

COLUMN = NewColumn("risk", "TEXT", default=None, references="d_risk")
STEPS = (
    CreateTable("d_a", "d_a__history", (NewColumn("id", "UUID", is_key=True), COLUMN), (COLUMN,)),
    AddColumn("d_a", "d_a__history", COLUMN),
    ConvertColumn("d_a", "d_a__history", "a", "size", "a", "size", ("size__v2",), ("size",), expected=3, lost=1),
    BackfillColumn("d_a", "d_a__history", "a", "name", "a", "name", ("name__key",), ("name",)),
    ComputeColumn("d_a", "a", "total", "total", "a", "total", "UTC", records=3),
    RetireColumn("d_a", "d_a__history", ("fax",), (), 3),
    ReviveColumn("d_a", "d_a__history", ("fax",), (("owner", "d_user"),)),
    RetireTable("d_a", "d_a__history", ("owner",), 0),
    ReviveTable("d_a", "d_a__history"),
    AddIndex("ix", "d_a", ("a", "b"), unique=True),
    DropIndex("ix"),
    AddForeignKey("fk", "d_a", "owner", "d_user"),
    RenameObject("a", "b"),
    RenameField("a", "x", "y"),
)
WHOLE = Plan(
    "base",
    "next",
    "sqlite",
    (FileChange("crm", "objects/a.yaml", "text"), FileChange("crm", "objects/b.yaml", None)),
    (Change("+", "crm", "a.risk", "choice", "new field"),),
    STEPS,
    (Name("1", None, "a", "d_a", "{}"),),
    (("crm", "1.3.0", "1.4.0"),),
    ("a: 2 values of risk occur more than once",),
)


def test_every_step_survives_json_and_can_be_told():
    assert {type(step) for step in STEPS} == set(plans._STEPS.values())
    read = plans.from_data(WHOLE.as_data())
    assert read == WHOLE
    assert read.digest == WHOLE.digest
    assert all(plans.describe(step) for step in STEPS)


def test_only_steps_that_hide_values_want_consent():
    assert [type(step) for step in WHOLE.destructive] == [ConvertColumn, RetireColumn]


def test_what_ends_something_waits_until_the_catalog_is_published():
    assert {type(step) for step in STEPS if plans.is_after_publish(step)} == {RetireColumn, RetireTable, DropIndex}


def test_plan_is_told_with_versions_changes_and_counts():
    assert plans.say(WHOLE).splitlines() == [
        "crm 1.3.0 → 1.4.0",
        "  + a.risk                    choice      new field",
        "  ! a: 2 values of risk occur more than once",
        "12 safe steps, 2 destructive.",
    ]
    assert plans.say(Plan("a", "a", "sqlite")) == "Nothing would change."


@pytest.mark.parametrize("data", [{}, {"format": 99}, {**WHOLE.as_data(), "steps": [{"step": "DropDatabase"}]}])
def test_foreign_file_is_refused(data):
    with pytest.raises(BadRequest):
        plans.from_data(data)
