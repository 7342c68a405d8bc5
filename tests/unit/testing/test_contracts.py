"""the inherited suites find what they are there to find"""

from typing import Any

import pytest
import sqlalchemy as sa

from dougong.sdk import Column, FieldType, InvalidValue, Message, Reading, Showing, Text, Verbatim, types
from dougong.testing.contracts import FieldTypeContract


class Plain(FieldType[str]):
    """Text of a sort."""

    name = "plain"
    label = Text({"en": "Plain", "zh-CN": "文本"})

    def columns(self) -> tuple[Column, ...]:
        return (Column("", sa.Text()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        if raw not in ("a", "b"):
            raise InvalidValue(Verbatim(Text({"en": "No.", "zh-CN": "不行。"}), code="no"))
        return str(raw)


def suite(type_: type[FieldType[Any]]) -> FieldTypeContract:
    contract = FieldTypeContract()
    contract.field_type = type_()  # type: ignore[misc]
    return contract


def reads(contract: FieldTypeContract, raw: Any, expected: Any) -> None:
    contract.test_keeps_its_examples(("reads", (raw, expected)))


def test_type_that_keeps_its_word_passes() -> None:
    contract = suite(Plain)
    contract.test_type_is_described()
    contract.test_columns_have_a_first_without_suffix()
    contract.test_hostile_values_are_refused("nan")
    reads(contract, "a", "a")


def test_value_of_another_class_is_found() -> None:
    class Numeric(Plain):
        def parse(self, raw: Any, reading: Reading) -> Any:
            return True

    with pytest.raises(AssertionError):
        reads(suite(Numeric), "a", 1)


def test_value_that_is_lost_on_its_way_is_found() -> None:
    class LosesJson(Plain):
        def dump(self, value: str) -> str:
            return "b"

    class LosesCells(Plain):
        def write_cell(self, value: str) -> str:
            return "b"

    class LosesEntries(Plain):
        def entry(self, value: str, showing: Showing) -> str:
            return "b"

    class LiesInItsSchema(Plain):
        def json_schema(self) -> dict[str, Any]:
            return {"type": "integer"}

    for broken in (LosesJson, LosesCells, LosesEntries, LiesInItsSchema):
        with pytest.raises(Exception, match=r"assert 'b' == 'a'|is not of type 'integer'"):
            reads(suite(broken), "a", "a")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Message("This sentence is in no catalog."), "needs a code"),
        (Message("This sentence is in no catalog.", code="Not A Code"), "needs a code"),
        (Message("This sentence is in no catalog.", code="code"), "is not translated"),
        (Message("Enter at least {least}.", code="code"), "lacks a parameter"),
    ],
)
def test_message_that_is_not_finished_is_found(message: Message, said: str) -> None:
    class Refuses(Plain):
        def parse(self, raw: Any, reading: Reading) -> str:
            raise InvalidValue(message)

    with pytest.raises(AssertionError, match=said):
        suite(Refuses).test_hostile_values_are_refused("nan")


def test_other_exception_is_found() -> None:
    class Stumbles(Plain):
        def parse(self, raw: Any, reading: Reading) -> str:
            return str(1 / raw)

    with pytest.raises(TypeError):
        suite(Stumbles).test_hostile_values_are_refused("list")


def test_value_that_should_have_been_refused_is_found() -> None:
    class TakesAll(Plain):
        def parse(self, raw: Any, reading: Reading) -> str:
            return str(raw)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        suite(TakesAll).test_hostile_values_are_refused("nul")


def test_value_that_the_database_changes_is_found() -> None:
    class Rounds(Plain):
        def columns(self) -> tuple[Column, ...]:
            return (Column("", sa.Float()),)

        def parse(self, raw: Any, reading: Reading) -> Any:
            return 123456789012345678

    contract = suite(Rounds)
    contract.accepts = {"a": 123456789012345678}  # type: ignore[misc]
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(AssertionError):
        contract.test_values_survive_the_database(connection)
    engine.dispose()


def test_option_that_nobody_describes_is_found() -> None:
    class Silent(Plain):
        size: int = 1

    with pytest.raises(AssertionError):
        suite(Silent).test_options_are_described()
