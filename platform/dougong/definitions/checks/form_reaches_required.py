"""E412: a form for new records leaves out a required field

A person could fill in the whole form and still not be able to save.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E412"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the forms for new records."""
    for form in linked.of(Form):
        definition = linked.find(Object, form.object)
        if not form.for_new or definition is None:
            continue
        reached = {field.name for section in form.sections for field in section.fields}
        for field in definition.fields:
            is_filled = field.default is not None or field.default_expr is not None or field.is_computed
            if field.required and not is_filled and field.name not in reached:
                said = f"form '{form.name}' leaves out the required field '{field.name}'"
                hint = "add it to the form, or give it a default"
                yield Problem(linked.place(form, "sections", key=True), CODE, said, hint)
