"""files into records: every row a record or a line in the file of errors"""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from dougong.base.errors import BadRequest
from dougong.definitions.kinds.import_map import ImportMap
from dougong.features.accounts.work import work
from dougong.features.exchange import service, writing
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import read_bundles


def accounted(done):
    return done.rows == done.created + done.updated + done.unchanged + done.errors


def test_every_row_is_a_record_or_a_line_in_the_error_file(load, tmp_path, names):
    done = load("product", 'name,price\nPen,2.50\n,1\nBook,"x"\nInk,"1,280.50"\nPen,3\n', key=("name",))
    assert (done.rows, done.created, done.errors) == (5, 2, 3)
    assert accounted(done)
    assert [(each.row, each.column, each.message.code) for each in done.first_errors] == [
        (3, "name", "required"),
        (4, "price", done.first_errors[1].message.code),
        (6, "name", "repeated_key"),
    ]
    lines = (tmp_path / "errors.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "name,price,row_in_file,column_in_error,error"
    assert [line.split(",")[2] for line in lines[1:3]] == ["3", "4"]
    assert names() == ["Ink", "Pen"]


def test_corrected_error_file_can_be_imported_again(load, tmp_path, names):
    load("product", "name,price\nPen,2.50\nBook,x\n", key=("name",))
    mended = (tmp_path / "errors.csv").read_text(encoding="utf-8-sig").replace("x", "9.90", 1)
    done = load("product", mended, key=("name",), name="mended.csv")
    assert (done.rows, done.created, done.errors) == (1, 1, 0)
    assert names() == ["Book", "Pen"]


def test_importing_twice_changes_nothing(load, engine):
    text = "name,price\nPen,2.50\nBook,9.90\n"
    load("product", text, key=("name",))
    again = load("product", text, key=("name",))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    changed = load("product", text.replace("9.90", "10"), key=("name",))
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    with work(engine, write=False) as ctx:
        (book,) = records.list(ctx, "product", Query(where='name == "Book"'))
        assert (book["price"], book.version) == (Decimal("10.00"), 2)


def test_dry_run_finds_the_errors_and_writes_nothing(load, names):
    done = load("product", "name,price\nPen,2.50\nBook,x\n", dry_run=True)
    assert (done.created, done.errors, done.dry_run) == (1, 1, True)
    assert names() == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "gbk"])
def test_encoding_is_found_out(load, names, encoding):
    done = load("product", "name,price\n钢笔,2.50\n北京云图科技有限公司,1\n".encode(encoding))
    assert (done.created, done.errors) == (2, 0)
    assert set(names()) == {"钢笔", "北京云图科技有限公司"}


def test_file_in_no_known_encoding_is_refused(load):
    with pytest.raises(BadRequest) as refused:
        load("product", b"name,price\nP\xff\xff\xffn,1\n")
    assert refused.value.message.code == "encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_found_out(load, names, delimiter):
    done = load("product", f'name{delimiter}price\n"A, B; C"{delimiter}2.50\n')
    assert done.created == 1
    assert names() == ["A, B; C"]


def test_row_of_another_width_never_shifts(load, names):
    done = load("product", "name,price\nPen,blue,2.50\nBook\nInk,1\n")
    assert [(each.row, each.message.code) for each in done.first_errors] == [(2, "cells"), (3, "cells")]
    assert names() == ["Ink"]


def test_map_rejoins_cells_where_a_comma_stood_unquoted(load, names):
    map_ = ImportMap(
        kind="import_map",
        name="products",
        object="product",
        columns=[{"name": "Name", "to": "name"}, {"name": "Price", "to": "price"}],
        leave_out=[{"name": "Picture", "because": "a bitmap"}],
        blank=["NULL"],
        rejoin="leading_space",
    )
    done = load("product", "Name,Picture,Price\nPen, blue,xxx,2.50\nNULL,x,1\nA,b,c,d\n", map_=map_)
    assert names() == ["Pen, blue"]
    assert [(each.row, each.column) for each in done.first_errors] == [(3, "Name"), (4, "")]


