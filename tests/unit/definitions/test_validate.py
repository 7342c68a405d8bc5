from __future__ import annotations

import time

from jsonschema import Draft202012Validator

from dougong.definitions.kinds import KINDS
from dougong.definitions.schema import json_schema
from dougong.definitions.validate import validate, validators
from dougong.definitions.yaml_loader import load
from tests.unit.definitions.bundles import EXTENSIONS

KNOWN = validators(EXTENSIONS)


def problems_of(text: str) -> list[str]:
    data, problems = load(text, "f")
    assert data is not None
    assert problems == []
    return [f"{problem.place.line}:{problem.place.column} {problem.code}" for problem in validate(data, KNOWN)]


def test_all_problems_are_told_at_once_each_at_its_place() -> None:
    text = """kind: object
name: Thing
lable: x
title: 5
fields:
  - {name: a, type: txet, max_length: 3}
  - name: b
    type: text
    max_lenght: 3
    required: no
    label: {english: x}
  - type: lookup
rules:
  name: x
indexes:
  - {name: i, fields: []}
"""
    assert problems_of(text) == [
        "2:7 E206",
        "3:1 E202",
        "4:8 E204",
        "6:21 E201",
        "9:5 E202",
        "10:15 E204",
        "11:12 E210",
        "12:5 E203",
        "12:5 E203",
        "14:3 E204",
        "16:23 E207",
    ]


def test_a_blank_key_stands_for_its_default() -> None:
    assert problems_of("kind: object\nname: a\nlabel:\nsubtitle: ~\n") == []


def test_attributes_of_the_engine_are_no_keys() -> None:
    text = "kind: object\nname: a\nplace: x\nbundle: crm\nfields:\n  - {name: b, type: text, is_system: true}\n"
    assert problems_of(text) == ["3:1 E202", "4:1 E202", "6:27 E202"]


def test_former_names_are_one_or_several() -> None:
    assert problems_of("kind: object\nname: a\nwas: b\nfields: [{name: c, type: text, was: [d, e]}]\n") == []


def test_a_hundred_definitions_are_checked_in_no_time() -> None:
    field = "  - {name: f%d, type: text, label: {en: F, zh-CN: 字}, required: true, max_length: 80}\n"
    text = "kind: object\nname: thing\nfields:\n" + "".join(field % number for number in range(20))
    data, _ = load(text, "f")
    assert data is not None
    start = time.process_time()
    for _ in range(100):
        assert validate(data, KNOWN) == []
    assert time.process_time() - start < 2


def test_published_schemas_are_schemas() -> None:
    for kind in KINDS:
        schema = json_schema(kind, EXTENSIONS)
        Draft202012Validator.check_schema(schema)
        assert schema["properties"]["kind"] == {"const": kind}
        assert not {"place", "bundle"} & set(schema["properties"])


def test_published_schema_says_the_same_as_the_one_that_runs() -> None:
    published = Draft202012Validator(json_schema("object", EXTENSIONS))
    field = {"name": "a", "type": "text", "max_length": 3}
    assert published.is_valid({"kind": "object", "name": "a", "fields": [field]})
    assert not published.is_valid({"kind": "object", "name": "a", "fields": [{**field, "max_lenght": 3}]})
    assert not published.is_valid({"kind": "object", "name": "a", "fields": [{**field, "type": "txet"}]})
    assert not published.is_valid({"kind": "object", "name": "a", "fields": [{"name": "b", "type": "lookup"}]})
