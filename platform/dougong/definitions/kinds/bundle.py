"""a bundle: definitions installed and versioned together"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import LANGUAGE, Definition, Merges, Name, Part, Refers


class Requirement(Part):
    """Another bundle that this one stands on."""

    name: Annotated[Name, Refers("bundle")]
    version: str = Field(default="", description="A range such as '>=1.2,<2'; blank: any.")


class Bundle(Definition):
    """What `bundle.yaml` says: name, version and what it stands on."""

    KIND: ClassVar[str] = "bundle"
    FOLDER: ClassVar[str] = "."

    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="Like 1.2.0; a higher one is newer.")
    language: str = Field(
        default="en", pattern=LANGUAGE, description="The language of plain texts in this bundle (BCP 47)."
    )
    requires: Annotated[tuple[Requirement, ...], Merges("name")] = Field(
        default=(), description="The bundles it stands on; `system` goes without saying."
    )
    prefix: Name | None = Field(default=None, description="How the names of a bundle from outside begin.")
    licence: str | None = Field(default=None, description="Such as Apache-2.0.")
    author: Text | None = Field(default=None, description="Who made it.")
