from __future__ import annotations

import decimal
from typing import Any

import pytest
from ruamel.yaml.error import YAMLError

from dougong.definitions.marked import place_of, place_within
from dougong.definitions.round_trip import editor
from dougong.definitions.yaml_loader import load

SCALARS = """
no|yes|on|off|No|YES|On|y|n|true|True|TRUE|tRue|false|False|FALSE|null|Null|NULL|nULL|~|~x|0|-0|+0|1|-1|+1|007|012|0o12|0O12
-0o7|0x1F|0X1F|-0x1|0xg|0b11|1_000|1,000|1:30|12:30:45|190:20:30|1.5|-1.5|+1.5|1.|.5|-.5|.|..|1.5.2|1e3|1E3|1e+3|1e-3|1.5e3
.5e1|1e|e3|1e3.5|1_0.5|0.10|1.10|00.5|9007199254740993|12345678901234567890.123456|.inf|-.inf|+.inf|.Inf|.INF|.iNF|.nan|.NaN|.NAN|-.nan
inf|nan|NaN|Infinity|2026-11-22|2026-11-22 10:00:00|2026-11-22T10:00:00Z|2001-1-1|0.1.2|1.2.3|v1.2|12px|#|a#b|a: b|http://x.y/z|C:\\x
<<x|=|a b c|中文|'no'|"no"|'1'|"1"|'012'|"~"|''|""|'it''s'|"a\\tb"|"\\u4e2d"
- |-|--|---x|+|?x|:x|a:|[]|{}|%x|@x|`x|&|*|x*|x&y|"1.50"
1__0|0x_1|1e1_0|0_1|+.5|+1e+2|1.e2|-|'null'|"true"|nUll|TRue|0777|08|0o8|0o|0x|1d|1f|1L|١
""".strip()


def spelled() -> list[str]:
    return sorted({each for line in SCALARS.splitlines() for each in line.split("|") if each})


def ours(text: str) -> Any:
    data, problems = load(f"a: {text}\n", "f")
    assert data is not None
    if problems:
        raise ValueError(problems[0].code)
    return data["a"]


def theirs(text: str) -> Any:
    """What ruamel reads: the node's tag by our resolver, and the value that the tag means."""
    node = editor().compose(f"a: {text}\n")
    scalar = node.value[0][1]
    if scalar.id != "scalar":
        return {"sequence": [], "mapping": {}}[scalar.id]
    match str(scalar.ctag).rpartition(":")[2] if scalar.ctag else "str":
        case "int":
            return (
                int(scalar.value.replace("+", ""), 0)
                if "0o" in scalar.value or "0x" in scalar.value
                else int(scalar.value)
            )
        case "float" if "n" in scalar.value.lower():
            raise ValueError("E109")
        case "float":
            return decimal.Decimal(scalar.value)
        case "null":
            return None
        case "bool":
            return scalar.value.lower() == "true"
        case _:
            return scalar.value


def outcome(read: Any, text: str) -> Any:
    try:
        value = read(text)
    except (ValueError, AssertionError, YAMLError):
        return "refused"
    return (type(value).__name__.replace("Marked", "").lower().replace("map", "dict"), value)


@pytest.mark.parametrize("text", spelled())
def test_both_readers_read_a_scalar_alike(text: str) -> None:
    assert outcome(ours, text) == outcome(theirs, text)


def test_enough_scalars_are_compared() -> None:
    assert len(spelled()) > 100


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-11-22", "2026-11-22"),
        ("012", 12),
        ("0o12", 10),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0.10", decimal.Decimal("0.10")),
        ("9007199254740993.0000001", decimal.Decimal("9007199254740993.0000001")),
        ("1e3", decimal.Decimal(1000)),
        ("", None),
    ],
)
def test_a_scalar_means_what_the_core_schema_says(text: str, value: object) -> None:
    assert ours(text) == value
    assert type(ours(text)) is type(value)
    assert not isinstance(ours(text), float)


