"""run a report"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.report import Parameter
from dougong.features.reports import parameters
from dougong.features.reports import service as reports
from dougong.features.reports.parameters import Chosen
from dougong.records import references
from dougong.records import service as records
from dougong.web.pages.forms import first_choices
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import chart, form, posted
from dougong.web.present.value import Look


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Run a report and show its table and chart."""
    report = ctx.catalog.find(Report, name)
    if report is None or not records.may(ctx, "read", report.object):
        raise NotFound(Message("There is no such report, or it is not yours to see.", code="not_found"))
    seen = look(ctx)
    given, typed = _given(ctx, visit, report)
    chosen = parameters.choose(ctx, report, given)
    errors = {**chosen.errors, **typed.errors()}
    chosen = replace(chosen, errors=errors)
    where = _where(visit)
    dataset = None if errors else reports.run(ctx, name, where, chosen=chosen)
    page = chart.report_page(
        seen,
        report,
        dataset,
        frame=frame(
            ctx,
            visit,
            report.shown_label().show(seen.locale),
            search_in=report.object,
            with_chart=bool(dataset and dataset.chart),
        ),
        inputs=_inputs(ctx, seen, report, given, chosen, typed.typed),
        where=where.get(parameters.WHERE, ""),
        query=urlencode({**where, **_sent(report, given, chosen)}),
        may_export=records.may(ctx, "export", report.object),
    )
    return answer(visit, "report.html", page, locale=seen.locale)


def _given(ctx: Context, visit: Visit, report: Report) -> tuple[dict[str, Any], posted.Entries]:
    """Read what the form sent; a form that was not sent says nothing, so that defaults hold."""
    entries = posted.read_fields(_fields(report), visit.request.args)
    return dict(entries.values), entries


def _where(visit: Visit) -> dict[str, str]:
    asked = visit.request.args.get(parameters.WHERE, "").strip()
    return {parameters.WHERE: asked} if asked else {}


def _sent(report: Report, given: Mapping[str, Any], chosen: Chosen) -> dict[str, str]:
    """Give what was chosen as a program says it, for the files."""
    found = {}
    for each in report.parameters:
        if each.name in given:
            value = chosen.values[each.name]
            cell = "" if value is None else each.type.write_cell(value)
            found[each.name] = cell.isoformat() if isinstance(cell, dt.date) else str(cell)
    return found


def _fields(report: Report) -> tuple[Field, ...]:
    """Give the parameters as fields, for the widgets that enter those."""
    return tuple(
        Field(name=each.name, type=each.type, label=each.shown_label(), help=each.help, required=each.required)
        for each in report.parameters
    )


def _inputs(
    ctx: Context,
    seen: Look,
    report: Report,
    given: Mapping[str, Any],
    chosen: Chosen,
    typed: Mapping[str, str],
) -> tuple[form.Input, ...]:
    """Present the parameters to enter, with what holds now."""
    titles: dict[str, str] = {}
    choices: dict[str, Sequence[tuple[str, str]]] = {}
    for each in report.parameters:
        target = each.type.lookup()
        if target and seen.can_open(target):
            value = chosen.values[each.name]
            titles |= references.titles(ctx, target, [value] if value else [])
            choices[target] = first_choices(ctx, seen, target, "")
    seen = seen.with_titles(titles)
    entries = {
        each.name: _entry(seen, each, given.get(each.name), chosen.values[each.name]) for each in report.parameters
    }
    # What was opened and not yet sent is not wrong: what must be chosen is asked for, without complaint.
    errors = chosen.errors if given else {}
    sheet = form.Sheet(entries, errors=errors, typed=typed, choices=choices, titles=titles)
    return form.entered(seen, _fields(report), sheet)


def _entry(seen: Look, each: Parameter, raw: Any, value: Any) -> Any:
    """Give what stands in a widget: the value as people write it, or what could not be read."""
    return each.type.entry(value, seen.showing) if value is not None else raw
