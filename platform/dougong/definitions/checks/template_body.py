"""E460: a body that cannot be printed

A body is HTML with places for values. It shows values, asks whether they are there and goes through lines; it computes
nothing, includes nothing, and has nothing in it that would run in a browser or fetch something.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.bodies import Body
from dougong.base.problems import Problem
from dougong.definitions.kinds.template import Template
from dougong.definitions.linked import Linked

CODE = "E460"


def problems(linked: Linked) -> Iterator[Problem]:
    """Read the bodies of all templates."""
    for template in linked.of(Template):
        for path, text in texts(linked, template):
            for trouble in Body(text).troubles:
                place = linked.place_in_text(template, path, text, trouble.at)
                yield Problem(place, CODE, trouble.message, trouble.hint)


def texts(linked: Linked, template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give the bodies of a template, each with where it stands."""
    data = linked.layers.effective[template.kind, template.name].data
    is_one = isinstance(data.get("body"), str)
    for language, text in template.body.by_language.items():
        yield (("body",) if is_one else ("body", language)), text
