"""run a report"""

from __future__ import annotations

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.features.reports import service as reports
from dougong.records import service as records
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import chart


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Run a report and show its table and chart."""
    report = ctx.catalog.find(Report, name)
    if report is None or not records.may(ctx, "read", report.object):
        raise NotFound(Message("There is no such report, or it is not yours to see.", code="not_found"))
    dataset = reports.run(ctx, name)
    seen = look(ctx)
    page = chart.report_page(
        seen,
        report,
        dataset,
        frame=frame(
            ctx, visit, report.shown_label().show(seen.locale), search_in=report.object, with_chart=bool(dataset.chart)
        ),
        may_export=records.may(ctx, "export", report.object),
    )
    return answer(visit, "report.html", page, locale=seen.locale)
