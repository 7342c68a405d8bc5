"""the list of an object, and what a lookup is offered while one types"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass

from flask import Response

from dougong.base.errors import BadRequest, NotFound
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions.errors import ExpressionError
from dougong.features.exchange import writing
from dougong.records import service as records
from dougong.records.query import Page, Query
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, filters, listing
from dougong.web.present.listing import Asked, ListPage
from dougong.web.present.page import Search
from dougong.web.present.value import Cell, Look, at_path, cell

SUGGESTIONS = 10
SPOOLED = 4 * 1024 * 1024
"""An export up to this size stays in memory, a larger one goes to a file."""
_WORD = re.compile(r"\w+|.")


@dataclass(frozen=True)
class Suggestion:
    """One record that a lookup may point to."""

    value: str
    """Its id."""
    label: str
    """Its title."""
    more: str = ""
    """Its subtitle."""


@dataclass(frozen=True)
class Suggestions:
    """What a lookup is offered while one types."""

    options: tuple[Suggestion, ...]
    """The nearest records."""


def object_of(ctx: Context, name: str) -> ObjectModel:
    """Give the object of an address, if this person may read any of its records."""
    model = ctx.catalog.objects.get(name)
    if model is None or model.nature == "child" or not records.may(ctx, "read", name):
        raise NotFound(Message("There is no such list, or it is not yours to see.", code="not_found"))
    return model


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the list of an object."""
    model = object_of(ctx, name)
    asked = listing.asked(ctx.catalog, name, visit.request.args.to_dict())
    seen = look(ctx)
    readable = frozenset(field.name for field in records.readable(ctx, name))
    columns = listing.paths(ctx.catalog, asked.view, readable)
    offered = [each for each in asked.view.filters if each in readable]
    quick = filters.read(seen, name, offered, asked.filters)
    narrowed = filters.expression(ctx.catalog, name, quick, zone=ctx.actor.zone)
    found, trouble = _read(ctx, model, asked, columns, narrowed, readable)
    page = _page(ctx, visit, seen, model, asked, columns, quick, found, trouble)
    return answer(visit, "list.html", page, locale=seen.locale)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with what was asked, and where in it."""

    text: str
    """What is wrong, as a sentence."""
    at: int | None = None
    """Where in the expression; None where it is something else."""
    hint: str = ""
    """How to mend it."""


def _read(
    ctx: Context,
    model: ObjectModel,
    asked: Asked,
    columns: tuple[str, ...],
    narrowed: str | None,
    readable: frozenset[str],
) -> tuple[Page, Trouble | None]:
    """Read the page; where the expression makes no sense, say so and read without it."""
    wanted = dict.fromkeys(("id", *((model.title,) if model.title else ()), *columns))

    def page(expression: str, sort: str, cursor: str) -> Page:
        query = Query(
            where=filters.together(asked.view.where, narrowed, expression),
            q=asked.words or None,
            sort=(sort,) if sort else listing.sort_of(ctx.catalog, asked.view, readable),
            fields=tuple(wanted),
            limit=asked.size,
            cursor=cursor or None,
            count="to_limit",
        )
        return records.list(ctx, model.name, query)

    try:
        return page(asked.expression, asked.sort, asked.cursor), None
    except BadRequest as error:
        whole = filters.together(asked.view.where, narrowed, asked.expression) or ""
        trouble = _trouble(error, whole, asked.expression, ctx.locale)
    return page("", "", ""), trouble


def _trouble(error: BadRequest, whole: str, expression: str, locale: str) -> Trouble:
    """Say what is wrong, and where in what the person typed, which stands last in the whole condition."""
    cause = error.__cause__
    if not expression or not isinstance(cause, ExpressionError):
        return Trouble(error.message.show(locale))
    before = whole.rindex(expression)
    at = min(max(cause.at - before, 0), len(expression))
    return Trouble(cause.message.show(locale), at, cause.hint)


def _page(
    ctx: Context,
    visit: Visit,
    seen: Look,
    model: ObjectModel,
    asked: Asked,
    columns: tuple[str, ...],
    quick: tuple[filters.Filter, ...],
    found: Page,
    trouble: Trouble | None,
) -> ListPage:
    plural = model.definition.shown_plural().show(seen.locale)
    at = len(asked.expression) if trouble is None or trouble.at is None else trouble.at
    found_word = _WORD.match(asked.expression, at) if trouble else None
    mark = found_word.group() if found_word else ""
    hidden = (("view", "" if asked.is_first_view else asked.view.name), ("sort", asked.sort))
    said = (*hidden, ("size", str(asked.size) if asked.size != listing.SIZES[0] else ""))
    kept = tuple((name, value) for name, value in said if value)
    narrowing = (("where", asked.expression), *asked.filters.items())
    search = Search(address.listing(model.name), plural, asked.words, (*kept, *(each for each in narrowing if each[1])))
    return ListPage(
        frame=frame(ctx, visit, plural, search=search),
        object=model.name,
        label=model.definition.shown_label().show(seen.locale),
        plural=plural,
        icon=model.definition.icon or "table",
        action=address.listing(model.name),
        views=listing.view_links(seen, asked),
        filters=quick,
        hidden=(*kept, *((("q", asked.words),) if asked.words else ())),
        words=asked.words,
        expression=asked.expression,
        table=listing.table(seen, asked, columns, found.records),
        pager=listing.pager(asked, found, count=count_of(found, seen.locale)),
        problem=trouble.text if trouble else "",
        problem_hint=trouble.hint if trouble else "",
        problem_before=asked.expression[:at] if trouble else "",
        problem_mark=mark,
        problem_after=asked.expression[at + len(mark) :] if trouble else "",
        new_href=address.new(model.name) if records.may(ctx, "create", model.name) else "",
        export_href=_export_href(asked) if records.may(ctx, "export", model.name) and found.records else "",
        clear_href=address.listing(model.name, view=None if asked.is_first_view else asked.view.name),
        is_filtered=bool(asked.words or asked.expression or asked.filters),
    )


def _export_href(asked: Asked) -> str:
    return asked.href(asked.view.object).replace(
        address.listing(asked.view.object), address.export(asked.view.object), 1
    )


def export(ctx: Context, visit: Visit, name: str) -> Response:
    """Give the list as it is filtered now as a file that can be imported again."""
    object_of(ctx, name)
    asked = listing.asked(ctx.catalog, name, visit.request.args.to_dict())
    readable = frozenset(field.name for field in records.readable(ctx, name))
    offered = [each for each in asked.view.filters if each in readable]
    quick = filters.read(look(ctx), name, offered, asked.filters)
    where = filters.together(
        asked.view.where, filters.expression(ctx.catalog, name, quick, zone=ctx.actor.zone), asked.expression
    )
    sort = (asked.sort,) if asked.sort else listing.sort_of(ctx.catalog, asked.view, readable)
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 -- the answer closes it
    try:
        writing.export(ctx, name, file, where=where, q=asked.words or None, sort=sort)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    answered = Response(file, content_type="text/csv; charset=utf-8")
    answered.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answered.headers["Content-Length"] = str(size)
    answered.call_on_close(file.close)
    return answered


def count_of(found: Page, locale: str) -> str:
    """Say how many records there are."""
    if found.count is None:
        return ""
    more = "+" if found.more_than_count else ""
    if found.count == 1:
        return Message("1 record").show(locale)
    return Message("{count} records", count=f"{found.count:,}{more}").show(locale)


def suggest(ctx: Context, visit: Visit, name: str) -> Response:
    """Offer the records that a lookup may point to, by the words that are typed."""
    model = object_of(ctx, name)
    seen = look(ctx)
    words = visit.request.args.get(visit.request.args.get("name", "") + ".find", visit.request.args.get("q", ""))
    fields = tuple(dict.fromkeys(("id", *(each for each in (model.title, model.definition.subtitle) if each))))
    readable = {field.name for field in records.readable(ctx, name)}
    fields = tuple(each for each in fields if each.split(".")[0] in readable)
    query = Query(q=words.strip() or None, fields=fields, limit=SUGGESTIONS, sort=listing.by_title(model))
    found = records.list(ctx, name, query)
    options = tuple(_suggestion(seen, model, record) for record in found)
    return answer(visit, "suggest.html", Suggestions(options), locale=seen.locale)


def _suggestion(seen: Look, model: ObjectModel, record: records.Record) -> Suggestion:
    seen = seen.with_titles(record.titles)
    label = cell(seen, model.field(model.title), record.get(model.title)).text if model.title else record.id[-8:]
    subtitle = model.definition.subtitle
    found = at_path(seen.catalog, model.name, subtitle) if subtitle else None
    more = cell(seen, found[0], record.get(subtitle or "")) if found else None
    return Suggestion(record.id, label, _words(more) if more else "")


def _words(shown: Cell) -> str:
    return shown.text or ", ".join(badge.label for badge in shown.badges)
