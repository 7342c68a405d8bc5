"""forms: what stands in them, and what they send"""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from dougong.base.text import Message
from dougong.records.query import Record
from dougong.web.present import form, posted
from dougong.web.present.form import Sheet

NAMES = ["number", "customer", "lines"]
ALL = frozenset(NAMES)


def sent(*pairs: tuple[str, str]) -> MultiDict[str, str]:
    return MultiDict(pairs)


def test_lines_come_in_the_order_of_the_page_without_blank_ones(catalog) -> None:
    entries = posted.read(
        catalog,
        "sale",
        NAMES,
        sent(
            ("lines.sent", "1"),
            ("lines.3.product", "Bolt"),
            ("lines.3.quantity", "2"),
            ("lines.3.gift.sent", "1"),
            ("lines.0.product", ""),
            ("lines.0.quantity", "1"),
            ("lines.1.id", "old"),
            ("lines.1.product", "Nut"),
            ("lines.1.quantity", ""),
            ("lines.2.product", "Gone"),
            ("lines.2.remove", "1"),
        ),
        {"lines": {"quantity": "1"}},
    )
    assert entries.values == {
        "lines": [
            {"product": "Bolt", "quantity": "2", "gift": False},
            {"product": "Nut", "quantity": "", "id": "old"},
        ]
    }


def test_field_that_was_not_on_the_page_is_left_alone(catalog) -> None:
    assert posted.read(catalog, "sale", NAMES, sent(("number", "1"))).values == {"number": "1"}


def test_last_of_two_controls_counts(catalog) -> None:
    form_sent = sent(("customer", "by-script"), ("customer.find", "Blue"), ("customer", "by-select"))
    assert posted.read(catalog, "sale", NAMES, form_sent).values["customer"] == "by-select"


def test_words_without_a_choice_are_kept_and_reported(catalog) -> None:
    entries = posted.read(catalog, "sale", NAMES, sent(("customer", ""), ("customer.find", "Blue")))
    assert entries.typed == {"customer": "Blue"}
    assert list(entries.errors()) == ["customer"]


def test_emptied_select_without_script_is_no_error(catalog) -> None:
    form_sent = sent(("customer", "old"), ("customer.find", "Blue"), ("customer.plain", "1"), ("customer", ""))
    entries = posted.read(catalog, "sale", NAMES, form_sent)
    assert entries.values["customer"] == ""
    assert not entries.errors()


def test_money_and_several_choices_are_put_together(catalog) -> None:
    names = ["credit", "tags", "active"]
    form_sent = sent(
        ("credit", "12"),
        ("credit.currency", "USD"),
        ("tags.sent", "1"),
        ("tags", "x"),
        ("tags", "y"),
        ("active.sent", "1"),
    )
    values = posted.read(catalog, "customer", names, form_sent).values
    assert values == {"credit": {"amount": "12", "currency": "USD"}, "tags": ["x", "y"], "active": False}


def test_errors_stand_at_their_fields_and_on_top(look) -> None:
    errors = {
        "number": [Message("Enter it.")],
        "lines[1].product": [Message("Choose one.")],
        "": [Message("Not as a whole.")],
    }
    sheet = Sheet(entries={"number": "x", "lines": [{"product": "a"}, {"product": ""}]}, errors=errors)
    sections = form.sections(look, "sale", "new", sheet, writable=ALL, readable=frozenset())
    inputs = {each.name: each for section in sections for each in section.inputs}
    assert inputs["number"].errors == ("Enter it.",)
    assert inputs["lines"].lines.rows[1].inputs[0].errors == ("Choose one.",)
    found = form.problems(look, look.catalog.object("sale"), errors)
    assert [problem.href for problem in found] == ["#field-number", "#field-lines-1-product", ""]


def test_new_line_begins_with_its_defaults(look) -> None:
    sheet = Sheet(entries={}, begins={"lines": {"quantity": "1"}})
    sections = form.sections(look, "sale", "new", sheet, writable=ALL, readable=frozenset())
    lines = next(each.lines for section in sections for each in section.inputs if each.lines)
    assert [each.value for each in lines.template.inputs] == ["", "1", ""]
    assert len(lines.rows) == 1


def test_field_one_may_not_change_is_only_shown(look) -> None:
    record = Record("sale", "1", 1, {"number": "7"})
    sheet = Sheet(entries={"number": "7"}, record=record)
    sections = form.sections(look, "sale", "edit", sheet, writable=frozenset(), readable=frozenset({"number"}))
    assert [(each.widget, each.fixed.text) for each in sections[0].inputs] == [("fixed", "7")]
