"""E405: two objects that would share a physical table

`table` gives an object a table of a certain name: no two objects come to the same name, whatever its case, the
platform's own tables are left alone, and the history table's longer name fits too.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E405"
HISTORY = "__history"
LONGEST = 63
_KEPT = ("dougong_", "sqlite_", "pg_")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the tables of all objects."""
    taken: dict[str, str] = {}
    for definition in sorted(linked.of(Object), key=lambda each: each.table is not None):
        table = definition.table or f"d_{definition.name}"
        place = linked.place(definition, "table" if definition.table else "name")
        if table.casefold().startswith(_KEPT):
            yield Problem(place, CODE, f"tables named like '{table}' are not for objects", "choose another `table`")
        elif len(table + HISTORY) > LONGEST:
            hint = f"at most {LONGEST - len(HISTORY)} characters"
            yield Problem(place, CODE, f"the table '{table}' leaves no room for '{HISTORY}'", hint)
        for name in (table, table + HISTORY):
            other = taken.setdefault(name.casefold(), definition.name)
            if other != definition.name:
                yield Problem(place, CODE, f"the table '{name}' is taken by object '{other}'", "choose another `table`")
                break
