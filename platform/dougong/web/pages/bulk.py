"""change many records together: choose what, see what would become of each, and read what became of it"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import BadRequest, InvalidValue
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.states import Transition
from dougong.features.bulk import service as bulk
from dougong.features.bulk.service import Deed, Result
from dougong.records import defaults
from dougong.records import service as records
from dougong.web.pages.forms import first_choices
from dougong.web.pages.frame import answer, back_to, crumbs, frame, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.route import Visit
from dougong.web.present import address, form, posted
from dougong.web.present.bulk import BulkPage, Line
from dougong.web.present.form import Sheet
from dougong.web.present.page import Link
from dougong.web.present.posted import Entries
from dougong.web.present.value import cell

DOS = ("change", "assign", "transition", "delete")
SHOWN = 200
"""Records that a preview names; the rest is counted."""


def act(ctx: Context, visit: Visit, name: str) -> Response:
    """Go through it step by step; each step is a form, so that it works without script."""
    model = object_of(ctx, name)
    sent = visit.request.form
    do = sent.get("do", "")
    if do not in DOS:
        raise BadRequest(Message("There is nothing called '{do}' to do with records.", code="bulk_do", do=do[:40]))
    return _Step(ctx, visit, model, do, bulk.hold(sent.getlist("id"))).answer()


class _Step:
    """One step on the way."""

    def __init__(self, ctx: Context, visit: Visit, model: ObjectModel, do: str, ids: tuple[str, ...]) -> None:
        self.ctx, self.visit, self.model, self.do, self.ids = ctx, visit, model, do, ids
        self.seen = look(ctx)
        self.sent = visit.request.form
        self.on = "owner" if do == "assign" else self.sent.get("on", "")

    def answer(self) -> Response:
        if self.do == "delete":
            return self.decide(Deed("delete"), {})
        choices = self.choices()
        if self.on not in choices:
            return self.page("choose", choices=tuple(Link(label, name) for name, label in choices.items()))
        fields = self.fields()
        entries = posted.read_fields(fields, self.sent)
        wants_more = self.sent.get("step") not in ("preview", "do") and (self.do != "transition" or fields)
        if wants_more:
            return self.page("enter", inputs=self.inputs(fields, Entries(), {}))
        errors = self.wrong(fields, entries)
        if errors:
            return self.page(
                "enter", inputs=self.inputs(fields, entries, errors), status=HTTPStatus.UNPROCESSABLE_ENTITY
            )
        do: bulk.Do = "transition" if self.do == "transition" else "change"
        deed = Deed(do, entries.values, self.on if do == "transition" else "")
        return self.decide(deed, entries.values)

    def choices(self) -> dict[str, str]:
        """Give what can be chosen: fields, or transitions."""
        if self.do == "transition":
            return {each.name: each.shown_label().show(self.seen.locale) for each in self.transitions()}
        states = self.model.definition.states
        own = [
            field
            for field in records.writable(self.ctx, self.model.name)
            if field.type.lines() is None and not (states and field.name == states.field)
        ]
        return {field.name: field.shown_label().show(self.seen.locale) for field in own}

    def transitions(self) -> tuple[Transition, ...]:
        states = self.model.definition.states
        if states is None:
            return ()
        mine = self.ctx.actor.roles
        return tuple(
            each
            for each in states.transitions
            if each.by == "person" and (not each.roles or not mine.isdisjoint(each.roles))
        )

    def fields(self) -> tuple[Field, ...]:
        """Give the fields to enter: the one that is changed, or what the transition asks for."""
        if self.do != "transition":
            return (self.model.field(self.on),)
        chosen = next(each for each in self.transitions() if each.name == self.on)
        names = dict.fromkeys((*chosen.requires, *chosen.asks))
        return tuple(self.model.field(name).model_copy(update={"required": name in chosen.requires}) for name in names)

    def wrong(self, fields: Sequence[Field], entries: Entries) -> Mapping[str, Sequence[Message]]:
        """Say what of the entered values cannot be read at all."""
        errors: dict[str, list[Message]] = {**entries.errors()}
        for field in fields:
            raw = entries.values.get(field.name)
            if field.type.is_blank(raw):
                if field.required:
                    said = Message("Enter {label}.", code="required", label=field.shown_label())
                    errors.setdefault(field.name, [said])
                continue
            try:
                field.type.parse(raw, self.ctx.memo(defaults.reading))
            except InvalidValue as error:
                errors.setdefault(field.name, [error.message])
        return errors

    def inputs(
        self, fields: Sequence[Field], entries: Entries, errors: Mapping[str, Sequence[Message]]
    ) -> tuple[form.Input, ...]:
        choices = {
            target: first_choices(self.ctx, self.seen, target, "")
            for field in fields
            if (target := field.type.lookup()) and self.seen.can_open(target)
        }
        sheet = Sheet(entries.values, errors=errors, typed=entries.typed, choices=choices)
        return form.entered(self.seen, fields, sheet)

    def decide(self, deed: Deed, values: Mapping[str, Any]) -> Response:
        """Show what would become of each record, or do it and show what became of it."""
        is_sure = self.sent.get("step") == "do"
        run = bulk.carry_out if is_sure else bulk.rehearse
        results = run(self.ctx, self.model.name, self.ids, deed)
        return self.page("report" if is_sure else "preview", results=results, values=values)

    def page(
        self,
        stage: str,
        *,
        choices: tuple[Link, ...] = (),
        inputs: tuple[form.Input, ...] = (),
        results: tuple[Result, ...] = (),
        values: Mapping[str, Any] | None = None,
        status: int = HTTPStatus.OK,
    ) -> Response:
        seen, model = self.seen, self.model
        heading = self.heading()
        plural = model.definition.shown_plural().show(seen.locale)
        back = back_to(self.visit, address.listing(model.name))
        hidden = [("do", self.do), ("next", back), *(("id", each) for each in self.ids)]
        if stage != "choose":
            hidden.append(("on", self.on))
        if stage == "preview":
            hidden += [("step", "do"), *_raw(values or {})]
        elif stage == "enter":
            hidden.append(("step", "preview"))
        lines = [self.line(each) for each in results]
        shown = BulkPage(
            frame=frame(self.ctx, self.visit, heading, crumbs=crumbs(seen, model, Link(plural, back))[:1]),
            heading=heading,
            action=f"{address.listing(model.name)}/bulk",
            stage=stage,
            hidden=tuple(hidden),
            count=len(self.ids),
            choices=choices,
            inputs=inputs,
            done=tuple(line for line in lines if not line.reason),
            refused=tuple(line for line in lines if line.reason),
            button=self.button(),
            is_danger=self.do == "delete",
            back_href=back,
        )
        return answer(self.visit, "bulk.html", shown, locale=seen.locale, status=status)

    def heading(self) -> str:
        plural = self.model.definition.shown_plural().show(self.seen.locale)
        said = {
            "change": Message("Change {objects}", objects=plural),
            "assign": Message("Give {objects} to somebody", objects=plural),
            "transition": Message("Lead {objects} on", objects=plural),
            "delete": Message("Delete {objects}", objects=plural),
        }
        return said[self.do].show(self.seen.locale)

    def button(self) -> str:
        said = {
            "change": Message("Change them"),
            "assign": Message("Give them"),
            "transition": Message("Lead them on"),
            "delete": Message("Delete them"),
        }
        return said[self.do].show(self.seen.locale)

    def line(self, result: Result) -> Line:
        title = result.id[-8:]
        if self.model.title and result.title is not None:
            title = cell(self.seen, self.model.field(self.model.title), result.title).text or title
        is_gone = self.do == "delete" and result.is_done
        href = "" if is_gone else address.record(self.model.name, result.id)
        return Line(title, href, result.reason.show(self.seen.locale) if result.reason else "")


def _raw(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give entered values as the fields of a form, to be sent again."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        found.append((f"{name}.sent", "1"))
        match value:
            case Mapping():
                found += [(name, str(value.get("amount", ""))), (f"{name}.currency", str(value.get("currency", "")))]
            case bool():
                found += [(name, "true")] if value else []
            case list() | tuple():
                found += [(name, str(each)) for each in value]
            case _:
                found.append((name, "" if value is None else str(value)))
    return found
