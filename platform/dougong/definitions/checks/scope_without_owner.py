"""E420: a grant reaches records by their owner, where records have none

Only objects of nature `record` have an owner and a unit; a grant on others has scope `all` or `expression`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.access import PermissionSet
from dougong.definitions.linked import Linked

CODE = "E420"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the scopes of all grants."""
    for definition in linked.of(PermissionSet):
        for position, grant in enumerate(definition.grants):
            nature = linked.nature(grant.object)
            if nature in ("link", "event", "external") and grant.scope in ("own", "unit", "unit_and_below"):
                place = linked.place(definition, "grants", position, "scope")
                said = f"records of '{grant.object}' have no owner, so scope '{grant.scope}' reaches none"
                yield Problem(place, CODE, said, "write `scope: all`, or `expression` with `where`")
