import pytest
from pydantic import ValidationError

from dougong.builtin.field_types.lookup import Lookup
from dougong.sdk import Showing, types
from dougong.testing.contracts import FieldTypeContract

ADA = "0193b0c4-7a3e-7b6a-9d1c-3f2a1b0c9d8e"


class TestLookup(FieldTypeContract):
    field_type = Lookup(to="customer")
    showing = Showing(titles={ADA: "Ada Ltd"})
    accepts = {ADA: ADA, f" {ADA.upper()} ": ADA}
    refuses = {
        "Ada Ltd": "Choose a record from the list.",
        ADA.replace("-", ""): "lookup_unclear",
        42: "lookup_unclear",
    }
    shows = {ADA: "Ada Ltd"}
    shows_in_chinese = {ADA: "Ada Ltd"}
    cells = {ADA: ADA}
    dumps = {ADA: ADA}


def test_lookup_says_where_it_leads_and_what_deleting_does() -> None:
    field = Lookup(to="customer", on_delete="clear")
    assert (field.lookup(), field.when_deleted(), field.expression_type()) == (
        "customer",
        "clear",
        types.record("customer"),
    )
    assert Lookup(to="customer").when_deleted() == "refuse"


def test_record_without_a_title_is_shown_by_its_id() -> None:
    assert Lookup(to="customer").format(ADA, Showing()) == ADA


@pytest.mark.parametrize("options", [{}, {"to": "Customer"}, {"to": "a", "on_delete": "explode"}])
def test_unfit_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Lookup.model_validate(options)
