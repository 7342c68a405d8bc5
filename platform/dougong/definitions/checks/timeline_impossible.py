"""E424: a timeline of a form names what cannot stand in it

What stands in a timeline is a related list, named by the object and the lookup that lead here (`follow_up_customer`),
at a date or moment of its records.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.linked import Linked

CODE = "E424"
DATES = ("date", "moment")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the timelines of forms."""
    for form in linked.of(Form):
        if not form.timeline or form.object not in linked.fields:
            continue
        known = {
            f"{definition.name}_{field.name}": definition.name
            for definition in linked.of(Object)
            for field in definition.fields
            if field.type.lookup() == form.object and definition.nature != "child"
        }
        for position, each in enumerate(form.timeline):
            if each.name not in known:
                said = f"'{form.object}' has no related list '{each.name}'"
                place = linked.place(form, "timeline", position, "name")
                yield Problem(place, CODE, said, hint_for(each.name, known))
            elif each.by is not None:
                dates = [name for name, field in linked.fields[known[each.name]].items() if _is_date(field)]
                if each.by not in dates:
                    said = f"'{known[each.name]}' has no date or moment '{each.by}'"
                    place = linked.place(form, "timeline", position, "by")
                    yield Problem(place, CODE, said, hint_for(each.by, dates))


def _is_date(field: Field) -> bool:
    kind = field.type.expression_type()
    return kind is not None and kind.sort in DATES
