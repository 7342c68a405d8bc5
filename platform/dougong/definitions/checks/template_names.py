"""E461: a print template names what there is not

A body names fields of its object: `record.customer`, what a lookup leads to: `record.customer.name`, the fields of
lines: `line.product` inside of `for line in record.lines`, and of a list `row.name` inside of `for row in rows`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.bodies import Body
from dougong.base.problems import Problem
from dougong.definitions import printed
from dougong.definitions.checks.template_body import texts
from dougong.definitions.kinds.template import Template
from dougong.definitions.linked import Linked

CODE = "E461"


def problems(linked: Linked) -> Iterator[Problem]:
    """Follow the names of all templates."""
    for template in linked.of(Template):
        if template.object not in linked.fields:
            continue
        if linked.nature(template.object) == "child":
            parent = linked.parents.get(template.object)
            hint = f"print '{parent[0]}', which holds them" if parent else ""
            said = f"'{template.object}' are lines, which are not printed alone"
            yield Problem(linked.place(template, "object"), CODE, said, hint)
            continue
        for path, text in texts(linked, template):
            body = Body(text)
            if not body.troubles:
                for wrong in printed.unknown(body, template.of, template.object, lambda name: linked.fields[name]):
                    place = linked.place_in_text(template, path, text, wrong.at)
                    yield Problem(place, CODE, wrong.message, wrong.hint)
