"""long work: how far it is, how to stop it; and for administrators what could not be carried out"""

from __future__ import annotations

from flask import Response

from dougong.base.text import Message
from dougong.context import Context
from dougong.jobs import outbox
from dougong.jobs import service as jobs
from dougong.jobs.call import Handling
from dougong.records.references import titles
from dougong.web.pages.frame import answer, frame, go, is_administrator, look
from dougong.web.pages.route import Visit
from dougong.web.pages.studio import administrators_only
from dougong.web.present import address
from dougong.web.present import jobs as present
from dougong.web.present.page import Link

ON_PAGE = 50


def show(ctx: Context, visit: Visit) -> Response:
    """Show one's own jobs; an administrator may look at everyone's."""
    seen = look(ctx)
    asked = visit.request.args
    everyone = asked.get("of") == "everyone" and is_administrator(ctx)
    found = jobs.list(ctx, everyone=everyone, before=asked.get("before") or None, limit=ON_PAGE)
    names = titles(ctx, "user", {each.user for each in found}) if everyone else {}
    rows = present.job_rows(found, labels(visit, seen.locale), names, locale=seen.locale, zone=ctx.actor.zone)
    of = "everyone" if everyone else None
    page = present.JobsPage(
        frame=frame(ctx, visit, Message("Jobs").show(seen.locale)),
        tabs=_tabs(ctx, seen.locale, "everyone" if everyone else "mine"),
        rows=rows,
        refresh_href=address.jobs(of=of) if any(each.is_moving for each in rows) and "before" not in asked else "",
        next_href=address.jobs(of=of, before=found[-1].id) if len(found) == ON_PAGE else "",
        with_who=everyone,
    )
    return answer(visit, "jobs.html", page, locale=seen.locale)


def labels(visit: Visit, locale: str) -> present.Labels:
    """Say what jobs of a topic do."""

    def label(kind: str) -> str:
        known = visit.engine.handlers.get(kind)
        if isinstance(known, Handling) and known.label is not None:
            return known.label.show(locale)
        return kind

    return label


def _tabs(ctx: Context, locale: str, here: str) -> tuple[Link, ...]:
    if not is_administrator(ctx):
        return ()
    return (
        Link(Message("Mine").show(locale), address.jobs(), is_current=here == "mine"),
        Link(Message("Everyone's").show(locale), address.jobs(of="everyone"), is_current=here == "everyone"),
        Link(Message("Promises").show(locale), address.PROMISES, is_current=here == "promises"),
    )


def cancel(ctx: Context, visit: Visit, job_id: str) -> Response:
    """Ask a job to stop."""
    found = jobs.cancel(ctx, job_id)
    return go(address.jobs(of="everyone" if found.user != ctx.actor.id else None), "job_cancelled")


def show_promises(ctx: Context, visit: Visit) -> Response:
    """Show how the outbox stands, and what was tried too often."""
    administrators_only(ctx)
    seen = look(ctx)
    now = ctx.now()
    figures = outbox.figures(ctx.connection, now)
    page = present.PromisesPage(
        frame=frame(ctx, visit, Message("Promises").show(seen.locale)),
        tabs=_tabs(ctx, seen.locale, "promises"),
        facts=present.facts(figures, locale=seen.locale, zone=ctx.actor.zone),
        is_late=figures.is_late(now),
        rows=present.parked_rows(outbox.parked(ctx.connection), locale=seen.locale, zone=ctx.actor.zone),
    )
    return answer(visit, "promises.html", page, locale=seen.locale)


def decide_promises(ctx: Context, visit: Visit) -> Response:
    """Try failed promises again, one or all; or give one up."""
    administrators_only(ctx)
    sent = visit.request.form
    if sent.get("give_up"):
        outbox.give_up(ctx.connection, ctx.now(), outbox.good_ids([sent["give_up"]]))
        return go(address.PROMISES, "promise_given_up")
    ids = outbox.good_ids([sent["retry"]]) if sent.get("retry") else None
    count = outbox.retry(ctx.connection, ctx.now(), ids)
    return go(address.PROMISES, "promises_retried", str(count))
