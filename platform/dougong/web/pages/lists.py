"""the list of an object, and what a lookup is offered while one types"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import IO, Any

from flask import Response
from werkzeug.datastructures import MultiDict

from dougong.base.errors import BadRequest, NotFound
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.view import ColourRule, Gallery, ViewColumn
from dougong.expressions.errors import ExpressionError
from dougong.expressions.tree import Node
from dougong.features.exchange import writing
from dougong.features.views import service as own_views
from dougong.records import service as records
from dougong.records.aggregate import Measured
from dougong.records.query import Page, Query
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, cards, filters, listing, posted
from dougong.web.present import gallery as presented_gallery
from dougong.web.present.list_page import ListPage
from dougong.web.present.listing import Asked, Pager, Table, Tools
from dougong.web.present.page import Link
from dougong.web.present.value import Cell, Look, at_path, cell

SUGGESTIONS = 10
NO_TABLE = Table((), ())
SPOOLED = 4 * 1024 * 1024
"""An export up to this size stays in memory, a larger one goes to a file."""
MEDIA: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "csv": ("text/csv; charset=utf-8", "csv"),
        "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        "all": ("text/csv; charset=utf-8", "csv"),
    }
)
"""As what a list is written: the media type, and the ending of the file."""
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


@dataclass(frozen=True)
class Opened:
    """What an address asks to see of an object, for one person."""

    model: ObjectModel
    """The object."""
    asked: Asked
    """What the address says."""
    seen: Look
    """For whom values are shown."""
    readable: frozenset[str]
    """The fields that this person may read."""
    quick: tuple[filters.Filter, ...]
    """The quick filters, with what they ask."""
    narrowed: str | None
    """What they ask, as an expression."""
    rules: tuple[ColourRule, ...]
    """The colours of the view, those that this person may know of."""

    @property
    def flags(self) -> tuple[str, ...]:
        """The conditions of the colours."""
        return tuple(rule.when for rule in self.rules)

    def where(self, expression: str) -> str | None:
        """Give the whole condition, with what an expert typed."""
        return filters.together(self.asked.view.where, self.narrowed, expression)

    def sort(self, ctx: Context, asked: str = "") -> tuple[str, ...]:
        """Give the order: the one that is asked, else the view's."""
        return (asked,) if asked else listing.sort_of(ctx.catalog, self.asked.view, self.readable)


def opened(ctx: Context, visit: Visit, name: str) -> Opened:
    """Read what an address asks to see of an object."""
    model = object_of(ctx, name)
    asked = listing.asked(ctx.catalog, name, visit.request.args.to_dict(), own_views.of(ctx, name))
    seen = look(ctx)
    readable = frozenset(each.name for each in records.readable(ctx, name))
    offered = [each for each in asked.view.filters if each in readable]
    quick = filters.read(seen, name, offered, asked.filters)
    narrowed = filters.expression(ctx.catalog, name, quick, zone=ctx.actor.zone)
    rules = tuple(rule for rule in asked.view.colours if records.may_ask(ctx, name, rule.when))
    return Opened(model, asked, seen, readable, quick, narrowed, rules)


def reading(ctx: Context, visit: Visit) -> Context:
    """Give the unit of work in which a list is read: the records behind a number are those in the instance's zone."""
    return ctx.in_instance_zone() if visit.request.args.get("view") == listing.ROWS else ctx


@dataclass(frozen=True)
class Trouble:
    """What is wrong with what was asked, and where in it."""

    text: str
    """What is wrong, as a sentence."""
    at: int | None = None
    """Where in the expression; None where it is something else."""
    hint: str = ""
    """How to mend it."""


