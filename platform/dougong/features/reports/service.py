"""run a report under the rights of who looks"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dougong.base.errors import BadRequest, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.features.reports import aggregate, chart, matrix, parameters, render
from dougong.features.reports.dataset import Dataset
from dougong.features.reports.parameters import Chosen
from dougong.records import service as records

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A report written as a file."""

    name: str
    media_type: str
    content: bytes


def run(ctx: Context, name: str, given: Mapping[str, Any] | None = None, *, chosen: Chosen | None = None) -> Dataset:
    """Run a report, or raise `UnknownName`, `NotAllowed`, `BadRequest` or `InvalidParameters`.

    `given` has raw values by the report's parameters, and a further condition as `where`; `chosen` are those that were
    read already. Measures over fields that the reader may not see are left out; a report that hangs on such fields is
    refused.
    """
    report = ctx.catalog.get(Report, name)
    _must(ctx, "read", report)
    given = given or {}
    parameters.refuse_unknown(report, given)
    bound = parameters.bound(report, chosen or parameters.choose(ctx, report, given))
    answer = aggregate.ask(ctx, report, where=(given.get(parameters.WHERE) or "").strip() or None, parameters=bound)
    label = report.shown_label()
    drawn = chart.draw(ctx, report.chart, answer, label=label.show(ctx.locale)) if report.chart else None
    return Dataset(
        name=report.name,
        label=label,
        locale=ctx.locale,
        columns=tuple(each.column for each in answer.told),
        rows=answer.rows,
        shown=tuple(tuple(show(value) for show, value in zip(answer.shows, row, strict=True)) for row in answer.rows),
        totals=answer.totals,
        shown_totals=_shown_totals(answer),
        chart=drawn,
        more=answer.more,
        hidden=answer.hidden,
        drill=answer.drill,
        matrix=matrix.pivot(ctx, report, answer, where=answer.where, parameters=bound) if report.columns else None,
    )


def visible(ctx: Context) -> tuple[Report, ...]:
    """Give the reports that the actor may run, by name."""
    found = ctx.catalog.of(Report)
    return tuple(found[name] for name in sorted(found) if may_run(ctx, found[name]))


def may_run(ctx: Context, report: Report) -> bool:
    """Whether the actor may read the records of a report, and the fields it hangs on."""
    return records.may(ctx, "read", report.object) and aggregate.readable(ctx, report)


def write(ctx: Context, name: str, given: Mapping[str, Any] | None = None, *, form: str = "csv") -> File:
    """Run a report and write it as `csv`, `xlsx` or `json`; the first two need the verb `export`."""
    if form not in FORMS:
        known = ", ".join(FORMS)
        raise BadRequest(
            Message("A report is written as one of {known}, not as '{form}'.", code="format", known=known, form=form)
        )
    writer, media_type, verb = FORMS[form]
    _must(ctx, verb, ctx.catalog.get(Report, name))
    return File(f"{name}.{form}", media_type, writer(run(ctx, name, given)))


def _csv(dataset: Dataset) -> bytes:
    # With the mark in front, spreadsheets read it as UTF-8.
    return render.as_csv(dataset).encode("utf-8-sig")


FORMS: Mapping[str, tuple[Callable[[Dataset], bytes], str, str]] = MappingProxyType(
    {
        "json": (render.as_json, "application/json", "read"),
        "csv": (_csv, "text/csv; charset=utf-8", "export"),
        "xlsx": (render.as_xlsx, XLSX, "export"),
    }
)
"""How a report is written: the writer, the media type, the verb it needs."""


def _must(ctx: Context, verb: str, report: Report) -> None:
    if not records.may(ctx, verb, report.object):
        said = "You may not {verb} the records of the report {report}."
        raise NotAllowed(Message(said, code="not_allowed", verb=verb, report=report.shown_label()))


def _shown_totals(answer: aggregate.Answer) -> tuple[str, ...] | None:
    if answer.totals is None:
        return None
    return tuple(
        show(value) if told.column.role == "measure" else ""
        for told, show, value in zip(answer.told, answer.shows, answer.totals, strict=True)
    )
