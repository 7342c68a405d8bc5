"""records on paper, for programs: a PDF file, or the HTML it is made from"""

from __future__ import annotations

from flask import Response

from dougong.base.templating import Templates
from dougong.context import Context
from dougong.features.printing import service as printing
from dougong.web.api import reading, showing
from dougong.web.papers import FORMS, written
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Give the templates that the caller may print a record with."""
    reading.parameters(call.request, ())
    found = [{"name": each.name, "label": each.label} for each in printing.offered(ctx, name, "record")]
    return showing.answer({"templates": found})


def show(ctx: Context, call: Call, name: str, record_id: str, template: str) -> Response:
    """Print one record."""
    given = reading.parameters(call.request, ("format",))
    form = reading.one_of(given, "format", FORMS, default="pdf")
    sheet = printing.record(ctx, name, record_id, template)
    return written(sheet, Templates(call.engine.settings.templates), form)
