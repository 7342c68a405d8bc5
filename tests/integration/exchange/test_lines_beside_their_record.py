"""records with their lines in one file: written, read again, changed, refused whole"""

from __future__ import annotations

import pytest

from dougong.base.errors import BadRequest
from dougong.features.accounts.work import work
from dougong.features.exchange import importing, service, writing
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import read_bundles

HEADER = "number,customer.name,lines.product.name,lines.quantity,lines.price\n"


@pytest.fixture
def shop(load):
    """Customers and products to sell."""
    load("product", "name,price\nPen,2.50\nInk,1\nNib,1\n")
    load("customer", "name\nAda\nBob\n")


def sales(engine):
    with work(engine, write=False) as ctx:
        found = [records.get(ctx, "sale", each.id) for each in records.list(ctx, "sale", Query(sort=("number",)))]
        names = {each.id: each["name"] for each in records.list(ctx, "product")}
        return [
            (sale["number"], [(names[line["product"]], line["quantity"], str(line["price"])) for line in sale["lines"]])
            for sale in found
        ]


def test_rows_of_one_key_become_one_record_with_lines(load, engine, shop, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    text = HEADER + "1,Ada,Pen,1,2.50\n1,Ada,Ink,2,1\n1,Ada,Nib,3,1\n2,Bob,Ink,4,1\n"
    done = load("sale", text, key=("number",))
    assert (done.rows, done.created, done.errors) == (4, 4, 0), done.first_errors
    assert sales(engine) == [
        ("1", [("Pen", 1, "2.50"), ("Ink", 2, "1.00"), ("Nib", 3, "1.00")]),
        ("2", [("Ink", 4, "1.00")]),
    ]
    again = load("sale", text, key=("number",))
    assert (again.unchanged, again.updated) == (4, 0)
    changed = load("sale", text.replace("1,Ada,Nib,3,1\n", "").replace("Ink,2,1", "Ink,9,1"), key=("number",))
    assert (changed.unchanged, changed.updated) == (1, 2)
    assert sales(engine)[0] == ("1", [("Pen", 1, "2.50"), ("Ink", 9, "1.00")])


def test_record_with_one_wrong_row_is_refused_whole(load, engine, shop, tmp_path):
    text = HEADER + "1,Ada,Pen,1,2.50\n1,Ada,Ink,0,1\n2,Bob,Ink,4,1\n3,Bob,Ink,4,1\n3,Ada,Pen,1,1\n4,Ada,,,\n5,Eve\n"
    done = load("sale", text, key=("number",))
    assert (done.rows, done.created, done.errors) == (7, 1, 6)
    told = sorted((each.row, each.column, each.message.code) for each in done.first_errors)
    assert [(row, column) for row, column, _ in told] == [
        (2, ""), (3, "lines.quantity"), (5, ""), (6, "customer.name"), (7, ""), (8, ""),
    ] or [(row, column) for row, column, _ in told][:4] == [
        (2, ""), (3, "lines.quantity"), (5, ""), (6, "customer.name"),
    ]  # fmt: skip
    assert sales(engine) == [("2", [("Ink", 4, "1.00")])]
    mended = (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
    assert len(mended.splitlines()) == 7


def test_lines_without_a_key_are_refused(load, shop):
    with pytest.raises(BadRequest) as refused:
        load("sale", HEADER + "1,Ada,Pen,1,2.50\n")
    assert refused.value.message.code == "lines_without_key"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_export_with_lines_imports_alike(load, engine, shop, instances, system_layer, tmp_path, here, ending):
    load("sale", HEADER + "1,Ada,Pen,1,2.50\n1,Ada,Ink,2,1\n2,Bob,Ink,4,1\n", key=("number",))
    path = tmp_path / f"sales.{ending}"
    with work(engine, write=False) as ctx, path.open("wb") as out:
        assert writing.export(ctx, "sale", out, format_=ending, lines="lines") == 2
    same = service.import_file(lambda: work(engine, reason="again"), "sale", path)
    assert (same.unchanged, same.errors) == (3, 0), same.first_errors
    other = instances.make(
        {**system_layer, **read_bundles(here.parent / "records" / "shop")}, dialect=engine.database.dialect
    )
    for name in ("product", "customer"):
        plain = tmp_path / f"{name}.csv"
        with work(engine, write=False) as ctx, plain.open("wb") as out:
            writing.export(ctx, name, out)
        service.import_file(lambda: work(other, reason="other"), name, plain)
    done = service.import_file(lambda: work(other, reason="other"), "sale", path)
    assert (done.created, done.errors) == (3, 0), done.first_errors
    assert sales(other) == sales(engine)
    instances.drop(other)


def test_field_without_lines_is_refused(engine, tmp_path):
    with work(engine, write=False) as ctx, (tmp_path / "x.csv").open("wb") as out, pytest.raises(BadRequest):
        writing.export(ctx, "sale", out, lines="total")
