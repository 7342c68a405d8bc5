"""the orders of the trade example, with their lines, out of one instance and into another"""

from __future__ import annotations

from dougong.features.accounts.work import work
from dougong.features.exchange import service, writing
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import CHECKOUT, read_bundles

TRADE = CHECKOUT / "docs" / "examples" / "northwind" / "metadata" / "trade"
SYSTEM = CHECKOUT / "metadata" / "system"
FILES = {
    "supplier": ("number", "number,name\n1,Exotic Liquids\n"),
    "category": ("number", "number,name\n1,Beverages\n"),
    "product": ("number", "number,name,supplier.number,category.number\n1,Chai,1,1\n2,Chang,1,1\n"),
    "customer": ("code", "code,name\nALFKI,Alfreds\nVINET,Vins\n"),
    "order": (
        "number",
        "number,customer.code,order_date,freight,ship_city,lines.product.number,lines.unit_price,lines.quantity,"
        "lines.discount\n"
        "10248,VINET,1996-07-04,32.38,Reims,1,14.00,12,0\n10248,VINET,1996-07-04,32.38,Reims,2,9.80,10,5%\n"
        "10249,ALFKI,1996-07-05,,Berlin,2,18.60,9,0.15\n10250,ALFKI,1996-07-06,,Berlin,,,,\n",
    ),
}


def fill(engine, tmp_path, names):
    for name in names:
        key, text = FILES[name]
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        done = service.import_file(lambda: work(engine, reason="a file"), name, path, key=(key,))
        assert done.errors == 0, done.first_errors


def orders(engine):
    with work(engine, write=False) as ctx:
        products = {each.id: each["number"] for each in records.list(ctx, "product")}
        customers = {each.id: each["code"] for each in records.list(ctx, "customer")}
        found = [records.get(ctx, "order", each.id) for each in records.list(ctx, "order", Query(sort=("number",)))]
        names = ("number", "order_date", "freight", "ship_city", "total")
        return [
            (
                *(order[name] for name in names),
                customers[order["customer"]],
                [
                    (products[line["product"]], line["unit_price"], line["quantity"], line["discount"])
                    for line in order["lines"]
                ],
            )
            for order in found
        ]


def test_orders_with_lines_go_out_and_in_alike(instances, dialect, tmp_path):
    layers = {**read_bundles(SYSTEM), **read_bundles(TRADE)}
    one, other = instances.make(layers, dialect=dialect), instances.make(layers, dialect=dialect)
    fill(one, tmp_path, FILES)
    fill(other, tmp_path, [name for name in FILES if name != "order"])
    before = orders(one)
    assert [len(order[-1]) for order in before] == [2, 1, 0]
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"orders.{ending}"
        with work(one, write=False) as ctx, path.open("wb") as out:
            assert writing.export(ctx, "order", out, format_=ending, lines="lines") == 3
        same = service.import_file(lambda: work(one, reason="again"), "order", path)
        assert (same.rows, same.unchanged, same.errors) == (4, 4, 0), same.first_errors
        done = service.import_file(
            lambda: work(other, reason="other"), "order", path, key=("number",), on_progress=lambda *told: None
        )
        assert (done.rows, done.errors) == (4, 0), done.first_errors
        assert orders(other) == before
    instances.drop(one)
    instances.drop(other)
