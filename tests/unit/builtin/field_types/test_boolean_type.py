from dougong.builtin.field_types.boolean import Boolean
from dougong.testing.contracts import FieldTypeContract


class TestBoolean(FieldTypeContract):
    field_type = Boolean()
    accepts = [
        (True, True),
        (False, False),
        ("on", True),
        ("True", True),
        ("no", False),
        ("是", True),
        ("否", False),
        ("１", True),
    ]
    refuses = {"maybe": "Answer yes or no.", 1: "boolean_unclear", 0: "boolean_unclear", "": "boolean_unclear"}
    shows = {True: "Yes", False: "No"}
    shows_in_chinese = {True: "是", False: "否"}
    cells = {"yes": True, "FALSE": False}
    dumps = {True: True}
    ascending = (False, True)
    tolerates = frozenset({"true", "false"})


def test_what_nobody_answered_is_no() -> None:
    assert Boolean().blank() is False
    assert Boolean(may_be_blank=True).blank() is None