def test_map_that_does_not_fit_says_which_columns(load):
    map_ = ImportMap(kind="import_map", name="products", object="product", columns=[{"name": "Nme", "to": "name"}])
    with pytest.raises(BadRequest) as refused:
        load("product", "Name,Price\nPen,2\n", map_=map_)
    assert "'Nme'" in str(refused.value)
    assert "'Price'" in str(refused.value)


def test_lookups_by_key_also_to_rows_further_down(load, engine):
    text = "name,parent_customer.name\nLeaf,Middle\nMiddle,Top\nTop,\nLost,Nowhere\n"
    done = load("customer", text, key=("name",))
    assert (done.rows, done.created, done.errors) == (4, 3, 1)
    assert [(each.row, each.column, each.value) for each in done.first_errors] == [
        (5, "parent_customer.name", "Nowhere")
    ]
    with work(engine, write=False) as ctx:
        by_name = {record["name"]: record for record in records.list(ctx, "customer")}
        assert by_name["Leaf"]["parent_customer"] == by_name["Middle"].id
        assert by_name["Middle"]["parent_customer"] == by_name["Top"].id
        assert "Lost" not in by_name


def test_lines_go_to_the_record_they_belong_to(load, engine):
    load("product", "name,price\nPen,2.50\nInk,1\n")
    load("customer", "name\nAda\n")
    with work(engine, reason="sales") as ctx:
        pen = records.list(ctx, "product", Query(where='name == "Pen"')).records[0].id
        ada = records.list(ctx, "customer").records[0].id
        for number in ("1", "2"):
            line = {"product": pen, "quantity": 1, "price": 1}
            records.create(ctx, "sale", {"number": number, "customer": ada, "lines": [line]})
    text = "parent.number,product.name,quantity,price\n1,Ink,3,2\n2,Ink,0,2\n1,Nothing,1,1\n9,Ink,1,1\n2,Ink,4,2\n"
    done = load("sale_line", text)
    assert (done.rows, done.created, done.errors) == (5, 2, 3)
    assert accounted(done)
    assert sorted((each.row, each.column) for each in done.first_errors) == [
        (3, "quantity"),
        (4, "product.name"),
        (5, "parent.number"),
    ]
    with work(engine, write=False) as ctx:
        totals = {record["number"]: record["total"] for record in records.list(ctx, "sale")}
        assert totals == {"1": Decimal("7.00"), "2": Decimal("9.00")}


def xlsx(*rows, merge=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbook_is_read_like_a_csv(load, names):
    done = load("product", xlsx(["name", "price"], ["钢笔", 2.5], [None, None], ["Ink", "x"]), name="file.xlsx")
    assert (done.rows, done.created, done.errors) == (2, 1, 1)
    assert done.first_errors[0].row == 4
    assert names() == ["钢笔"]


def test_merged_header_is_refused_with_its_column(load):
    with pytest.raises(BadRequest) as refused:
        load("product", xlsx(["name", None, "price"], ["Pen", "", 1], merge="A1:B1"), name="file.xlsx")
    assert refused.value.message.code == "blank_header"
    assert "Column B" in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no workbook", b"", b"\n\n", b"name,name\n1,2\n", b"name,,price\n1,2,3\n"]
)
def test_what_is_no_table_is_refused_in_words(load, content):
    with pytest.raises(BadRequest):
        load("product", content, name="file.xlsx" if content[:2] == b"PK" else "file.csv")


def test_amount_of_too_many_digits_is_named_with_its_cell(load):
    done = load("product", "name,price\nPen,12345678901234567890.00\nInk,NaN\nNib,1e400\n")
    assert [(each.row, each.column) for each in done.first_errors] == [(2, "price"), (3, "price"), (4, "price")]


