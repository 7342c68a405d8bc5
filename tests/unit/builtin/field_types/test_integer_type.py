from dougong.builtin.field_types.integer import Integer
from dougong.testing.contracts import FieldTypeContract


class TestInteger(FieldTypeContract):
    field_type = Integer()
    accepts = {
        "1,280": 1280,
        "１２": 12,
        "-5": -5,
        "−5": -5,
        "+5": 5,
        "3.00": 3,
        3.0: 3,
        7: 7,
        str(2**63 - 1): 2**63 - 1,
        -(2**63): -(2**63),
    }
    refuses = {
        "four": "Enter a number, such as 1280.50.",
        "2.5": "Enter a whole number.",
        2.5: "number_not_whole",
        "1,28": "number_unclear",
        "1e3": "number_unclear",
        "1 280": "number_unclear",
        "١٢": "number_unclear",
        2**63: "Enter at most 9223372036854775807.",
        -(2**63) - 1: "number_too_small",
        "9" * 25: "Enter a number of at most 19 digits before the point.",
    }
    shows = {1280: "1,280", -5: "-5"}
    shows_in_chinese = {1280: "1,280"}
    cells = {"1280": 1280}
    dumps = {1280: 1280}
    ascending = (-3, 0, 9, 10)


class TestIntegerWithLimits(FieldTypeContract):
    field_type = Integer(min=1, max=10)
    accepts = {1: 1, 10: 10}
    refuses = {0: "Enter at least 1.", 11: "Enter at most 10."}


class TestIntegerThatNamesSomething(FieldTypeContract):
    field_type = Integer(grouped=False)
    accepts = {"10248": 10248, "10,248": 10248}
    refuses = {"ten": "number_unclear"}
    shows = {10248: "10248"}


def test_limits_that_leave_nothing_are_a_problem() -> None:
    assert Integer(min=3, max=2).problems() == ("no number is between min 3 and max 2",)
