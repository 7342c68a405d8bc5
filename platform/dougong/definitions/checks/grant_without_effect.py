"""W503: a grant that grants nothing

What it gives is given by the same permission set already, or it is about lines, which are read and written with
the record they belong to.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.access import Grant, PermissionSet
from dougong.definitions.linked import Linked

CODE = "W503"
_WITHIN = {
    "expression": ("all",),
    "own": ("own", "all"),
    "unit": ("unit", "unit_and_below", "all"),
    "unit_and_below": ("unit_and_below", "all"),
    "all": ("all",),
}
"""The scopes that reach whatever a scope reaches. What one owns may be of another unit."""


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all grants."""
    for definition in linked.of(PermissionSet):
        for position, grant in enumerate(definition.grants):
            place = linked.place(definition, "grants", position, "name")
            if linked.nature(grant.object) == "child" and grant.fields is None and not grant.reveal:
                hint = "grant verbs on the object that holds the lines; here only `fields` or `reveal` say something"
                yield Problem(place, CODE, f"grant '{grant.name}' is about lines and grants nothing", hint)
                continue
            wider = next((each for each in definition.grants if each is not grant and _covers(each, grant)), None)
            if wider is not None:
                said = f"grant '{grant.name}' grants nothing that '{wider.name}' does not"
                yield Problem(place, CODE, said, "delete it, or widen it")


def _covers(wide: Grant, narrow: Grant) -> bool:
    """Whether one grant gives all that another gives, and more."""
    if wide.object not in (narrow.object, "*") or not set(narrow.verbs) <= set(wide.verbs):
        return False
    if wide.where is not None or wide.fields is not None or not set(narrow.reveal) <= set(wide.reveal):
        return False
    if wide.scope not in _WITHIN[narrow.scope]:
        return False
    is_narrower = narrow.where is not None or narrow.fields is not None or set(narrow.reveal) < set(wide.reveal)
    return wide.scope != narrow.scope or set(wide.verbs) > set(narrow.verbs) or is_narrower