def test_export_imports_into_an_empty_instance_alike(load, engine, instances, system_layer, tmp_path, here):
    load("customer", "name,level,employees,since,tags,credit\n=Ada,a,500,2026-02-01,x;y,1280.50\n北京,,,,,9.90 USD\n")
    load(
        "customer",
        "name,level,employees,since,tags,credit\n=Ada,a,500,2026-02-01,x;y,1280.50\n北京,,,,,9.90\n",
        key=("name",),
    )
    fields = ("name", "level", "employees", "since", "tags", "credit", "active")
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"out.{ending}"
        with work(engine, write=False) as ctx, path.open("wb") as out:
            count = writing.export(ctx, "customer", out, format_=ending, fields=fields, sort=("name",))
            before = [record.values for record in records.list(ctx, "customer", Query(sort=("name",), fields=fields))]
        assert count == len(before) == 2
        other = instances.make(
            {**system_layer, **read_bundles(here.parent / "records" / "shop")}, dialect=engine.database.dialect
        )
        done = service.import_file(lambda other=other: work(other, reason="again"), "customer", path)
        assert (done.created, done.errors) == (2, 0), done.first_errors
        with work(other, write=False) as ctx:
            after = [record.values for record in records.list(ctx, "customer", Query(sort=("name",), fields=fields))]
        for one, two in zip(before, after, strict=True):
            assert {name: one[name] for name in fields} == {name: two[name] for name in fields}
        instances.drop(other)


def test_formula_in_a_name_is_guarded_in_the_file(load, engine, tmp_path):
    load("product", 'name,price\n"=HYPERLINK(""http://x"")",1\n')
    out = io.BytesIO()
    with work(engine, write=False) as ctx:
        writing.export(ctx, "product", out, fields=("name",))
    assert "'=HYPERLINK" in out.getvalue().decode("utf-8-sig")


def whole_export(engine, object_name, path):
    with work(engine, write=False) as ctx, path.open("wb") as out:
        return writing.export(ctx, object_name, out)


def test_whole_export_imports_again_into_the_same_instance_and_into_another(
    load, engine, instances, system_layer, tmp_path, here
):
    load("product", "name,price\nPen,2.50\nInk,1\n")
    load("customer", "name,employees\nAda,5\nBob,\n")
    with work(engine, reason="a sale") as ctx:
        (ada, pen) = (records.list(ctx, name, Query(sort=("name",))).records[-1].id for name in ("customer", "product"))
        line = {"product": pen, "quantity": 2, "price": 3, "gift_for": ada}
        records.create(ctx, "sale", {"number": "1", "customer": ada, "lines": [line, line]})
    other = instances.make(
        {**system_layer, **read_bundles(here.parent / "records" / "shop")}, dialect=engine.database.dialect
    )
    for name, count in (("product", 2), ("customer", 2)):
        path = tmp_path / f"{name}.csv"
        assert whole_export(engine, name, path) == count
        again = service.import_file(lambda: work(engine, reason="again"), name, path)
        assert (again.unchanged, again.errors) == (count, 0), again.first_errors
        done = service.import_file(lambda: work(other, reason="other"), name, path)
        assert (done.created, done.errors) == (count, 0), done.first_errors
    assert whole_export(engine, "sale_line", tmp_path / "lines.csv") == 2
    header = (tmp_path / "lines.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header.startswith("id,parent,product.name,gift_for.name,quantity,price")
    with work(other, write=False) as ctx:
        assert [
            (record["name"], record["employees"]) for record in records.list(ctx, "customer", Query(sort=("name",)))
        ] == [
            ("Ada", 5),
            ("Bob", None),
        ]
    instances.drop(other)


def test_number_that_the_system_gave_is_a_key(load, engine):
    load("customer", "name\nAda\nBob\n")
    with work(engine, write=False) as ctx:
        code = records.list(ctx, "customer", Query(where='name == "Ada"')).records[0]["code"]
    done = load("customer", f"code,name,employees\n{code},Ada Lovelace,7\n", key=("code",))
    assert (done.updated, done.created, done.errors) == (1, 0, 0)
