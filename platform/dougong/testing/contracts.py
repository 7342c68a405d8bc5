"""test suites a new field type, action, connector or view type inherits"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, get_args

import hypothesis
import jsonschema
import pydantic
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from dougong.base import settings
from dougong.base.errors import ActionFailed
from dougong.base.names import is_name
from dougong.base.text import translations
from dougong.sdk import Action, Assignment, Comparison, FieldType, InvalidValue, Message, Reading, Showing, Text, types

Pairs = Mapping[Any, Any] | Sequence[tuple[Any, Any]]
"""Examples from one thing to another; a list of pairs where the first is a list or an object."""

_PARAMETER = re.compile(r"\{(\w+)\}")
LOCALES = ("en", "zh-CN", "de", "fr", "ar", "hi")
MEGABYTE = 2**20
HOSTILE: Mapping[str, Any] = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus_infinity": float("-inf"),
    "decimal_nan": decimal.Decimal("NaN"),
    "decimal_signalling_nan": decimal.Decimal("sNaN"),
    "decimal_infinity": decimal.Decimal("Infinity"),
    "huge_integer": 10**30,
    "enormous_integer": 10**5000,
    "huge_decimal": decimal.Decimal("1e30"),
    "huge_float": 1e308,
    "tiny_float": 1e-300,
    "megabyte_of_letters": "x" * MEGABYTE,
    "megabyte_of_digits": "9" * MEGABYTE,
    "megabyte_of_spaces": "x" + " " * MEGABYTE + "x",
    "nul": "a\0b",
    "number_with_nul": "1\0",
    "lone_surrogate": "\ud800",
    "list": [1, "a", None],
    "empty_list": [],
    "deep_list": json.loads("[" * 500 + "]" * 500),
    "object": {"a": 1},
    "empty_object": {},
    "true": True,
    "false": False,
    "bytes": b"1",
    "nothing": None,
    "something_else": object(),
}
"""What no ordinary field holds, by a name for it."""

_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
_ANY_NUMBER = st.one_of(st.integers(), st.floats(), st.decimals())
_WRITTEN = st.from_regex(
    r"[-+]?[0-9]{1,20}([.,][0-9]{1,20})?%?|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2})?", fullmatch=True
)
_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), _ANY_NUMBER, _ANY_TEXT, _WRITTEN),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_ANY_TEXT, inner, max_size=4)),
    max_leaves=8,
)


class FieldTypeContract:
    """What every field type keeps to. Inherit it in a test class, set `field_type` and give examples."""

    field_type: ClassVar[FieldType[Any]]
    accepts: ClassVar[Pairs] = {}
    """From what JSON or a form brings to the value."""
    refuses: ClassVar[Pairs] = {}
    """From what is brought to the English sentence, or the code of the message."""
    shows: ClassVar[Pairs] = {}
    """From a value to what an English reader sees."""
    shows_in_chinese: ClassVar[Pairs] = {}
    cells: ClassVar[Pairs] = {}
    """From the text of a cell to the value."""
    dumps: ClassVar[Pairs] = {}
    """From a value to its JSON."""
    ascending: ClassVar[Sequence[Any]] = ()
    """Values in the order in which a list shows them."""
    tolerates: ClassVar[frozenset[str]] = frozenset()
    """Names of `HOSTILE` values that are ordinary here: a boolean takes `true`."""
    languages: ClassVar[tuple[str, ...]] = ("en", "zh-CN")
    """Languages that its label and its messages are written in."""
    reading: ClassVar[Reading] = Reading(today=dt.date(2026, 11, 22))
    showing: ClassVar[Showing] = Showing()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make a test of each example, and of each hostile value."""
        if "example" in metafunc.fixturenames:
            examples = [(check, pair) for check, pairs in self._examples().items() for pair in _pairs(pairs)]
            metafunc.parametrize("example", examples, ids=[f"{check}-{_id(pair[0])}" for check, pair in examples])
        if "hostile" in metafunc.fixturenames:
            metafunc.parametrize("hostile", [name for name in HOSTILE if name not in self.tolerates])

    def _examples(self) -> Mapping[str, Pairs]:
        return {
            "reads": self.accepts,
            "refuses": self.refuses,
            "shows": self.shows,
            "shows_in_chinese": self.shows_in_chinese,
            "reads_cell": self.cells,
            "dumps": self.dumps,
        }

    @pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
    def connection(self, request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
        """A connection to each database we run on; what is done there is rolled back."""
        engine = sa.create_engine(_url_of(request.param), poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection
            connection.rollback()

    # ---- the type --------------------------------------------------------------------------------------------

    def test_type_is_described(self) -> None:
        type_ = type(self.field_type)
        assert is_name(type_.name)
        assert isinstance(type_.label, Text)
        assert set(self.languages) <= set(type_.label.by_language)
        assert (type_.__doc__ or "").strip(), "the docstring is the text of its reference page"
        assert set(self.field_type.comparisons) <= set(get_args(Comparison))
        assert isinstance(self.field_type.expression_type(), types.Type | None)

    def test_options_are_described(self) -> None:
        described = type(self.field_type).model_json_schema().get("properties", {})
        assert [name for name, option in described.items() if not option.get("description")] == []

    def test_options_are_sound_and_survive_json(self) -> None:
        assert list(self.field_type.problems()) == []
        again = type(self.field_type).model_validate_json(self.field_type.model_dump_json())
        assert again == self.field_type
        assert hash(again) == hash(self.field_type)

    def test_columns_have_a_first_without_suffix(self) -> None:
        suffixes = [column.suffix for column in self.field_type.columns()]
        assert suffixes == list(dict.fromkeys(suffixes))
        if suffixes:
            assert suffixes[0] == ""
            assert all(suffix.startswith("_") for suffix in suffixes[1:])
            assert self.field_type.value_column() in suffixes
            assert self.field_type.sort_column() in (None, *suffixes)

    # ---- the examples ----------------------------------------------------------------------------------------

    def test_keeps_its_examples(self, example: tuple[str, tuple[Any, Any]]) -> None:
        check, (given, expected) = example
        match check:
            case "reads":
                value = self.field_type.parse(given, self.reading)
                assert value == expected
                assert type(value) is type(expected)
                self._check(value)
            case "refuses":
                message = self._refusal(given)
                assert expected in (message.code, str(message))
            case "shows":
                assert self._shown(given, "en") == expected
            case "shows_in_chinese":
                assert self._shown(given, "zh-CN") == expected
            case "reads_cell":
                assert self.field_type.read_cell(given, self.reading) == expected
            case _:
                assert self.field_type.dump(given) == expected
                self._check(given)

    def _shown(self, value: Any, locale: str) -> str:
        return self.field_type.format(value, dataclasses.replace(self.showing, locale=locale))

    # ---- what must hold of any value -------------------------------------------------------------------------

    def test_hostile_values_are_refused(self, hostile: str) -> None:
        self._refusal(HOSTILE[hostile])

    def test_hostile_cells_are_refused_or_read(self) -> None:
        for raw in HOSTILE.values():
            if isinstance(raw, str):
                self._read_or_refuse(raw, is_cell=True)

    @hypothesis.given(raw=_ANYTHING)
    @hypothesis.settings(
        deadline=None,
        max_examples=25,
        suppress_health_check=[hypothesis.HealthCheck.differing_executors, hypothesis.HealthCheck.too_slow],
    )
    def test_anything_is_read_or_refused(self, raw: Any) -> None:
        self._read_or_refuse(raw)
        if isinstance(raw, str):
            self._read_or_refuse(raw, is_cell=True)

    def test_values_survive_the_database(self, connection: sa.Connection) -> None:
        columns = self.field_type.columns()
        values = self._values()
        if not columns or not values:
            return
        for value, row in zip(values, _there_and_back(connection, self.field_type, values), strict=True):
            assert row == list(self.field_type.store(value))
            restored = self.field_type.restore(row)
            assert restored == value
            assert type(restored) is type(value)

    def test_lists_sort_alike_on_every_database(self, connection: sa.Connection) -> None:
        suffix = self.field_type.sort_column()
        if suffix is None or not self.ascending:
            return
        shuffled = random.Random(7).sample(list(self.ascending), len(self.ascending))  # noqa: S311
        rows = _there_and_back(connection, self.field_type, shuffled, order=suffix)
        assert [self.field_type.restore(row) for row in rows] == list(self.ascending)

    # ---- how it is checked -----------------------------------------------------------------------------------

    def _values(self) -> list[Any]:
        found = [value for _, value in _pairs(self.accepts)]
        return found + [value for value, _ in _pairs(self.dumps)] + list(self.ascending)

    def _read_or_refuse(self, raw: Any, *, is_cell: bool = False) -> None:
        read = self.field_type.read_cell if is_cell else self.field_type.parse
        try:
            value = read(raw, self.reading)
        except InvalidValue as refused:
            self._check_message(refused.message)
        else:
            self._check(value)

    def _refusal(self, raw: Any) -> Message:
        with pytest.raises(InvalidValue) as caught:
            self.field_type.parse(raw, self.reading)
        self._check_message(caught.value.message)
        return caught.value.message

    def _check_message(self, message: Message) -> None:
        """Hold that a message has a stable code and is written in every language."""
        assert re.fullmatch(r"[a-z][a-z0-9_.]*", message.code), f"{message!r} needs a code"
        said = {language: message.show(language) for language in self.languages}
        assert len(set(said.values())) == len(said), f"{message!r} is not translated"
        for language in self.languages if type(message) is Message else ():
            sentence = translations(language).get(message.text) or message.text
            assert set(_PARAMETER.findall(sentence)) <= message.params.keys(), f"{sentence!r} lacks a parameter"

    def _check(self, value: Any) -> None:
        """Hold that a value can be shown, and comes back from wherever it goes."""
        type_ = self.field_type
        for locale in LOCALES:
            showing = dataclasses.replace(self.showing, locale=locale)
            assert isinstance(type_.format(value, showing), str)
            by_hand = dataclasses.replace(self.reading, locale=locale, by_hand=True, zone=showing.zone)
            if not type_.is_computed:
                self._same(value, type_.parse(type_.entry(value, showing), by_hand))
        dumped = type_.dump(value)
        if type_.lines():
            return self._same(value, type_.parse(dumped, self.reading))
        as_json = json.loads(json.dumps(dumped, allow_nan=False, default=_as_orjson_does))
        jsonschema.Draft202012Validator.check_schema(type_.json_schema())
        jsonschema.validate(as_json, type_.json_schema(), jsonschema.Draft202012Validator)
        self._same(value, type_.parse(as_json, self.reading))
        cell = type_.write_cell(value)
        assert isinstance(cell, (str, bool, int, decimal.Decimal, dt.date))
        return self._same(value, type_.read_cell(str(cell), self.reading))

    def _same(self, value: Any, again: Any) -> None:
        assert again == value
        assert self.field_type.store(again) == self.field_type.store(value)


def _pairs(pairs: Pairs) -> list[tuple[Any, Any]]:
    return list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)


def _id(raw: Any) -> str:
    said = ascii(raw)
    return said if len(said) <= 40 else said[:37] + "..."


def _as_orjson_does(value: Any) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no JSON")


def _url_of(database: str) -> str:
    if database == "sqlite":
        return "sqlite://"
    found = settings.read()
    if not found.test_postgres_url:
        (pytest.fail if found.is_ci else pytest.skip)("DOUGONG_TEST_POSTGRES_URL is not set")
    return found.test_postgres_url


def _there_and_back(
    connection: sa.Connection, type_: FieldType[Any], values: Sequence[Any], *, order: str | None = None
) -> list[list[Any]]:
    """Write values into a real table and read their columns again."""
    columns = type_.columns()
    table = sa.Table(
        "field_type_contract",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(f"value{column.suffix}", column.type) for column in columns),
        prefixes=["TEMPORARY"],
    )
    table.create(connection)
    names = [f"value{column.suffix}" for column in columns]
    rows = [{"id": at, **dict(zip(names, type_.store(value), strict=True))} for at, value in enumerate(values)]
    connection.execute(table.insert(), rows)
    by = table.c.id if order is None else table.c[f"value{order}"]
    return [list(row) for row in connection.execute(sa.select(*(table.c[name] for name in names)).order_by(by))]


