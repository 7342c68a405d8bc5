"""structure: JSON Schema errors as problems with hints, each at its key or value"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from dougong.base.names import hint_for, nearest
from dougong.base.problems import Problem
from dougong.definitions.kinds import KINDS
from dougong.definitions.kinds.parts import LANGUAGE
from dougong.definitions.marked import MarkedMap, place_of
from dougong.definitions.schema import BY_DO, BY_TYPE, NAME_HINT, NAMES, PATTERNS, strict_schema
from dougong.sdk.extensions import Extensions

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}


def _by_type(validator: Any, by_type: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Hold a field against the schema of its type."""
    name = instance.get("type") if isinstance(instance, dict) else None
    if isinstance(name, str) and name in by_type:
        yield from validator.descend(instance, by_type[name])


def _by_do(validator: Any, by_do: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Hold an action against its own schema."""
    name = instance.get("do") if isinstance(instance, dict) else None
    if isinstance(name, str) and name in by_do:
        yield from validator.descend(instance, by_do[name])


Strict: Any = extend(Draft202012Validator, {BY_TYPE: _by_type, BY_DO: _by_do})  # type: ignore[no-untyped-call]

Validators = Mapping[str, Validator]


def validators(extensions: Extensions) -> Validators:
    """Make the validator of every kind, once."""
    return {kind: Strict(strict_schema(kind, extensions)) for kind in KINDS}


def validate(data: MarkedMap, known: Validators) -> list[Problem]:
    """Find everything wrong with the structure of one definition."""
    if "kind" not in data:
        hint = f"the first key says it, such as `kind: object`; kinds are {', '.join(KINDS)}"
        return [Problem(place_of(data, ()), "E203", "missing key 'kind'", hint)]
    kind = data["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        hint = hint_for(str(kind), KINDS)
        return [Problem(place_of(data, ("kind",)), "E208", f"unknown kind {_shown(kind)}", hint)]
    return sorted(problem for error in known[kind].iter_errors(data) for problem in _problems(data, error))


def _problems(data: MarkedMap, error: ValidationError) -> Iterator[Problem]:
    if error.validator == "anyOf":
        yield from _of_branches(data, error)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(data, error)
    else:
        yield _problem(data, error)


def _of_branches(data: MarkedMap, error: ValidationError) -> Iterator[Problem]:
    """Tell what is wrong with the one branch that was meant, if that is clear."""
    schema: Any = error.schema
    branches: dict[Any, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.schema_path[0], []).append(each)
    meant = [each for each in branches.values() if not any(_is_another_sort(one, error) for one in each)]
    if len(meant) == 1:
        for each in meant[0]:
            yield from _problems(data, each)
        return
    wanted = " or ".join(dict.fromkeys(_wanted(branch) for branch in schema["anyOf"] if _wanted(branch)))
    yield _wrong_type(data, error, wanted or "something else")


def _is_another_sort(error: ValidationError, whole: ValidationError) -> bool:
    """Whether an error says that the value is of another type than the branch wants."""
    return len(error.absolute_path) == len(whole.absolute_path) and error.validator in ("type", "const")


def _wanted(branch: Any) -> str:
    """Say in words what a branch wants; `nothing` goes without saying."""
    if "enum" in branch or "const" in branch:
        return f"one of {', '.join(map(str, branch.get('enum', [branch.get('const')])))}"
    return _WORDS.get(branch.get("type", ""), "") if branch.get("type") != "null" else ""


def _unknown_keys(data: MarkedMap, error: ValidationError) -> Iterator[Problem]:
    schema: Any = error.schema
    instance: Any = error.instance
    known = list(schema["properties"])
    for key in instance:
        if key not in known:
            place = place_of(data, [*error.absolute_path, key], key=True)
            yield Problem(place, "E202", f"unknown key '{key}'", hint_for(key, known))


def _problem(data: MarkedMap, error: ValidationError) -> Problem:
    place = place_of(data, list(error.absolute_path))
    match error.validator:
        case "required":
            return _missing(data, error)
        case "type":
            return _wrong_type(data, error, _wanted({"type": error.validator_value}))
        case "enum" | "const":
            return _not_one_of(data, error)
        case "pattern" if _is_language(error):
            hint = "a language is written like en, zh or zh-CN"
            return Problem(place, "E210", f"'{error.instance}' is not a language", hint)
        case "pattern":
            return _wrong_pattern(data, error)
        case _:
            return Problem(place, "E207", f"{_subject(error)} {_out_of_bounds(error)}")


def _missing(data: MarkedMap, error: ValidationError) -> Problem:
    schema: Any = error.schema
    required: Any = error.validator_value
    present = set(cast("dict[str, Any]", error.instance))
    missing = next(name for name in required if f"'{name}'" in error.message and name not in present)
    misspelt = nearest(missing, present - set(schema["properties"]))
    hint = f"is '{misspelt}' meant to be it?" if misspelt else ""
    return Problem(place_of(data, list(error.absolute_path)), "E203", f"missing key '{missing}'", hint)


def _wrong_type(data: MarkedMap, error: ValidationError, wanted: str) -> Problem:
    found = error.instance
    hint = ""
    if "true or false" in wanted and isinstance(found, str):
        hint = "write true or false; yes, no, on and off are text"
    elif "text" in wanted and isinstance(found, (bool, int, decimal.Decimal)):
        hint = f'to mean text, put it in quotes: "{found}"'
    elif wanted == "a list" and isinstance(found, dict):
        hint = "begin each item with '- '"
    place = place_of(data, list(error.absolute_path))
    return Problem(place, "E204", f"{_subject(error)} wants {wanted}, found {_shown(found)}", hint)


def _not_one_of(data: MarkedMap, error: ValidationError) -> Problem:
    place = place_of(data, list(error.absolute_path))
    schema: Any = error.schema
    allowed = [str(each) for each in schema.get("enum", [schema.get("const")])]
    hint = hint_for(error.instance, allowed) if isinstance(error.instance, str) else f"there is: {', '.join(allowed)}"
    if schema.get(NAMES) == "field type":
        return Problem(place, "E201", f"unknown field type {_shown(error.instance)}", hint)
    return Problem(place, "E205", f"{_subject(error)} cannot be {_shown(error.instance)}", hint)


def _is_language(error: ValidationError) -> bool:
    return error.validator_value == LANGUAGE


def _wrong_pattern(data: MarkedMap, error: ValidationError) -> Problem:
    place = place_of(data, list(error.absolute_path))
    if str(error.validator_value).startswith("^[a-z][a-z0-9_]"):
        return Problem(place, "E206", f"'{error.instance}' cannot be a name", NAME_HINT)
    pattern = str(error.validator_value)
    hint = f"it is written {PATTERNS.get(pattern, f'as {pattern}')}"
    return Problem(place, "E206", f"{_subject(error)} cannot be '{error.instance}'", hint)


_BOUNDS = {
    "minLength": "is shorter than {bound} characters",
    "maxLength": "is longer than {bound} characters",
    "minimum": "is less than {bound}",
    "maximum": "is more than {bound}",
    "exclusiveMinimum": "is not more than {bound}",
    "exclusiveMaximum": "is not less than {bound}",
    "minItems": "has fewer than {bound} items",
    "maxItems": "has more than {bound} items",
    "minProperties": "is empty",
    "uniqueItems": "has an item twice",
}


def _out_of_bounds(error: ValidationError) -> str:
    if error.validator in ("minItems", "minLength", "minProperties") and not error.instance:
        return "is empty"
    said = _BOUNDS.get(str(error.validator), "does not fit")
    value = "" if isinstance(error.instance, (dict, list, str)) else f"{error.instance} "
    return f"{value}{said.format(bound=error.validator_value)}"


def _subject(error: ValidationError) -> str:
    """Name the key that an error is about."""
    names: Iterable[Any] = reversed(error.absolute_path)
    key = next((each for each in names if isinstance(each, str)), None)
    if error.absolute_path and isinstance(error.absolute_path[-1], int):
        return f"an item of '{key}'"
    return f"'{key}'" if key else "the file"


def _shown(value: Any) -> str:
    """Show what was found, short."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case int() | decimal.Decimal():
            return f"the number {value}"
        case _:
            text = str(value)
            return f"'{text if len(text) <= 60 else text[:60] + '…'}'"
