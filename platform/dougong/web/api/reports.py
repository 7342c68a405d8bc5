"""datasets as JSON, CSV and XLSX"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.features.reports import parameters
from dougong.features.reports import service as reports
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call) -> Response:
    """Give the reports that the caller may run."""
    reading.parameters(call.request, ())
    found = [
        {"name": each.name, "label": each.shown_label().show(ctx.locale), "object": each.object}
        for each in reports.visible(ctx)
    ]
    return showing.answer({"reports": found})


def show(ctx: Context, call: Call, name: str) -> Response:
    """Run a report under the caller's rights."""
    report = ctx.catalog.find(Report, name)
    if report is None or not reports.may_run(ctx, report):
        raise NotFound(Message("There is no report '{name}' for you.", code="unknown_report", name=name[:100]))
    given = reading.parameters(call.request, ("format", *parameters.names(report)))
    form = reading.one_of(given, "format", reports.FORMS, default="json")
    asked: Mapping[str, str] = {key: value for key, value in given.items() if key != "format"}
    if form == "json":
        return showing.answer(reports.run(ctx, name, asked).as_data())
    file = reports.write(ctx, name, asked, form=form)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, content_type=file.media_type, headers=headers)
