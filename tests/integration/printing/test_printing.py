from __future__ import annotations

import io

import pypdf
import pytest

from dougong.base.text import Message
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.printing import fonts, service
from dougong.records import service as records


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def path(contract, template="contract_print", form="pdf") -> str:
    return f"/o/contract/{contract.id}/print/{template}?format={form}"


def test_pdf_has_chinese_totals_numbers_of_pages_and_heads_on_each(caller, clerk, contract) -> None:
    answer = caller(clerk.id).get(path(contract))
    assert answer.content_type == "application/pdf", answer.text
    assert "filename*=UTF-8''%E5%90%88%E5%90%8C" in answer.headers["Content-Disposition"]
    pages = pages_of(answer.data)
    whole = "".join(pages)
    assert len(pages) >= 2
    assert "年度供货合同 <b>&" in pages[0]
    assert "上海晨光贸易有限公司" in pages[0]
    assert "壹仟贰佰叁拾元整" in pages[0]
    assert "1,230.00" in whole.replace(" ", "").rpartition("合计")[2]
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        assert "林晓" in text
    assert all("序号" in text for text in pages)


def test_unreadable_fields_print_blank(caller, clerk, contract, trade) -> None:
    with work(trade, reason="read English") as ctx:
        records.update(ctx, "user", clerk.id, {"locale": "en"}, last_write=True)
    text = caller(clerk.id).get(path(contract, form="html")).text
    assert "[]" in text
    assert "777" not in text
    assert "TAX-SECRET" not in text
    assert "上海 ()" in text
    assert "钢管 0 W-0 NOTE 0" in text
    assert "第一条<br>" in text


def test_html_is_escaped_and_may_do_nothing(caller, clerk, contract) -> None:
    answer = caller(clerk.id).get(path(contract, form="html"))
    assert "年度供货合同 &lt;b&gt;&amp;" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_printing_needs_the_verb(caller, contract, trade) -> None:
    with work(trade, reason="people for a test") as ctx:
        reader = accounts.create_user(ctx, login="wu", name="Wu", roles=["trade_reader"], locale="en")
    answer = caller(reader.id).get(path(contract, form="html"))
    assert answer.status_code == 403
    assert "may not print" in answer.text
    record = caller(reader.id).get(f"/o/contract/{contract.id}").text
    assert "/print/" not in record
    assert caller(reader.id).get("/o/contract/print?format=html").status_code == 403


def test_contract_of_another_is_not_found(caller, clerk, trade) -> None:
    with work(trade, reason="a contract of nobody") as ctx:
        other = records.create(ctx, "contract", {"name": "Of somebody else"})
    assert caller(clerk.id).get(path(other, form="html")).status_code == 404


def test_unknown_template_or_form_is_refused(caller, clerk, contract) -> None:
    assert caller(clerk.id).get(path(contract, "contract_list")).status_code == 404
    assert caller(clerk.id).get(path(contract, "nothing")).status_code == 404
    assert caller(clerk.id).get(path(contract, form="docx")).status_code == 400


def test_record_and_list_offer_their_templates(caller, clerk, contract) -> None:
    window = caller(clerk.id)
    assert f"/o/contract/{contract.id}/print/contract_print" in window.get(f"/o/contract/{contract.id}").text
    text = window.get('/o/contract?where=name+!%3D+"x"').text
    assert "template=contract_list" in text
    assert "template=this_list" in text
    assert "/o/contract/print?where=" in text


def test_list_is_printed_as_it_is_filtered(caller, clerk, contract, trade) -> None:
    with work(trade, reason="more contracts") as ctx:
        for number in range(40):
            records.create(ctx, "contract", {"name": f"Small {number:02}", "amount": "1.50", "owner": clerk.id})
    window = caller(clerk.id)
    text = window.get("/o/contract/print?template=contract_list&format=html&where=amount+<+100").text
    assert "1. Small 00" in text
    assert "年度供货合同" not in text
    assert "40 条" in text
    assert "60.00" in text
    assert "毛利" not in text
    whole = window.get("/o/contract/print?format=pdf")
    pages = pages_of(whole.data)
    assert len(pages) >= 2
    assert all("买方" in page for page in pages)
    assert "上海晨光贸易有限公司" in "".join(pages)


def test_list_of_too_many_is_refused(caller, clerk, contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ROWS", 0)
    answer = caller(clerk.id).get("/o/contract/print?format=html")
    assert answer.status_code == 413
    assert "导出" in answer.text


def test_program_prints_through_the_api(caller, clerk, contract) -> None:
    window = caller(clerk.id)
    found = window.get(f"/api/v1/records/contract/{contract.id}/print").json
    assert found == {"templates": [{"name": "contract_print", "label": "合同文本"}]}
    assert window.get(f"/api/v1/records/contract/{contract.id}/print/contract_print").data[:5] == b"%PDF-"
    html = window.get(f"/api/v1/records/contract/{contract.id}/print/contract_print?format=html")
    assert "上海晨光贸易有限公司" in html.text
    assert window.get(f"/api/v1/records/contract/{contract.id}/print/nothing").status_code == 404


def test_server_without_pango_says_what_to_install(caller, clerk, contract, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(service, "load", missing)
    answer = caller(clerk.id).get(path(contract))
    assert answer.status_code == 422
    assert "apt-get install libpango-1.0-0" in answer.text
    assert caller(clerk.id).get(path(contract, form="html")).status_code == 200


def test_packaged_font_is_used_where_the_system_has_none(
    caller, clerk, contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "system_has", lambda: False)
    content = caller(clerk.id).get(path(contract)).data
    assert "上海晨光贸易有限公司" in "".join(pages_of(content))
    names = str([page["/Resources"]["/Font"] for page in pypdf.PdfReader(io.BytesIO(content)).pages][:1])
    assert names


def test_message_of_missing_library_is_translated() -> None:
    assert "Pango" in service.NO_PANGO.show("zh-CN")
    assert service.NO_PANGO.show("zh-CN") != Message(service.NO_PANGO.text).show("en")
