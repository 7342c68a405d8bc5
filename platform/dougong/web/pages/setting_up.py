"""set up a list: choose its columns, and keep it as a view of one's own"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import InvalidRecord
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds import View
from dougong.features.views import service as own_views
from dougong.records import service as records
from dougong.web.pages.frame import answer, back_to, crumbs, frame, go
from dougong.web.pages.lists import Opened, opened
from dougong.web.pages.route import Visit
from dougong.web.present import address, filters
from dougong.web.present.setup import ColumnChoice, ColumnsPage, OwnView, OwnViewsPage
from dougong.web.present.value import at_path

# ---- columns ---------------------------------------------------------------------------------------------------------


def columns(ctx: Context, visit: Visit, name: str) -> Response:
    """Offer the columns of a list."""
    found = opened(ctx, visit, name)
    heading = Message("Columns").show(found.seen.locale)
    asked = found.asked
    page = ColumnsPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(found.seen, found.model), search_in=name),
        heading=heading,
        action=f"{address.listing(name)}/columns",
        hidden=(("next", asked.href(name, cols="")),),
        columns=_offered(ctx, found),
        back_href=asked.href(name),
        reset_href=asked.href(name, cols=""),
    )
    return answer(visit, "columns.html", page, locale=found.seen.locale)


def choose_columns(ctx: Context, visit: Visit, name: str) -> Response:
    """Lead to the list with the chosen columns in its address."""
    sent = visit.request.form
    chosen = [each for each in sent.getlist("on") if each.replace(".", "_").isidentifier()]
    places = {each: sent.get(f"place.{each}", "") for each in chosen}
    chosen.sort(key=lambda each: int(places[each]) if places[each].isdigit() and len(places[each]) < 5 else 9999)
    widths = {each: sent.get(f"width.{each}", "") for each in chosen}
    said = ",".join(f"{each}:{widths[each]}" if widths[each].isdigit() else each for each in chosen)
    back = back_to(visit, address.listing(name))
    return go(f"{back}{'&' if '?' in back else '?'}cols={said}" if said else back)


def _offered(ctx: Context, found: Opened) -> tuple[ColumnChoice, ...]:
    """Give the columns there may be: those of the list in their order, then the other fields."""
    shown = {column.name: column for column in found.asked.view.columns}
    own = [field.name for field in records.readable(ctx, found.model.name) if field.type.lines() is None]
    names = dict.fromkeys((*(name for name in shown if name.split(".")[0] in found.readable), *own))
    offered: list[ColumnChoice] = []
    for name in names:
        at = at_path(ctx.catalog, found.model.name, name)
        if at is None or name == "id":
            continue
        column = shown.get(name)
        label = (column.label if column and column.label else at[0].shown_label()).show(found.seen.locale)
        width = str(column.width) if column and column.width else ""
        offered.append(ColumnChoice(name, label, len(offered) + 1, width, column is not None))
    return tuple(offered)


# ---- views of one's own ----------------------------------------------------------------------------------------------


def views(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the person's own views of an object, and offer to keep the list as it is."""
    return _views_page(ctx, visit, opened(ctx, visit, name))


def change_views(ctx: Context, visit: Visit, name: str) -> Response:
    """Keep the list as it is as a view of one's own, or rename, delete or open one first."""
    found = opened(ctx, visit, name)
    sent = visit.request.form
    do, which = sent.get("do", "save"), sent.get("which", "")
    label = sent.get("label", "").strip()
    try:
        with ctx.savepoint():
            match do:
                case "rename":
                    own_views.rename(ctx, name, which, label)
                case "delete":
                    own_views.delete(ctx, name, which)
                case "first" | "not_first":
                    own_views.open_first(ctx, name, which, is_default=do == "first")
                case _:
                    kept = own_views.save(ctx, name, label, _said(found), is_default=bool(sent.get("is_default")))
                    return go(address.listing(name, view=kept.view.name), "stored", label)
    except InvalidRecord as error:
        problem = " ".join(message.show(ctx.locale) for some in error.by_field.values() for message in some)
        return _views_page(ctx, visit, found, label=label, problem=problem)
    return go(f"{address.listing(name)}/views")


def _said(found: Opened) -> dict[str, Any]:
    """Say how the list differs from the view that it began with."""
    asked = found.asked
    base = asked.view.name
    said: dict[str, Any] = {"base": base}
    where = filters.together(asked.view.where, found.narrowed, asked.expression)
    if base.startswith(own_views.PREFIX):
        said["columns"] = _columns(asked.view)
        said.pop("base")
    elif "cols" in asked.kept:
        said["columns"] = _columns(asked.view)
    if where and (where != asked.view.where or "base" not in said):
        said["where"] = where
    sort = [asked.sort] if asked.sort else list(asked.view.sort)
    if asked.sort or "base" not in said:
        said["sort"] = sort
    return said


def _columns(view: View) -> list[dict[str, Any]]:
    return [column.model_dump(mode="json", exclude_none=True) for column in view.columns]


def _views_page(ctx: Context, visit: Visit, found: Opened, *, label: str = "", problem: str = "") -> Response:
    name, seen = found.model.name, found.seen
    heading = Message("My views").show(seen.locale)
    query = found.asked.href(name).partition("?")[2]
    page = OwnViewsPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, found.model), search_in=name),
        heading=heading,
        action=f"{address.listing(name)}/views{'?' + query if query else ''}",
        views=tuple(
            OwnView(
                own.record.id,
                own.view.shown_label().show(seen.locale),
                address.listing(name, view=own.view.name),
                own.is_default,
            )
            for own in own_views.kept(ctx, name)
        ),
        back_href=found.asked.href(name),
        name=label,
        problem=problem,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return answer(visit, "own_views.html", page, locale=seen.locale, status=status)
