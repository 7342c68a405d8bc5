"""steps that are done in order: what buttons and automations have in common"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation, ValidationInfo

from dougong.definitions.kinds.parts import Merges
from dougong.sdk.action import Action


def _as_action(data: Any, info: ValidationInfo) -> Any:
    """Make an action of its name, under `do`, and its options."""
    if not isinstance(data, Mapping):
        return data
    options = {key: value for key, value in data.items() if key != "do"}
    kind = (info.context or {})["actions"].get(str(data.get("do")))
    return kind.model_validate(options, context=info.context)


Step = Annotated[SkipValidation[Action], BeforeValidator(_as_action)]

Steps = Annotated[
    tuple[Step, ...], Merges("name"), Field(min_length=1, max_length=50, description="What is done, in order.")
]
