"""all that is wrong with a row is said at once, also what the gate would refuse beside a cell that cannot be read"""

from __future__ import annotations

from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query


def said(done):
    return sorted((each.row, each.column, each.message.code) for each in done.first_errors)


def test_required_fields_and_rules_are_told_beside_a_wrong_cell(load):
    done = load("customer", "name,employees,since,level\n,500,soon,\n")
    assert [(row, column) for row, column, _ in said(done)] == [(2, "level"), (2, "name"), (2, "since")]
    assert (done.rows, done.errors, done.created) == (1, 1, 0)


def test_rule_that_needs_what_cannot_be_read_is_not_judged(load):
    done = load("customer", "name,employees,level\nAda,many,\n")
    assert [column for _, column, _ in said(done)] == ["employees"]


def test_conditional_requirement_is_judged_where_it_can_be(load):
    done = load("customer", "name,employees,level,reason\nAda,many,b,\nBob,5,x,\n")
    assert [(row, column) for row, column, _ in said(done)] == [(2, "employees"), (2, "reason"), (3, "level")]


def test_duplicates_and_unknown_lookups_are_told_beside_a_wrong_cell(load):
    load("customer", "name\nAda\n")
    done = load("customer", "name,employees,parent_customer.name\nAda,many,Nobody\n")
    assert ("name", "duplicate") in [(column, code) for _, column, code in said(done)]
    assert "employees" in [column for _, column, _ in said(done)]


def test_repeated_key_is_told_beside_a_wrong_cell(load, names):
    done = load("product", "name,price\nPen,1\nPen,x\nInk,y\nInk,1\n", key=("name",))
    assert [(row, column) for row, column, _ in said(done)] == [
        (3, "name"), (3, "price"), (4, "price"), (5, "name"),
    ]  # fmt: skip
    assert names() == ["Pen"]


def test_change_is_judged_by_the_record_that_is_there(load, engine):
    load("customer", "name,employees,level\nAda,500,a\n")
    done = load("customer", "name,level,since\nAda,,soon\n", key=("name",))
    assert [column for _, column, _ in said(done)] == ["level", "since"]
    with work(engine, write=False) as ctx:
        (ada,) = records.list(ctx, "customer", Query(fields=("level",)))
        assert ada["level"] == "a"


def test_lines_say_all_that_is_wrong_too(load, engine):
    load("product", "name,price\nPen,2.50\n")
    load("customer", "name\nAda\n")
    done = load("sale_line", "parent.number,product.name,quantity,price\n9,Ink,0,\n")
    assert [column for _, column, _ in said(done)] == ["parent.number", "price", "product.name", "quantity"]
