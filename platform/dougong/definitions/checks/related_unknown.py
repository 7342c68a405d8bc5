"""E418: a form names a related list that there is not

A related list is named by the object and the lookup that lead here: `follow_up_customer` are the follow-ups whose
`customer` is this record.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E418"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the related lists of forms."""
    for form in linked.of(Form):
        if not form.related or form.object not in linked.fields:
            continue
        known = [
            f"{definition.name}_{field.name}"
            for definition in linked.of(Object)
            for field in definition.fields
            if field.type.lookup() == form.object and definition.nature != "child"
        ]
        for position, name in enumerate(form.related):
            if name not in known:
                said = f"'{form.object}' has no related list '{name}'"
                yield Problem(linked.place(form, "related", position), CODE, said, hint_for(name, known))
