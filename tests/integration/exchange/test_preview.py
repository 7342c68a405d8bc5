"""a file looked at before it is imported"""

from __future__ import annotations

import io

import openpyxl
import pytest

from dougong.base.errors import BadRequest
from dougong.features.accounts.work import work
from dougong.features.exchange import service
from dougong.features.exchange.preview import likeness


def look(engine, tmp_path, content, *, name="file.csv", object_name="customer", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with work(engine, write=False) as ctx:
        return service.preview(ctx, object_name, path, **options)


def test_columns_are_guessed_by_name_label_and_likeness(engine, tmp_path):
    found = look(engine, tmp_path, "name,Level,Employes,Parent customer,colour\nAda,a,5,Bob,red\nBob,b,,,\n")
    assert [(each.header, each.field) for each in found.columns] == [
        ("name", "name"), ("Level", "level"), ("Employes", "employees"),
        ("Parent customer", "parent_customer"), ("colour", None),
    ]  # fmt: skip
    sure = [each.confidence for each in found.columns]
    assert sure[0] == 1
    assert sure[0] > sure[1] > sure[2] > sure[4] == 0
    assert found.columns[0].samples == ("Ada", "Bob")
    assert found.columns[3].by == "name"
    assert (found.header_row, found.rows) == (1, 2)


def test_labels_of_both_languages_mean_their_field():
    assert likeness("名称", "name", ["Name", "名称"]) == 0.95
    assert likeness(" credit-limit ", "credit_limit", []) == 0.9
    assert likeness("red", "number", ["Number"]) == 0


def test_header_further_down_and_another_sheet_are_found(engine, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["nothing here"])
    sheet = book.create_sheet("Kunden")
    for row in (["Our customers"], [], ["Name", "Level"], ["Ada", "a"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    found = look(engine, tmp_path, out.getvalue(), name="file.xlsx", sheet="Kunden")
    assert (found.sheets, found.sheet, found.header_row, found.rows) == (("Sheet", "Kunden"), "Kunden", 3, None)
    assert [each.field for each in found.columns] == ["name", "level"]
    with pytest.raises(BadRequest):
        look(engine, tmp_path, out.getvalue(), name="file.xlsx", sheet="Orders")


def test_preview_becomes_a_map_that_imports(engine, tmp_path, load, names):
    text = "About our products\n\nname,PRICE,colour\nPen,2.50,red\n"
    found = look(engine, tmp_path, text, object_name="product")
    map_ = service.map_of(engine.extensions, found)
    assert [each.to for each in map_.columns] == ["name", "price"]
    done = load("product", text, map_=map_)
    assert (done.created, done.errors) == (1, 0)
    assert names() == ["Pen"]


def test_preview_writes_nothing_and_refuses_blank_files(engine, tmp_path, names):
    look(engine, tmp_path, "name,price\nPen,1\n", object_name="product")
    assert names() == []
    with pytest.raises(BadRequest):
        look(engine, tmp_path, "\n\n")
