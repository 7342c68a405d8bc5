"""every import is a batch: counted, listed, stopped, and taken back"""

from __future__ import annotations

import pytest

from dougong.base.errors import Conflict, NotFound
from dougong.base.names import new_id
from dougong.features.accounts.work import work
from dougong.features.exchange import importing, service
from dougong.features.exchange.batches import begin
from dougong.records import service as records
from dougong.records.query import Query


@pytest.fixture
def undo(engine):
    """Take a batch back."""
    return lambda batch: service.undo_batch(lambda: work(engine, reason="undo"), batch)


def batches(engine, object_name=None):
    with work(engine, write=False) as ctx:
        return service.list_batches(ctx, object_name)


def one(engine, object_name, name):
    with work(engine, write=False) as ctx:
        return records.list(ctx, object_name, Query(where=f'name == "{name}"')).records[0]


def change(engine, object_name, name, **values):
    found = one(engine, object_name, name)
    with work(engine, reason="by hand") as ctx:
        records.update(ctx, object_name, found.id, values, last_write=True)


def test_batch_has_its_counts_and_its_changes(load, engine):
    done = load("product", "name,price\nPen,2.50\nInk,x\n")
    (batch,) = batches(engine, "product")
    assert (batch.id, batch.object, batch.file, batch.state) == (done.batch, "product", "file.csv", "done")
    assert (batch.rows, batch.created, batch.errors) == (2, 1, 1)
    assert batch.done_at is not None
    assert batches(engine, "customer") == ()


def test_dry_run_is_no_batch(load, engine):
    load("product", "name,price\nPen,2.50\n", dry_run=True)
    assert batches(engine) == ()


def test_import_tells_how_far_it_is_and_stops_when_asked(load, engine, monkeypatch, names):
    monkeypatch.setattr(importing, "CHUNK", 2)
    told = []
    text = "name,price\nA,1\nB,x\nC,1\nD,1\nE,1\n"
    done = load("product", text, on_progress=lambda *so_far: told.append(so_far), should_stop=lambda: len(told) == 2)
    assert told == [(2, 5, 1), (4, 5, 1)]
    assert (done.stopped, done.rows, done.created) == (True, 4, 3)
    assert names() == ["A", "C", "D"]
    assert batches(engine)[0].state == "stopped"


def test_import_that_fails_says_so(load, engine, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)

    def fail(*so_far):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        load("product", "name,price\nA,1\nB,1\n", on_progress=fail)
    assert (batches(engine)[0].state, batches(engine)[0].created) == ("failed", 1)


def test_taking_back_deletes_what_came_and_puts_back_what_was_changed(load, engine, undo, names):
    load("product", "name,price\nPen,2.50\nOld,1\n", key=("name",))
    done = load("product", "name,price\nPen,9\nInk,3\nOld,1\n", key=("name",))
    assert (done.created, done.updated, done.unchanged) == (1, 1, 1)
    undone = undo(done.batch)
    assert (undone.records, undone.deleted, undone.restored, undone.left) == (2, 1, 1, [])
    assert names() == ["Old", "Pen"]
    pen = one(engine, "product", "Pen")
    assert (str(pen["price"]), pen.version) == ("2.50", 3)
    assert batches(engine)[0].state == "taken_back"


def test_what_was_changed_since_is_left_and_told(load, engine, undo, names):
    load("product", "name,price\nPen,2.50\n", key=("name",))
    done = load("product", "name,price\nPen,9\nInk,3\nNib,4\n", key=("name",))
    change(engine, "product", "Pen", price="10")
    change(engine, "product", "Ink", price="11")
    undone = undo(done.batch)
    assert (undone.deleted, undone.restored, undone.left_count) == (1, 0, 2)
    assert sorted((each.title, each.message.code) for each in undone.left) == [
        ("Ink", "changed_since"),
        ("Pen", "changed_since"),
    ]
    assert names() == ["Ink", "Pen"]
    assert batches(engine)[0].state == "partly_taken_back"
    again = undo(done.batch)
    assert (again.deleted, again.gone, again.left_count) == (0, 1, 2)


def test_what_others_point_to_is_left_until_they_are_gone(load, engine, undo):
    done = load("product", "name,price\nPen,2.50\n")
    load("customer", "name\nAda\n")
    pen, ada = one(engine, "product", "Pen").id, one(engine, "customer", "Ada").id
    with work(engine, reason="a sale") as ctx:
        line = {"product": pen, "quantity": 1, "price": 1}
        sale = records.create(ctx, "sale", {"number": "1", "customer": ada, "lines": [line]})
    undone = undo(done.batch)
    assert (undone.deleted, [each.title for each in undone.left]) == (0, ["Pen"])
    with work(engine, reason="no sale") as ctx:
        records.delete(ctx, "sale", sale.id, last_write=True)
    assert undo(done.batch).deleted == 1


def test_records_that_point_to_one_another_go_in_the_right_order(load, undo, names):
    done = load("customer", "name,parent_customer.name\nAda,Cem\nBob,Ada\nCem,\n")
    assert done.created == 3
    assert undo(done.batch).deleted == 3
    assert names("customer") == []


def test_lines_that_came_are_taken_back_from_their_records(load, engine, undo):
    load("product", "name,price\nPen,2.50\nInk,1\n")
    load("customer", "name\nAda\n")
    pen, ada = one(engine, "product", "Pen").id, one(engine, "customer", "Ada").id
    with work(engine, reason="a sale") as ctx:
        line = {"product": pen, "quantity": 1, "price": 1}
        sale = records.create(ctx, "sale", {"number": "1", "customer": ada, "lines": [line]}).id
    text = "parent.number,product.name,quantity,price\n1,Pen,5,1\n1,Ink,2,2\n"
    done = load("sale_line", text, key=("product",))
    assert (done.created, done.updated) == (1, 1)
    undone = undo(done.batch)
    assert (undone.object, undone.restored, undone.left) == ("sale", 1, [])
    with work(engine, write=False) as ctx:
        lines = records.get(ctx, "sale", sale)["lines"]
    assert [(line["product"], line["quantity"]) for line in lines] == [(pen, 1)]


def test_clash_while_putting_back_leaves_the_others_alone(load, engine, undo, names):
    load("product", "name,price\nPen,1\nInk,1\n")
    with work(engine, write=False) as ctx:
        ids = {record["name"]: record.id for record in records.list(ctx, "product")}
    done = load("product", f"id,name\n{ids['Pen']},Quill\n{ids['Ink']},Toner\n")
    assert done.updated == 2
    load("product", "name,price\nPen,7\n")
    undone = undo(done.batch)
    assert (undone.restored, [each.title for each in undone.left]) == (1, ["Quill"])
    assert names() == ["Ink", "Pen", "Quill"]


def test_unknown_and_running_batches_are_refused(engine, undo):
    with pytest.raises(NotFound):
        undo(new_id())
    with pytest.raises(NotFound):
        undo("rubbish")
    running = new_id()
    with work(engine, reason="an import") as ctx:
        begin(ctx, running, "product", "file.csv")
    with pytest.raises(Conflict):
        undo(running)
