"""build a filter: conditions in groups, checked here and handed to the list as one expression"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response

from dougong.base.text import Message
from dougong.context import Context
from dougong.records import service as records
from dougong.web.pages.frame import answer, crumbs, frame, go
from dougong.web.pages.lists import opened
from dougong.web.pages.route import Visit
from dougong.web.present import address, builder, filters
from dougong.web.present.builder import BuilderPage
from dougong.web.present.filters import Choice


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the filter as it is entered so far; `do=apply` leads to the list, where all of it can be read."""
    found = opened(ctx, visit, name)
    seen, model, asked = found.seen, found.model, found.asked
    sent = visit.request.args.to_dict()
    groups = builder.read(seen, model, sent, found.readable)
    any_group = sent.get("any") == "any"
    written = builder.expression(seen, model, groups, any_group=any_group)
    further = sent.get("further", asked.expression).strip()
    whole = filters.together(further, written) or ""
    problem = ""
    if sent.get("do") == "apply":
        is_wrong = any(row.error for group in groups for row in group.rows)
        if not is_wrong and (not whole or records.may_ask(ctx, name, whole)):
            return go(asked.href(name, where=whole))
        problem = Message("Correct what is marked, then apply the filter.").show(seen.locale)
    heading = Message("Build a filter").show(seen.locale)
    known = builder.fields_of(seen, model, found.readable)
    here = {"view": "" if asked.is_first_view else asked.view.name, "q": asked.words, "sort": asked.sort, **asked.kept}
    kept = {**here, **asked.filters}
    page = BuilderPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, model), search_in=name),
        heading=heading,
        action=f"{address.listing(name)}/filter",
        hidden=tuple((key, value) for key, value in kept.items() if value),
        fields=tuple(Choice(key, field.shown_label().show(seen.locale)) for key, field in known.items()),
        groups=groups,
        any=any_group,
        further=further,
        expression=written,
        back_href=asked.href(name),
        problem=problem,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return answer(visit, "build_filter.html", page, locale=seen.locale, status=status)
