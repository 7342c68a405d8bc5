"""print a record or a list: as a page for the browser's own printing, or as a PDF file"""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.view import ViewColumn
from dougong.features.printing import service as printing
from dougong.features.printing.service import Column, Listed
from dougong.records.query import Query
from dougong.web.pages.lists import Opened, opened, reading
from dougong.web.pages.route import Visit
from dougong.web.papers import FORMS, written
from dougong.web.present import address, listing
from dougong.web.present.page import Link
from dougong.web.present.value import Look


def record(ctx: Context, visit: Visit, name: str, record_id: str, template: str) -> Response:
    """Print one record."""
    sheet = printing.record(ctx, name, record_id, template)
    return written(sheet, visit.templates, form_of(visit.request.args.get("format", "pdf")))


def rows(ctx: Context, visit: Visit, name: str) -> Response:
    """Print the list as it is filtered now."""
    ctx = reading(ctx, visit)
    template = visit.request.args.get("template", "") or printing.THIS_LIST
    form = form_of(visit.request.args.get("format", "pdf"))
    found = opened(ctx, visit, name)
    sheet = printing.rows(ctx, name, template, listed(ctx, found))
    return written(sheet, visit.templates, form)


def form_of(asked: str) -> str:
    """Read as what to print, or raise `BadRequest`."""
    if asked not in FORMS:
        said = "A print is one of {known}, not '{form}'."
        raise BadRequest(Message(said, code="format", known=", ".join(FORMS), form=asked[:50]))
    return asked


def listed(ctx: Context, found: Opened) -> Listed:
    """Say what of a list is printed: its records in their order, under the columns of its view."""
    asked, seen = found.asked, found.seen
    query = Query(where=found.where(asked.expression), q=asked.words or None, sort=found.sort(ctx, asked.sort))
    return Listed(_title(found), query, columns(seen, found))


def columns(seen: Look, found: Opened) -> tuple[Column, ...]:
    """Give the columns of a list for paper; a view that has none is printed by its titles."""
    names = listing.paths(seen.catalog, found.asked.view, found.readable) or (found.model.title or "id",)
    view = found.asked.view
    known = {column.name: column for column in view.columns}
    shown = tuple(known.get(name) or ViewColumn(name=name) for name in names)
    asked = replace(found.asked, view=view.model_copy(update={"columns": shown}))
    heads = listing.head(seen, asked, names)
    return tuple(
        Column(listing.shown_path(seen, found.model.name, name), head.label, head.align)
        for name, head in zip(names, heads, strict=True)
    )


def _title(found: Opened) -> str:
    plural = found.model.definition.shown_plural().show(found.seen.locale)
    view = found.asked.view.shown_label().show(found.seen.locale)
    return plural if view == plural else f"{plural} · {view}"


def of_record(ctx: Context, name: str, record_id: str) -> tuple[Link, ...]:
    """Offer the templates of a record, as PDF and for the browser."""
    return tuple(
        Link(each.label, address.print_record(name, record_id, each.name), "file-text")
        for each in printing.offered(ctx, name, "record")
    )


def of_list(ctx: Context, found: Opened) -> tuple[Link, ...]:
    """Offer the templates of a list, with what it is filtered by now."""
    name = found.model.name
    here = found.asked.href(name).replace(address.listing(name), address.print_list(name), 1)
    start = f"{here}{'&' if '?' in here else '?'}template="
    return tuple(Link(each.label, f"{start}{each.name}", "file-text") for each in printing.offered(ctx, name, "list"))
