"""plain data into a kind's model, defaults filled in"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from dougong.base.errors import UnknownName
from dougong.base.problems import Problem
from dougong.definitions.kinds import KINDS
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.layers import Effective
from dougong.definitions.marked import MarkedMap, place_of
from dougong.sdk.extensions import Extensions


def structure(
    effective: Effective, *, language: str, extensions: Extensions
) -> tuple[Definition | None, list[Problem]]:
    """Make the model of one definition; None where its data does not allow it."""
    data = effective.data
    content = {**data, "place": place_of(data, ()), "bundle": effective.layer}
    context = {"language": language, "field_types": extensions.field_types, "actions": extensions.actions}
    try:
        definition = KINDS[data["kind"]].model_validate(content, context=context)
    except ValidationError as error:
        return None, sorted(set(_problems(data, error, ())))
    except UnknownName as error:
        return None, [Problem(place_of(data, ()), "E201", str(error))]
    return (_within(definition) if isinstance(definition, Object) else definition), []


def _within(definition: Object) -> Object:
    """Tell field types the object they stand in; most do not care."""
    fields = []
    for field in definition.fields:
        placed = field.type.within(definition.name)
        fields.append(field if placed is field.type else field.model_copy(update={"type": placed}))
    if all(new is old for new, old in zip(fields, definition.fields, strict=True)):
        return definition
    return definition.model_copy(update={"fields": tuple(fields)})


def _problems(data: MarkedMap, error: ValidationError, within: tuple[Any, ...]) -> Iterator[Problem]:
    """Say in our words what the model refuses; a field type's own refusal is an error within an error."""
    found = error.errors(include_url=False)
    for each in found:
        path = (*within, *each["loc"])
        if each["type"] == "too_short" and any(
            other["loc"][: len(each["loc"])] == each["loc"] for other in found if other is not each
        ):
            continue  # its items were refused, and that is said of them
        inner = each.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            yield from _problems(data, inner, path)
            continue
        said = each["msg"].removeprefix("Value error, ")
        said = said[:1].lower() + said[1:]
        key = path[-1] if path and isinstance(path[-1], str) else ""
        yield Problem(place_of(data, path), "E209", said if inner or not key else f"'{key}': {said}")
