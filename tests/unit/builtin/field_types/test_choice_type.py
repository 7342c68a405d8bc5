import pytest
from pydantic import ValidationError

from dougong.builtin.field_types.choice import Choice
from dougong.sdk import InvalidValue, Option, Reading, Showing, Text
from dougong.testing.contracts import FieldTypeContract

STAGES = (
    Option(value="new", label=Text({"en": "New", "zh-CN": "新建"}), colour="blue"),
    Option(value="won", label=Text({"en": "Won", "zh-CN": "赢单"}), colour="#00aa00"),
    Option(value="old", label=Text({"en": "Old", "zh-CN": "旧"}), active=False),
)


class TestChoice(FieldTypeContract):
    field_type = Choice(options=STAGES)
    accepts = {"new": "new", " won ": "won"}
    refuses = {
        "nothing": "Choose one of: New, Won.",
        "New": "choice_unknown",
        "新建": "choice_unknown",
        "old": "Old is no longer offered. Choose another.",
        1: "choice_unknown",
        "": "choice_unknown",
    }
    shows = {"new": "New", "old": "Old", "gone": "gone"}
    shows_in_chinese = {"new": "新建"}
    cells = {"new": "new", "New": "new", "赢单": "won", "WON": "won"}


class TestChoiceOfNamedOptions(FieldTypeContract):
    field_type = Choice(options="stages")
    reading = Reading(options=lambda name: STAGES if name == "stages" else ())
    showing = Showing(options=lambda name: STAGES if name == "stages" else ())
    accepts = {"new": "new"}
    refuses = {"none": "choice_unknown"}
    shows = {"won": "Won"}
    shows_in_chinese = {"won": "赢单"}
    cells = {"赢单": "won"}
    dumps = {"won": "won"}


def test_refusal_lists_the_labels_in_the_readers_language() -> None:
    with pytest.raises(InvalidValue) as caught:
        Choice(options=STAGES).parse("nothing", Reading())
    assert caught.value.message.show("zh-CN") == "请从以下选项中选择一项：新建, 赢单。"


def test_long_lists_are_cut_in_the_refusal() -> None:
    options = tuple(Option(value=f"v{at}", label=Text({"en": f"V{at}"})) for at in range(30))
    with pytest.raises(InvalidValue, match="V0, V1, V2, V3, V4, V5, V6, V7 …"):
        Choice(options=options).parse("nothing", Reading())


def test_label_of_two_options_is_unclear() -> None:
    twice = (Option(value="a", label=Text({"en": "Same"})), Option(value="b", label=Text({"en": "same"})))
    with pytest.raises(InvalidValue):
        Choice(options=twice).read_cell("Same", Reading())


def test_author_writes_labels_as_text_or_by_language() -> None:
    data = {"options": [{"value": "a", "label": "Eins"}, {"value": "b", "label": {"en": "Two", "zh-CN": "二"}}]}
    field = Choice.model_validate(data, context={"language": "de"})
    assert [option.label for option in field.choices(Showing())] == [
        Text({"de": "Eins"}),
        Text({"en": "Two", "zh-CN": "二"}),
    ]


@pytest.mark.parametrize("value", ["", "a;b", " a", "a ", "x" * 101])
def test_value_that_cells_cannot_hold_is_no_option(value: str) -> None:
    with pytest.raises(ValidationError):
        Option(value=value, label=Text({"en": "A"}))


def test_options_that_say_nothing_or_the_same_are_problems() -> None:
    assert Choice(options=()).problems() == ("there are no options to choose from",)
    assert Choice(options=(*STAGES, STAGES[0])).problems() == ("the option 'new' is there 2 times",)


def test_schema_lists_also_options_of_before() -> None:
    assert Choice(options=STAGES).json_schema() == {"type": "string", "enum": ["new", "won", "old"]}
