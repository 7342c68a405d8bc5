"""print a record or a list by a template, as HTML or PDF, under the rights of who prints"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

from dougong.base.bodies import BadBody, Body, Function, Lines, Plain, fields_of
from dougong.base.errors import ActionFailed, NotAllowed, NotFound, TooLarge
from dougong.base.heavy import load
from dougong.base.templating import Templates
from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions import printed
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.template import Of, Paper, Template
from dougong.features.printing import fonts
from dougong.features.printing.values import Reader, amount_in_capitals, tree_of
from dougong.records import service as records
from dougong.records.query import MOST_RECORDS, Query, Record
from dougong.sdk.field_type import Showing

MOST_ROWS = 2_000
THIS_LIST = "this_list"
"""The template that every list has."""
NO_PANGO = Message(
    "PDF files need the library Pango, which this server does not have. An administrator installs it: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. Until then, print from the browser.",
    code="no_pango",
)
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Offer:
    """A template that somebody may print with."""

    name: str
    label: str


@dataclass(frozen=True)
class Column:
    """A column of a list as it is shown: the path to read and its heading."""

    name: str
    label: str
    align: str = "start"


@dataclass(frozen=True)
class Listed:
    """What list is printed: its name, which records in what order, and its columns."""

    title: str
    query: Query
    columns: Sequence[Column]


@dataclass(frozen=True)
class Sheet:
    """Something filled in and ready for paper: the view model of `print/sheet.html`."""

    name: str
    """For the file, without its ending."""
    title: str
    locale: str
    paper: Paper
    body: Markup
    foot: str
    """What stands at the foot of each page, beside its number."""
    family: str = ""
    """The font that comes with the document, where the system has none."""


def offered(ctx: Context, object_name: str, of: Of) -> tuple[Offer, ...]:
    """Give the templates of an object that the actor may print with; none without the verb `print`."""
    if not records.may(ctx, "print", object_name):
        return ()
    found = ctx.catalog.memo(_templates, object_name, of)
    return tuple(Offer(each.name, each.shown_label().show(ctx.locale)) for each in found)


def _templates(catalog: Catalog, object_name: str, of: Of) -> tuple[Template, ...]:
    own = [each for each in catalog.of(Template).values() if each.object == object_name and each.of == of]
    own.sort(key=lambda each: (each.position, each.name))
    return (*own, _this_list(object_name)) if of == "list" else tuple(own)


def _this_list(object_name: str) -> Template:
    """The template of a list whose author gave none, and of every list beside."""
    body = "<h1>{{ title }}</h1>\n{{ table }}\n"
    label = Text({"en": "This list", "zh-CN": "当前列表"})
    page = Paper(orientation="landscape", margin_mm=14)
    return Template(
        kind=Template.KIND,
        name=THIS_LIST,
        label=label,
        object=object_name,
        of="list",
        page=page,
        body=Text({"en": body}),
    )


def _template(ctx: Context, object_name: str, name: str, of: Of) -> Template:
    model = ctx.catalog.objects.get(object_name)
    found = ctx.catalog.memo(_templates, object_name, of) if model is not None else ()
    template = next((each for each in found if each.name == name), None)
    if model is None or template is None or not records.may(ctx, "read", object_name):
        raise NotFound(Message("There is no such print template, or it is not yours to use.", code="not_found"))
    if not records.may(ctx, "print", object_name):
        raise _not_allowed(model.definition.shown_plural())
    return template


def _not_allowed(objects: Text) -> NotAllowed:
    said = "You may not print {objects}. Ask an administrator for the right to print."
    return NotAllowed(Message(said, code="not_allowed", objects=objects))


def _showing(ctx: Context) -> Showing:
    """Say how the one who prints reads values."""
    return Showing(
        locale=ctx.locale,
        zone=ctx.actor.zone,
        base_currency=ctx.base_currency,
        options=ctx.catalog.options,
        today=ctx.today(),
    )


def _body(catalog: Catalog, text: str) -> Body:
    return Body(text)


# ---- one record ------------------------------------------------------------------------------------------------------


def record(ctx: Context, object_name: str, record_id: str, template_name: str) -> Sheet:
    """Fill a template with a record, or raise `NotFound` or `NotAllowed`."""
    template = _template(ctx, object_name, template_name, "record")
    model = ctx.catalog.object(object_name)
    body: Body = ctx.catalog.memo(_body, template.body.show(ctx.locale))
    reader = Reader(ctx, _showing(ctx))
    paths = [*fields_of(body.reached, "record"), *((each.argument.split(".")) for each in body.called)]
    tree = tree_of(paths)
    if model.title:
        tree.setdefault(model.title, {})
    found = records.get(ctx, object_name, record_id, fields=reader.asked(object_name, tree))
    if not records.may_record(ctx, "print", object_name, record_id):
        raise _not_allowed(model.definition.shown_plural())
    title = reader.text(model.fields[model.title], found.get(model.title), found.titles) if model.title else ""
    values = {
        "record": reader.plain(found, tree, shown=title),
        printed.LABEL: _label(ctx, object_name),
        printed.TOTAL: _total_of_lines(ctx, reader, object_name, found),
        printed.CAPITALS: _capitals(ctx, reader, object_name, found),
    }
    label = template.shown_label().show(ctx.locale)
    return _sheet(ctx, template, f"{label} {title}".strip(), _fill(ctx, template, body, values))


def _total_of_lines(ctx: Context, reader: Reader, object_name: str, found: Record) -> Function:
    def total(path: str) -> str | Plain:
        steps = printed.path_of(object_name, path.split("."), _fields(ctx))
        if isinstance(steps, str) or len(steps) != 2 or not steps[0].type.lines():
            return ""
        lines: Sequence[Record] = found.get(steps[0].name) or ()
        child = str(steps[0].type.lines())
        if steps[0].name not in reader.readable(object_name) or steps[1].name not in reader.readable(child):
            return ""
        return reader.sum(steps[1], (line.get(steps[1].name) for line in lines))

    return Function(total)


def _capitals(ctx: Context, reader: Reader, object_name: str, found: Record) -> Function:
    def capitals(name: str) -> str:
        field = ctx.catalog.object(object_name).fields.get(name)
        return amount_in_capitals(field, found.get(name)) if field and name in reader.readable(object_name) else ""

    return Function(capitals)


def _fields(ctx: Context) -> printed.FieldsOf:
    return lambda name: ctx.catalog.object(name).fields


def _label(ctx: Context, object_name: str) -> Function:
    def label(path: str) -> str:
        steps = printed.path_of(object_name, path.split("."), _fields(ctx))
        return "" if isinstance(steps, str) else steps[-1].shown_label().show(ctx.locale)

    return Function(label)


# ---- a list ----------------------------------------------------------------------------------------------------------


def rows(ctx: Context, object_name: str, template_name: str, listed: Listed) -> Sheet:
    """Fill a template with the records of a list, or raise `TooLarge` where they are more than 2,000."""
    template = _template(ctx, object_name, template_name, "list")
    body: Body = ctx.catalog.memo(_body, template.body.show(ctx.locale))
    reader = Reader(ctx, _showing(ctx))
    tree = tree_of(fields_of(body.reached, "rows"))
    totals = [each.argument for each in body.called if each.function == printed.TOTAL]
    shown = {each.names[0] for each in body.reached}
    wanted = (*(each.name for each in listed.columns if "table" in shown), *totals)
    names = dict.fromkeys((*reader.asked(object_name, tree), *_allowed(reader, ctx, object_name, wanted)))
    found = _all(ctx, object_name, replace(listed.query, fields=tuple(names)))
    values = {
        "title": listed.title,
        "count": f"{len(found):,}",
        "rows": Lines(reader.plain(each, tree) for each in found),
        "table": _table(ctx, reader, object_name, listed.columns, found) if "table" in shown else "",
        printed.LABEL: _label(ctx, object_name),
        printed.TOTAL: _total_of_rows(ctx, reader, object_name, found),
    }
    return _sheet(ctx, template, listed.title, _fill(ctx, template, body, values))


def _allowed(reader: Reader, ctx: Context, object_name: str, names: Sequence[str]) -> Sequence[str]:
    return [each for each in names if each.split(".")[0] in reader.readable(object_name)]


def _all(ctx: Context, object_name: str, query: Query) -> list[Record]:
    """Read the records that may be printed, page by page."""
    found: list[Record] = []
    cursor: str | None = None
    while True:
        page = records.list(ctx, object_name, replace(query, limit=MOST_RECORDS, cursor=cursor, verb="print"))
        found += page.records
        if len(found) > MOST_ROWS or (page.next and len(found) == MOST_ROWS):
            said = "A list of more than {most} records is too long to be printed. Filter it, or export it."
            raise TooLarge(Message(said, code="too_many_rows", most=f"{MOST_ROWS:,}"))
        cursor = page.next
        if cursor is None:
            return found


def _total_of_rows(ctx: Context, reader: Reader, object_name: str, found: Sequence[Record]) -> Function:
    def total(name: str) -> str | Plain:
        field = ctx.catalog.object(object_name).fields.get(name)
        if field is None or name not in reader.readable(object_name):
            return ""
        return reader.sum(field, (each.get(name) for each in found))

    return Function(total)


def _table(
    ctx: Context, reader: Reader, object_name: str, columns: Sequence[Column], found: Sequence[Record]
) -> Markup:
    """Give a list as it is on the screen, as a table whose head stands on every page."""
    shows = [_shower(ctx, reader, object_name, each.name) for each in columns]
    marks = [Markup(' class="number"') if each.align == "end" else "" for each in columns]
    heads = Markup("").join(
        Markup("<th{}>{}</th>").format(mark, each.label) for mark, each in zip(marks, columns, strict=True)
    )
    lines = []
    for each in found:
        cells = "".join(f"<td{mark}>{escape(show(each))}</td>" for mark, show in zip(marks, shows, strict=True))
        lines.append(f"<tr>{cells}</tr>")
    # Each cell is escaped above.
    body = Markup("\n".join(lines))  # noqa: S704
    return Markup('<table class="lines"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(heads, body)


def _shower(ctx: Context, reader: Reader, object_name: str, name: str) -> Callable[[Record], str]:
    steps = printed.path_of(object_name, name.removesuffix(".title").split("."), _fields(ctx))
    field: Field | None = None if isinstance(steps, str) else steps[-1]

    def show(each: Record) -> str:
        value = each.get(name)
        if field is None or name.endswith(".title"):
            return str(value or "")
        return reader.text(field, value, each.titles)

    return show


# ---- both ------------------------------------------------------------------------------------------------------------


def _fill(ctx: Context, template: Template, body: Body, values: Mapping[str, Any]) -> Markup:
    try:
        # What `fill` gives is cleaned of everything that runs or fetches.
        return Markup(body.fill({**values, "printed": _facts(ctx)}))  # noqa: S704
    except BadBody as error:
        said = "The print template “{template}” cannot be filled: {reason}. Its author has to mend it."
        label = template.shown_label()
        raise ActionFailed(Message(said, code="bad_template", template=label, reason=str(error))) from None


def _moment(ctx: Context) -> dt.datetime:
    return ctx.now().astimezone(zoneinfo.ZoneInfo(ctx.actor.zone))


def _facts(ctx: Context) -> Plain:
    locale = ctx.locale.replace("-", "_")
    at = _moment(ctx)
    shown = {
        "on": format_date(at.date(), "medium", locale=locale),
        "at": format_datetime(at, "medium", locale=locale),
        "by": ctx.actor.name,
    }
    return Plain(shown["on"], {name: Plain(text) for name, text in shown.items()})


def _sheet(ctx: Context, template: Template, title: str, body: Markup) -> Sheet:
    at = format_datetime(_moment(ctx), "short", locale=ctx.locale.replace("-", "_"))
    foot = Message("Printed by {who}, {when}", who=ctx.actor.name, when=at).show(ctx.locale)
    name = _NOT_IN_NAMES.sub("_", title).strip("_.")[:80] or template.name
    return Sheet(name, title, ctx.locale, template.page, body, foot)


def as_html(sheet: Sheet, templates: Templates) -> str:
    """Give a whole HTML document, for the browser or for `as_pdf`."""
    return templates.render("print/sheet.html", sheet, locale=sheet.locale)


def as_pdf(sheet: Sheet, templates: Templates) -> bytes:
    """Give a PDF file; where its library is missing, raise `ActionFailed` that says what to install."""
    try:
        pdf = load("dougong.features.printing.pdf")
    except (ImportError, OSError):
        raise ActionFailed(NO_PANGO) from None
    font = None
    if not fonts.system_has():
        font = fonts.packaged()
        sheet = replace(sheet, family=pdf.FAMILY if font else "")
    written: bytes = pdf.write(as_html(sheet, templates), font=font)
    return written
