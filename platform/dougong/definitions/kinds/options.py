"""options: a list of choices that several fields share"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from dougong.definitions.kinds.parts import Definition, Merges
from dougong.sdk.field_type import Option

ROLES = "roles"
"""The reserved name under which a field chooses from the roles that there are; no definition may have it."""


class Options(Definition):
    """A list of choices that several fields share."""

    KIND: ClassVar[str] = "options"
    FOLDER: ClassVar[str] = "options"

    entries: Annotated[tuple[Option, ...], Merges("name")] = Field(default=(), description="In their order.")
