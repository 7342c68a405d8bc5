"""a template: how a record or a list is printed"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, Name, Part, Refers

Of = Literal["record", "list"]


class Paper(Part):
    """The paper that something is printed on."""

    size: Literal["A3", "A4", "A5", "letter", "legal"] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"
    margin_mm: int = Field(default=18, ge=5, le=60, description="Millimetres around what is printed.")


class Template(Definition):
    """How a record or a list is printed, as HTML and PDF, under the rights of who prints; it needs the verb `print`.

    The body shows values as the reader sees them: `{{ record.name }}`, `{% for line in record.lines %}`,
    `{{ label("amount") }}`, `{{ total("lines.amount") }}`; of a list `{% for row in rows %}` and `{{ table }}`.
    """

    KIND: ClassVar[str] = "template"
    FOLDER: ClassVar[str] = "templates"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it prints.")
    of: Of = Field(default="record", description="`record`: one record; `list`: the rows of a view.")
    page: Paper = Field(default=Paper(), description="The paper.")
    position: int = Field(default=100, description="Templates are offered in this order.")
    body: Text = Field(description="HTML with places for values, by language.")