def problems_of(text: str) -> list[str]:
    return [f"{problem.place.line}:{problem.place.column} {problem.code}" for problem in load(text, "f")[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1, 2\nb: 3\n", ["2:2 E101"]),
        ("a: b: c\n", ["1:5 E101"]),
        ("a: 'open\n", ["2:1 E101"]),
        ("a: 1\nb: 2\na: 3\n", ["3:1 E102"]),
        ("a: {b: 1, b: 2}\na: 3\n", ["1:11 E102", "2:1 E102"]),
        ("a: *b\n", ["1:4 E103"]),
        ("a: &a [*a]\n", ["1:8 E103"]),
        ("a: !!str 1\nb: !mine {}\nc: !x []\n", ["1:4 E104", "2:4 E104", "3:4 E104"]),
        ("a: &a {x: 1}\nb:\n  <<: *a\n", ["3:3 E105"]),
        ("a: 1\n---\nb: 2\n", ["2:1 E106"]),
        ("a:\n\tb: 1\n", ["2:1 E108"]),
        ("a: .inf\nb: -.nan\nc: .NaN\n", ["1:4 E109", "3:4 E109"]),
        ("a: " + "9" * 5000, ["1:4 E109"]),
        ("a: 1e999999999\n", ["1:4 E109"]),
        ("1: a\n", ["1:1 E110"]),
        ("true: a\n~: b\n", ["1:1 E110", "2:1 E110"]),
        ("? [a]\n: b\n", ["1:3 E110"]),
        ("", ["1:1 E111"]),
        ("- a\n", ["1:1 E111"]),
        ("a: \x07\n", ["1:4 E117"]),
        ("a: x\u2028y\n", ["1:5 E117"]),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(text: str, expected: list[str]) -> None:
    assert problems_of(text) == expected


def test_quoted_numbers_are_keys() -> None:
    assert load('"1": a\n', "f") == ({"1": "a"}, [])


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_ten_thousand_levels_are_refused(opening: str) -> None:
    found = problems_of("a:\n  " + opening * 10_000)
    assert len(found) == 1
    assert found[0].endswith(("E107", "E110", "E101"))


def test_fifty_levels_are_read() -> None:
    assert problems_of("a: " + "[" * 49 + "]" * 49) == []
    assert problems_of("a: " + "[" * 50 + "]" * 50) == ["1:53 E107"]


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert problems_of("\n".join(lines)) == ["4:10 E103"]


def test_aliases_that_nest_are_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60))]
    assert [each.rpartition(" ")[2] for each in problems_of("\n".join(lines))] == ["E103"]


def test_a_small_alias_is_read() -> None:
    data, problems = load("a: &a {x: 1}\nb: *a\n", "f")
    assert (data, problems) == ({"a": {"x": 1}, "b": {"x": 1}}, [])


def test_every_key_and_value_knows_its_place() -> None:
    data, _ = load("kind: object\nfields:\n  - name: a\n    type: text\n  - {name: b,\n     type: date}\n", "f")
    assert str(place_of(data, ("fields", 0, "type"))) == "f:4:11"
    assert str(place_of(data, ("fields", 1, "type"), key=True)) == "f:6:6"
    assert str(place_of(data, ("fields", 1))) == "f:5:5"
    assert str(place_of(data, ("fields", 7, "name"))) == "f:2:1" or place_of(data, ("fields", 7)).line == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: x + bad", "1:8"),
        ("a: 'x + bad'", "1:9"),
        ('a: "x + bad"', "1:9"),
        ("a: 'it''s' + bad", "1:4"),
        ("a: |\n  x +\n  bad", "3:3"),
        ("a: >-\n  x\n  + bad", "3:5"),
        ("a: x\n  + bad", "2:5"),
        ("a: '''x'' + bad'", "1:13"),
    ],
)
def test_a_character_in_a_scalar_is_found_in_the_file(text: str, expected: str) -> None:
    data, _ = load(text, "f")
    if data is None:
        return
    place = place_of(data, ("a",))
    found = place_within(place, data["a"], data["a"].find("bad"), text)
    assert f"{found.line}:{found.column}" == expected
