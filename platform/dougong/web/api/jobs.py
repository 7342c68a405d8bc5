"""long work as JSON: its progress, its result, and how to stop it"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.context import Context
from dougong.jobs import service as jobs
from dougong.jobs.service import Job
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call) -> Response:
    """Give the caller's jobs, the newest first; `everyone=true` gives an administrator all."""
    given = reading.parameters(call.request, ("limit", "cursor", "everyone"))
    limit = reading.whole_number(given, "limit", default=50, least=1, most=jobs.MOST_LISTED)
    found = jobs.list(ctx, everyone=reading.yes_or_no(given, "everyone"), before=given.get("cursor"), limit=limit)
    following = found[-1].id if len(found) == limit else None
    return showing.answer({"jobs": [_shown(ctx, each) for each in found], "next": following})


def show(ctx: Context, call: Call, job_id: str) -> Response:
    """Give one job."""
    reading.parameters(call.request, ())
    return showing.answer(_shown(ctx, jobs.get(ctx, job_id)))


def cancel(ctx: Context, call: Call, job_id: str) -> Response:
    """Ask a job to stop."""
    reading.parameters(call.request, ())
    return showing.answer(_shown(ctx, jobs.cancel(ctx, job_id)))


def _shown(ctx: Context, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "user": job.user,
        "at": showing.moment(job.at),
        "status": "cancelling" if job.is_cancelling else job.status,
        "done": job.done,
        "total": job.total,
        "note": job.note,
        "result": job.result,
        "error": job.error.show(ctx.locale) if job.error is not None else None,
        "started_at": showing.moment(job.started_at),
        "ended_at": showing.moment(job.ended_at),
    }
