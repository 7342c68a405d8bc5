"""what is offered on a record and above a list, and doing it"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.context import Context
from dougong.features.automation import buttons
from dougong.features.automation.buttons import Input, Pressed, Shown
from dougong.records import service as records
from dougong.web.api import objects, reading, showing
from dougong.web.api.records import known
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call, name: str, record_id: str) -> Response:
    """Say what is offered on a record now: its transitions and its buttons, with what they ask for."""
    model = known(ctx, name)
    reading.parameters(call.request, ())
    record = records.get(ctx, model.name, record_id)
    shown = []
    for each in buttons.offered(ctx, model.name, record):
        values = buttons.beginnings(ctx, model.name, each, record)
        shown.append(_button(ctx, each, values))
    return showing.answer({"buttons": shown}, headers=showing.version(record))


def press(ctx: Context, call: Call, name: str, record_id: str, button: str) -> Response:
    """Press a button of a record with its inputs."""
    model = known(ctx, name)
    given = reading.parameters(call.request, ("last_write",))
    version, last_write = reading.condition(call.request, given)
    inputs = reading.json_object(call.request)
    pressed = buttons.press(ctx, model.name, record_id, button, inputs, version=version, last_write=last_write)
    return _pressed(ctx, pressed)


def list_above(ctx: Context, call: Call, name: str) -> Response:
    """Say what is offered above the list of an object."""
    model = known(ctx, name)
    reading.parameters(call.request, ())
    found = buttons.on_list(ctx, model.name)
    shown = [_button(ctx, each, buttons.beginnings(ctx, model.name, each, None)) for each in found]
    return showing.answer({"buttons": shown})


def press_above(ctx: Context, call: Call, name: str, button: str) -> Response:
    """Press a button of a list with its inputs."""
    model = known(ctx, name)
    reading.parameters(call.request, ())
    return _pressed(ctx, buttons.press_on_list(ctx, model.name, button, reading.json_object(call.request)))


def _pressed(ctx: Context, pressed: Pressed) -> Response:
    record, opened = pressed.record, pressed.opened
    body = {
        "record": showing.record(ctx, record) if record is not None else None,
        "open": {"object": opened[0], "id": opened[1]} if opened is not None else None,
    }
    return showing.answer(body, headers=showing.version(record) if record is not None else None)


def _button(ctx: Context, shown: Shown, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.name,
        "label": shown.label.show(ctx.locale),
        "style": shown.style,
        "confirm": shown.confirm.show(ctx.locale) if shown.confirm is not None else None,
        "to": shown.to,
        "possible": shown.reason_not is None,
        "reason": shown.reason_not.show(ctx.locale) if shown.reason_not is not None else None,
        "inputs": [_input(ctx, each, values.get(each.field.name)) for each in shown.inputs],
    }


def _input(ctx: Context, each: Input, value: Any) -> dict[str, Any]:
    described = objects.one_field(ctx, each.field)
    keys = ("name", "label", "type", "schema", "help", "to", "options")
    kind = each.field.type.in_base_currency(ctx.base_currency)
    return {
        **{key: described[key] for key in keys if key in described},
        "required": each.required,
        "value": None if value is None else kind.dump(value),
    }
