from dougong.builtin.field_types.tree import Tree
from dougong.sdk import Showing, types
from dougong.testing.contracts import FieldTypeContract

HEAD_OFFICE = "0193b0c4-7a3e-7b6a-9d1c-3f2a1b0c9d8e"


class TestTree(FieldTypeContract):
    field_type = Tree().within("unit")
    showing = Showing(titles={HEAD_OFFICE: "Head office"})
    accepts = {HEAD_OFFICE: HEAD_OFFICE}
    refuses = {"Head office": "Choose a record from the list."}
    shows = {HEAD_OFFICE: "Head office"}
    shows_in_chinese = {HEAD_OFFICE: "Head office"}
    cells = {HEAD_OFFICE: HEAD_OFFICE}
    dumps = {HEAD_OFFICE: HEAD_OFFICE}


def test_tree_learns_its_object_where_it_stands() -> None:
    assert Tree().lookup() is None
    assert Tree().expression_type() is None
    placed = Tree(on_delete="cascade").within("unit")
    assert (placed.lookup(), placed.when_deleted(), placed.expression_type()) == (
        "unit",
        "cascade",
        types.record("unit"),
    )


def test_gate_is_told_which_column_is_the_path() -> None:
    assert Tree().path_column() == "_path"
    assert Tree().store(HEAD_OFFICE) == (HEAD_OFFICE, None)
