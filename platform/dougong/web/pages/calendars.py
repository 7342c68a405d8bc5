"""a calendar: the records of a month, a week or a day, and moving one to another day or hour"""

from __future__ import annotations

from dataclasses import replace

from dougong.context import Context
from dougong.records import service as records
from dougong.records.query import MOST_RECORDS, Query
from dougong.web.pages.lists import Opened, Read, count_of
from dougong.web.present import calendar, cards, filters
from dougong.web.present.listing import Asked, Pager


def read(ctx: Context, found: Opened, asked: Asked) -> Read:
    """Read the records that touch the period that is asked for, in one statement."""
    view, model, seen = asked.view, found.model, found.seen
    if view.calendar is None or view.calendar.start not in found.readable:
        return Read(Pager(""), is_empty=True)
    definition = view.calendar
    end = definition.end if definition.end in found.readable else None
    colour_by = definition.colour_by if definition.colour_by in found.readable else None
    definition = definition.model_copy(update={"end": end, "colour_by": colour_by})
    names = cards.names_of(seen, model, definition.title, (), found.readable)
    today = ctx.today()
    shown = calendar.period(asked.kept, today, seen.locale)
    kind = ctx.catalog.type_of(model.name, definition.start)
    of_moments = kind is not None and kind.sort == "moment"
    touching = calendar.within(shown, definition, of_moments=of_moments, zone=seen.showing.zone)
    fields = (*names, *(name for name in (definition.start, end, colour_by) if name))
    query = Query(
        where=filters.together(asked.view.where, touching, found.narrowed, asked.expression),
        q=asked.words or None,
        sort=(definition.start,),
        fields=tuple(dict.fromkeys(fields)),
        limit=MOST_RECORDS,
        flags=found.flags,
    )
    page = records.list(ctx, model.name, query)
    writable = {field.name for field in records.writable(ctx, model.name)}
    presented = calendar.calendar(
        seen,
        model,
        definition,
        asked,
        shown,
        page.records,
        names,
        found.rules,
        today=today,
        may_create=records.may(ctx, "create", model.name),
        can_move=records.may(ctx, "update", model.name) and definition.start in writable,
        here=asked.href(model.name),
        is_cut=page.next is not None,
    )
    counted = replace(page, count=len(page.records), more_than_count=page.next is not None)
    return Read(Pager(count_of(counted, seen.locale)), is_empty=not page.records, parts={"calendar": presented})
