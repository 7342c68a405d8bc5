"""a print as an answer: a page that may do nothing, or a PDF file that the browser shows"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from dougong.base.templating import Templates
from dougong.features.printing import service as printing
from dougong.features.printing.service import Sheet

FORMS = ("pdf", "html")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a printed page may do: nothing, whatever its author wrote."""


def written(sheet: Sheet, templates: Templates, form: str) -> Response:
    """Answer with a print as HTML or as PDF."""
    if form == "html":
        answered = Response(printing.as_html(sheet, templates), content_type="text/html; charset=utf-8")
    else:
        answered = Response(printing.as_pdf(sheet, templates), content_type="application/pdf")
        answered.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(sheet.name)}.pdf"
    answered.headers["Content-Security-Policy"] = _POLICY
    return answered
