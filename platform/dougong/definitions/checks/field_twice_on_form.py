"""W506: a field that stands twice on one form

The second one shows what is entered in the first, and only one of them is saved.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.form import Form
from dougong.definitions.linked import Linked

CODE = "W506"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the fields of all forms."""
    for form in linked.of(Form):
        first: dict[str, str] = {}
        for at, section in enumerate(form.sections):
            for position, field in enumerate(section.fields):
                other = first.setdefault(field.name, section.name)
                if other != section.name:
                    place = linked.place(form, "sections", at, "fields", position, "name")
                    yield Problem(place, CODE, f"field '{field.name}' stands in section '{other}' already", "keep one")
