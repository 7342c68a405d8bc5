from dougong.builtin.field_types.multi_choice import MultiChoice
from dougong.sdk import Option, Reading, Showing, Text
from dougong.testing.contracts import FieldTypeContract

TAGS = (
    Option(value="vip", label=Text({"en": "Very important", "zh-CN": "重要客户"})),
    Option(value="late", label=Text({"en": "Pays late", "zh-CN": "付款慢"})),
    Option(value="gone", label=Text({"en": "Gone", "zh-CN": "已停用"}), active=False),
)


class TestMultiChoice(FieldTypeContract):
    field_type = MultiChoice(options=TAGS)
    accepts = [
        (["late", "vip"], ("vip", "late")),
        (("vip", "vip"), ("vip",)),
        ("late; vip", ("vip", "late")),
        ("vip；late;", ("vip", "late")),
    ]
    refuses = [
        (["vip", "other"], "Choose one of: Very important, Pays late."),
        (["vip", 1], "choice_unknown"),
        (["vip", ""], "choice_unknown"),
        (["vip"] * 1001, "Choose from the list."),
        (["gone"], "Gone is no longer offered. Choose another."),
        (7, "choices_unclear"),
    ]
    shows = {("vip", "late"): "Very important, Pays late", (): ""}
    shows_in_chinese = {("vip", "late"): "重要客户、付款慢"}
    cells = {"vip;late": ("vip", "late"), "付款慢; Very important": ("vip", "late")}
    dumps = {("vip", "late"): ["vip", "late"]}
    tolerates = frozenset({"empty_list"})


class TestMultiChoiceOfNamedOptions(FieldTypeContract):
    field_type = MultiChoice(options="tags")
    reading = Reading(options=lambda name: TAGS)
    showing = Showing(options=lambda name: TAGS)
    accepts = [(["late", "vip"], ("vip", "late"))]
    tolerates = frozenset({"empty_list"})


def test_none_of_them_is_blank() -> None:
    field = MultiChoice(options=TAGS)
    assert field.is_blank([])
    assert field.is_blank(["", " "])
    assert not field.is_blank(["vip"])
    assert field.store(()) == (None,)


def test_lists_do_not_sort_by_it() -> None:
    assert MultiChoice(options=TAGS).sort_column() is None
