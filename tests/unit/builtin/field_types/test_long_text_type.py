from dougong.builtin.field_types.long_text import LongText
from dougong.testing.contracts import FieldTypeContract


class TestLongText(FieldTypeContract):
    field_type = LongText()
    accepts = {"one\r\ntwo\rthree": "one\ntwo\nthree", " a \n b ": "a \n b", "x" * 100_000: "x" * 100_000}
    refuses = {"x" * 100_001: "Enter at most 100000 characters.", "a\x00": "text_unfit", 1.5: "Enter text."}
    shows = {"one\ntwo": "one\ntwo"}
    cells = {"one\ntwo": "one\ntwo"}
    dumps = {"one\ntwo": "one\ntwo"}


def test_lists_do_not_sort_by_it() -> None:
    assert LongText().sort_column() is None
