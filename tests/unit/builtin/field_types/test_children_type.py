from dougong.builtin.field_types.children import Children
from dougong.sdk import types
from dougong.testing.contracts import FieldTypeContract

LINE = {"id": "1", "product": "beam", "quantity": 3}


class TestChildren(FieldTypeContract):
    field_type = Children(of="order_line")
    accepts = [([LINE, {}], (LINE, {})), ([], ())]
    refuses = [
        ({"id": 1}, "Enter the lines as a list of objects."),
        ([LINE, None], "lines_unclear"),
        ([{1: "a"}], "lines_unclear"),
        ("[]", "lines_unclear"),
    ]
    shows = [((LINE,), "1 line"), ((LINE, LINE), "2 lines"), ((), "0 lines")]
    shows_in_chinese = [((LINE, LINE), "2 行明细")]
    cells = [('[{"product": "beam"}]', ({"product": "beam"},))]
    dumps = [((LINE,), [LINE])]
    tolerates = frozenset({"empty_list"})


def test_children_have_no_columns_and_say_their_object() -> None:
    field = Children(of="order_line")
    assert field.columns() == ()
    assert field.lines() == "order_line"
    assert field.expression_type() == types.children("order_line")
    assert field.sort_column() is None