@dataclass(frozen=True)
class Read:
    """What came of reading: the records as the type of the view shows them."""

    pager: Pager
    """Where one is, and how many there are."""
    is_empty: bool
    """Whether there is nothing to show."""
    table: Table = NO_TABLE
    """The records as a list."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """The records as `board`, `calendar`, `tree` or `gallery`."""


def tried(found: Opened, locale: str, read: Callable[[Asked], Read]) -> tuple[Read, Trouble | None]:
    """Read; where the expression makes no sense, say so and read without it."""
    try:
        return read(found.asked), None
    except BadRequest as error:
        whole = found.where(found.asked.expression) or ""
        trouble = _trouble(error, whole, found.asked.expression, locale)
    return read(replace(found.asked, expression="", sort="", cursor="")), trouble


def _trouble(error: BadRequest, whole: str, expression: str, locale: str) -> Trouble:
    """Say what is wrong, and where in what the person typed, which stands last in the whole condition."""
    cause = error.__cause__
    if not expression or not isinstance(cause, ExpressionError):
        return Trouble(error.message.show(locale))
    before = whole.rindex(expression)
    at = min(max(cause.at - before, 0), len(expression))
    return Trouble(cause.message.show(locale), at, cause.hint.show(locale) if cause.hint else "")


def read_list(ctx: Context, found: Opened, asked: Asked) -> Read:
    """Read a page of a list, and its totals."""
    model = found.model
    columns = listing.paths(ctx.catalog, asked.view, found.readable)
    wanted = dict.fromkeys(("id", *((model.title,) if model.title else ()), *columns))
    where = found.where(asked.expression)
    page = records.list(ctx, model.name, _query(ctx, found, asked, tuple(wanted), where))
    totals = _totals(ctx, found, asked, columns, where) if page.records else None
    table = listing.table(
        found.seen, asked, columns, page.records, rules=found.rules, totals=totals, edited=_edited(ctx, found, columns)
    )
    pager = listing.pager(asked, page, count=count_of(page, found.seen.locale))
    return Read(pager, not page.records, table)


def _edited(ctx: Context, found: Opened, columns: tuple[str, ...]) -> frozenset[str]:
    """Give the columns whose values this person may change where they stand: plain fields of the record itself."""
    if not records.may(ctx, "update", found.model.name):
        return frozenset()
    writable = {each.name for each in records.writable(ctx, found.model.name) if each.type.lines() is None}
    return frozenset(name for name in columns if name in writable)


def _query(ctx: Context, found: Opened, asked: Asked, fields: tuple[str, ...], where: str | None) -> Query:
    return Query(
        where=where,
        q=asked.words or None,
        sort=found.sort(ctx, asked.sort),
        fields=fields,
        limit=asked.size,
        cursor=asked.cursor or None,
        count="to_limit",
        flags=found.flags,
    )


def _totals(
    ctx: Context, found: Opened, asked: Asked, columns: tuple[str, ...], where: str | None
) -> Mapping[str, Any] | None:
    """Compute the foot over all records of the list, in one statement; None where the view has none."""
    measures = [
        Measured(total.name, total.function, of=total.name) for total in asked.view.totals if total.name in columns
    ]
    if not measures:
        return None
    (row,) = records.aggregate(
        ctx, found.model.name, measures=measures, where=where, q=asked.words or None, as_listed=True
    )
    return row


def read_gallery(ctx: Context, found: Opened, asked: Asked) -> Read:
    """Read a page of cards."""
    gallery = asked.view.gallery or Gallery(fields=tuple(column.name for column in asked.view.columns))
    names = cards.names_of(found.seen, found.model, gallery.title, gallery.fields, found.readable)
    page = records.list(ctx, found.model.name, _query(ctx, found, asked, ("id", *names), found.where(asked.expression)))
    shown = cards.cards(found.seen, found.model, names, page.records, found.rules)
    pager = listing.pager(asked, page, count=count_of(page, found.seen.locale))
    return Read(pager, not page.records, parts={"gallery": presented_gallery.Gallery(shown)})


def page_of(ctx: Context, visit: Visit, found: Opened, read: Read, trouble: Trouble | None, tools: Tools) -> ListPage:
    """Put together what stands around the records and the records themselves."""
    model, asked, seen = found.model, found.asked, found.seen
    plural = model.definition.shown_plural().show(seen.locale)
    at = len(asked.expression) if trouble is None or trouble.at is None else trouble.at
    found_word = _WORD.match(asked.expression, at) if trouble else None
    mark = found_word.group() if found_word else ""
    hidden = (("view", "" if asked.is_first_view else asked.view.name), ("sort", asked.sort))
    said = (*hidden, ("size", str(asked.size) if asked.size != listing.SIZES[0] else ""), *asked.kept.items())
    kept = tuple((name, value) for name, value in said if value)
    return ListPage(
        frame=frame(ctx, visit, plural, search_in=model.name),
        object=model.name,
        label=model.definition.shown_label().show(seen.locale),
        plural=plural,
        icon=model.definition.icon or "table",
        action=address.listing(model.name),
        views=listing.view_links(seen, asked),
        filters=found.quick,
        hidden=kept,
        words=asked.words,
        expression=asked.expression,
        table=read.table,
        pager=read.pager,
        problem=trouble.text if trouble else "",
        problem_hint=trouble.hint if trouble else "",
        problem_before=asked.expression[:at] if trouble else "",
        problem_mark=mark,
        problem_after=asked.expression[at + len(mark) :] if trouble else "",
        new_href=address.new(model.name) if records.may(ctx, "create", model.name) else "",
        exports=() if read.is_empty else _exports(ctx, asked, seen),
        clear_href=address.listing(model.name, view=None if asked.is_first_view else asked.view.name),
        is_filtered=bool(asked.words or asked.expression or asked.filters),
        view=asked.view.name,
        tools=tools,
        **read.parts,
    )


def _exports(ctx: Context, asked: Asked, seen: Look) -> tuple[Link, ...]:
    """Offer the list as files: as it is seen, and with all fields to be imported again."""
    if not records.may(ctx, "export", asked.view.object):
        return ()
    here = asked.href(asked.view.object)
    start = here.replace(address.listing(asked.view.object), address.export(asked.view.object), 1)
    start += "&" if "?" in start else "?"
    return (
        Link(Message("This list as CSV").show(seen.locale), f"{start}as=csv", "download"),
        Link(Message("This list as Excel").show(seen.locale), f"{start}as=xlsx", "file-spreadsheet"),
        Link(Message("All fields, to import again").show(seen.locale), f"{start}as=all", "files"),
    )


def export(ctx: Context, visit: Visit, name: str) -> Response:
    """Give the list as it is filtered now as a file: the columns of its view, or all fields to be imported again."""
    ctx = reading(ctx, visit)
    model = object_of(ctx, name)
    writing.must_export(ctx, model)
    form = visit.request.args.get("as", "all")
    if form not in MEDIA:
        said = "A list is written as one of {known}, not as '{form}'."
        raise BadRequest(Message(said, code="format", known=", ".join(MEDIA), form=form[:50]))
    media_type, ending = MEDIA[form]
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 -- the answer closes it
    try:
        _write(ctx, visit, model, file, form)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    answered = Response(file, content_type=media_type)
    answered.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    answered.headers["Content-Length"] = str(size)
    answered.call_on_close(file.close)
    return answered


def _write(ctx: Context, visit: Visit, model: ObjectModel, file: IO[bytes], form: str) -> None:
    found = opened(ctx, visit, model.name)
    asked, seen = found.asked, found.seen
    where = found.where(asked.expression)
    sort = found.sort(ctx, asked.sort)
    words = asked.words or None
    if form == "all":
        writing.export(ctx, model.name, file, where=where, q=words, sort=sort)
        return
    names = listing.paths(ctx.catalog, asked.view, found.readable) or (model.title or "id",)
    asked = replace(asked, view=asked.view.model_copy(update={"columns": _as_columns(asked, names)}))
    heads = [column.label for column in listing.head(seen, asked, names)]
    fields = tuple(listing.shown_path(seen, model.name, name) for name in names)
    query = Query(where=where, q=words, sort=sort, fields=fields)
    writing.export_list(
        ctx,
        model.name,
        file,
        query=query,
        heads=heads,
        showing=seen.showing,
        format_="xlsx" if form == "xlsx" else "csv",
    )


def _as_columns(asked: Asked, names: tuple[str, ...]) -> tuple[ViewColumn, ...]:
    """Give the columns of a file, also for a view that has none of its own."""
    known = {column.name: column for column in asked.view.columns}
    return tuple(known.get(name, ViewColumn(name=name)) for name in names)


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
    query = Query(
        q=words.strip() or None,
        fields=fields,
        limit=SUGGESTIONS,
        sort=listing.by_title(model),
        within=_offered(ctx, visit.request.args, name),
    )
    found = records.list(ctx, name, query)
    options = tuple(_suggestion(seen, model, record) for record in found)
    return answer(visit, "suggest.html", Suggestions(options), locale=seen.locale)


def _offered(ctx: Context, sent: MultiDict[str, str], target: str) -> Node | None:
    """Give the condition for what a lookup offers beside what stands in the form's other fields."""
    object_name, _, field_name = sent.get("for", "").partition(".")
    model = ctx.catalog.objects.get(object_name)
    field = model.fields.get(field_name) if model else None
    if model is None or field is None or field.type.lookup() != target:
        return None
    start = sent.get("name", "").removesuffix(field_name)
    given = posted.read(ctx.catalog, object_name, _entered(model), posted.Beneath(sent, start)).values
    above = None
    if model.parent is not None:
        above = posted.read(ctx.catalog, model.parent, _entered(ctx.catalog.object(model.parent)), sent).values
    return records.offered(ctx, object_name, field_name, given, above=above, record_id=sent.get("record"))


def _entered(model: ObjectModel) -> list[str]:
    return [field.name for field in model.fields.values() if field.type.lines() is None and not field.is_computed]


def _suggestion(seen: Look, model: ObjectModel, record: records.Record) -> Suggestion:
    seen = seen.with_titles(record.titles)
    label = cell(seen, model.field(model.title), record.get(model.title)).text if model.title else record.id[-8:]
    subtitle = model.definition.subtitle
    found = at_path(seen.catalog, model.name, subtitle) if subtitle else None
    more = cell(seen, found[0], record.get(subtitle or "")) if found else None
    return Suggestion(record.id, label, _words(more) if more else "")


def _words(shown: Cell) -> str:
    return shown.text or ", ".join(badge.label for badge in shown.badges)