# ---- actions ---------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class RecordedCall:
    """An `ActionCall` that does nothing and keeps what it was asked for."""

    object: str = "thing"
    record: str = "00000000-0000-7000-8000-0000000000aa"
    there: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    """What actions before made, by the name it was kept under."""
    people: tuple[str, ...] = ("00000000-0000-7000-8000-0000000000bb",)
    asked: list[tuple[str, Any]] = dataclasses.field(default_factory=list)

    def evaluate(self, expression: str) -> Any:
        """Give the expression itself for its value."""
        return expression

    def values(self, assignments: tuple[Assignment, ...], object_name: str) -> dict[str, Any]:
        """Give the expressions for their values."""
        return {each.field: each.value for each in assignments}

    def update(self, values: Mapping[str, Any]) -> None:
        """Keep it."""
        self.asked.append(("update", dict(values)))

    def create(self, object_name: str, values: Mapping[str, Any], *, keep_as: str | None = None) -> str:
        """Keep it."""
        self.asked.append(("create", (object_name, dict(values), keep_as)))
        return self.record

    def transition(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep it."""
        self.asked.append(("transition", (name, dict(values))))

    def open(self, object_name: str, record_id: str) -> None:
        """Keep it."""
        self.asked.append(("open", (object_name, record_id)))

    def made(self, name: str) -> tuple[str, str] | None:
        """Give what was made before."""
        return self.there.get(name)

    def recipients(self, people: Any) -> tuple[str, ...]:
        """Give the people of the test, whoever is meant."""
        return self.people

    def perform(self, topic: str, **what: Any) -> Any:
        """Keep it."""
        self.asked.append((topic, what))

    def fail(self, message: Any) -> Exception:
        """Give an error that a person can read."""
        return ActionFailed(message)


class ActionContract:
    """What every action must hold; subclass it in a test, with its options as in YAML and what they come to."""

    action: ClassVar[type[Action]]
    options: ClassVar[Mapping[str, Any]] = {}
    """A working set of its options, without `do` and `name`."""
    refuses: ClassVar[Sequence[Mapping[str, Any]]] = ()
    """Options that it cannot have."""
    does: ClassVar[Sequence[tuple[str, Any]]] = ()
    """What it asks of its call with these options, in order."""
    makes: ClassVar[tuple[str, str] | None] = None
    names: ClassVar[tuple[str, ...]] = ()
    leads: ClassVar[tuple[str, ...]] = ()

    def made(self, **more: Any) -> Action:
        """Make the action as an author would."""
        return self.action.model_validate({"name": "step", **self.options, **more})

    def test_is_described(self) -> None:
        assert is_name(self.action.do)
        assert (self.action.__doc__ or "").strip()
        assert isinstance(self.action.label, Text)
        assert {"en", "zh-CN"} <= self.action.label.by_language.keys()
        described = self.action.model_json_schema().get("properties", {})
        assert [name for name, option in described.items() if not option.get("description")] == []

    def test_options_are_frozen_and_closed(self) -> None:
        action = self.made()
        assert action == self.made()
        assert hash(action) == hash(self.made())
        with pytest.raises(pydantic.ValidationError):
            self.made(unheard_of=1)
        with pytest.raises(pydantic.ValidationError):
            action.name = "other"
        for options in self.refuses:
            with pytest.raises(pydantic.ValidationError):
                self.action.model_validate({"name": "step", **options})

    def test_says_what_it_makes_and_needs(self) -> None:
        action = self.made()
        assert (action.makes(), action.names(), action.leads()) == (self.makes, self.names, self.leads)

    def test_does_what_it_says_through_its_call_alone(self) -> None:
        call = RecordedCall(there=dict.fromkeys(self.names, ("thing", RecordedCall.record)))
        self.made().run(call)
        assert call.asked
        if self.does:
            assert call.asked == list(self.does)
