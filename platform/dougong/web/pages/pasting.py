"""paste rows into a list: see what would become of them, correct the columns, and create them all"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import Response

from dougong.base.errors import BadRequest, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.exchange import pasting
from dougong.features.exchange.pasting import CellError, Pasted
from dougong.records import service as records
from dougong.web.pages.frame import answer, back_to, crumbs, frame, go, look
from dougong.web.pages.lists import object_of, opened
from dougong.web.pages.route import Visit
from dougong.web.present import address, listing
from dougong.web.present.filters import Choice
from dougong.web.present.paste import PastedCell, PastedRow, PastePage

SHOWN = 100
"""Rows that a preview shows: those with errors first."""


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Offer a field to paste into."""
    model = _may(ctx, name)
    found = opened(ctx, visit, name)
    shown = listing.paths(ctx.catalog, found.asked.view, found.readable)
    page = _page(ctx, visit, model, back=found.asked.href(name))
    return answer(visit, "paste.html", replace(page, shown=",".join(shown)), locale=found.seen.locale)


def act(ctx: Context, visit: Visit, name: str) -> Response:
    """Show what would become of the rows, or create them: all, or none."""
    model = _may(ctx, name)
    sent = visit.request.form
    text, shown = sent.get("text", ""), sent.get("shown", "")
    page = replace(_page(ctx, visit, model, back=back_to(visit, address.listing(name))), text=text, shown=shown)
    locale = look(ctx).locale
    try:
        pasted = _with_columns(ctx, name, pasting.read(ctx, name, text, shown.split(",")), sent.getlist("column"))
        if sent.get("step") == "do":
            errors, made = pasting.create(ctx, name, pasted)
            if not errors:
                return go(page.back_href, "pasted", str(made))
        else:
            errors = pasting.tried(ctx, name, pasted)
    except (BadRequest, NotAllowed) as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return answer(
            visit, "paste.html", replace(page, problem=error.message.show(locale)), locale=locale, status=status
        )
    filled = _filled(ctx, page, model, pasted, errors, locale)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors and sent.get("step") == "do" else HTTPStatus.OK
    return answer(visit, "paste.html", filled, locale=locale, status=status)


def _may(ctx: Context, name: str) -> ObjectModel:
    model = object_of(ctx, name)
    if not (records.may(ctx, "create", name) and records.may(ctx, "import", name)):
        raise NotAllowed(Message("You may see these records but not paste new ones.", code="not_allowed"))
    return model


def _page(ctx: Context, visit: Visit, model: ObjectModel, *, back: str) -> PastePage:
    seen = look(ctx)
    heading = Message("Paste rows into {objects}", objects=model.definition.shown_plural().show(seen.locale))
    title = heading.show(seen.locale)
    return PastePage(
        frame=frame(ctx, visit, title, crumbs=crumbs(seen, model), search_in=model.name),
        heading=title,
        action=f"{address.listing(model.name)}/paste",
        back_href=back,
    )


def _with_columns(ctx: Context, name: str, pasted: Pasted, chosen: Sequence[str]) -> Pasted:
    """Take the columns that the person chose, where they did."""
    if len(chosen) != len(pasted.fields):
        return pasted
    known = pasting.writable_names(ctx, name)
    taken = [each if each in known and each not in chosen[:at] else "" for at, each in enumerate(chosen)]
    return replace(pasted, fields=tuple(taken))


def _filled(
    ctx: Context, page: PastePage, model: ObjectModel, pasted: Pasted, errors: Sequence[CellError], locale: str
) -> PastePage:
    at: dict[tuple[int, int | None], str] = {}
    for error in errors:
        key = (error.row, error.column)
        at[key] = " ".join(each for each in (at.get(key), error.message.show(locale)) if each)
    wrong = sorted({error.row for error in errors})
    first = [*wrong, *(row for row in range(len(pasted.rows)) if row not in set(wrong))][:SHOWN]
    rows = tuple(
        PastedRow(
            row + 1,
            tuple(PastedCell(text, at.get((row, column), "")) for column, text in enumerate(pasted.rows[row])),
            at.get((row, None), ""),
        )
        for row in first
    )
    names = pasting.writable_names(ctx, model.name)
    columns = tuple(
        tuple(Choice(name, model.field(name).shown_label().show(locale), name == field) for name in names)
        for field in pasted.fields
    )
    return replace(
        page,
        columns=columns,
        rows=rows,
        count=len(pasted.rows),
        wrong=len(wrong),
        has_header=pasted.has_header,
    )
