"""the steps of a button or an automation, done in order on one record"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dougong.base.errors import ActionFailed, DougongError, InvalidRecord, InvalidValue
from dougong.base.text import Message, Text
from dougong.catalog.expressions import compiled, rooted
from dougong.context import Context
from dougong.definitions.kinds.automation import Automation
from dougong.definitions.kinds.button import Button
from dougong.definitions.rooted import GIVEN, MADE, roots_of
from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluate
from dougong.expressions.roots import Beside
from dougong.expressions.types import BOOLEAN
from dougong.records import defaults, read, recipients
from dougong.records import service as records
from dougong.records.query import Parsed, Record
from dougong.records.reach import Reach, with_columns
from dougong.sdk.action import Action, Assignment

Definition = Button | Automation


@dataclass
class Doing:
    """One run: the `ActionCall` of its actions."""

    ctx: Context
    """Whose rights it has."""
    definition: Definition
    record: str
    """The id of the record; blank where there is none."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """The inputs as expressions see them."""
    position: int = 0
    """Which action is being done."""
    opened: tuple[str, str] | None = None
    """The object and the record that the person is led to."""
    done: list[str] = field(default_factory=list)
    """The actions that were done, by name; those left out are not among them."""
    _made: dict[str, tuple[str, str]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], Record | None] = field(default_factory=dict)

    @property
    def object(self) -> str:
        """The object of the record."""
        return self.definition.object

    def run(self) -> None:
        """Do all actions; the first that cannot be done stops it, and says which one it was."""
        for position, action in enumerate(self.definition.actions):
            self.position = position
            try:
                if action.when is None or self.evaluate(action.when):
                    action.run(self)
                    self.done.append(action.name)
            except Overflow as error:
                raise self._failed(action, error.message) from error
            except InvalidRecord as error:
                raise self._failed(action, self._reasons(action, error)) from error
            except DougongError as error:
                raise self._failed(action, error.message) from error

    # ---- what actions ask ----

    def evaluate(self, expression: str) -> Any:
        """Give the value of an expression on the record, with what was given and made."""
        catalog = self.ctx.catalog
        node = rooted(catalog, self.object, expression, roots_of(self.definition, catalog, self.position))
        made = {name: record_id for name, (_, record_id) in self._made.items()}
        behind = {name: self._reach(*found) for name, found in self._made.items()}
        reach = self._reach(self.object, self.record) if self.record else None
        if reach is None:
            reach = Reach(self.ctx, catalog.object(self.object), defaults.blank(catalog, catalog.object(self.object)))
        beside = Beside(reach, {GIVEN: self.given, MADE: made}, {MADE: behind})
        is_person = isinstance(self.definition, Button)
        return evaluate(node, beside, self.ctx.setting() if is_person else self.ctx.instance_setting())

    def _reach(self, object_name: str, record_id: str) -> Reach | None:
        """Read a record as expressions see it: all of it, whoever asks, and as it is by now."""
        key = (object_name, record_id)
        model = self.ctx.catalog.object(object_name)
        if key not in self._seen:
            system = self.ctx.as_system("read the record that actions are about")
            names = with_columns(self.ctx.catalog, model)
            self._seen[key] = read.find(system, model, record_id, names=names)
        found = self._seen[key]
        return Reach(self.ctx, model, found.values) if found is not None else None

    def values(self, assignments: tuple[Assignment, ...], object_name: str) -> dict[str, Any]:
        """Give what assignments say, by field, as its fields keep it."""
        model = self.ctx.catalog.object(object_name)
        reading = replace(self.ctx.memo(defaults.reading), by_hand=False)
        found: dict[str, Any] = Parsed()
        for each in assignments:
            kind = model.field(each.field).type
            value = self.evaluate(each.value)
            try:
                found[each.field] = kind.blank() if kind.is_blank(value) else kind.parse(value, reading)
            except InvalidValue as wrong:
                raise InvalidRecord({each.field: [wrong.message]}) from wrong
        return found

    def made(self, name: str) -> tuple[str, str] | None:
        """Give object and id of what was kept under a name."""
        return self._made.get(name)

    def recipients(self, people: Any) -> tuple[str, ...]:
        """Give the ids of the active people who are meant."""
        return recipients.resolve(self.ctx, people, self.object, self.record or None)

    # ---- what actions do ----

    def update(self, values: Mapping[str, Any]) -> None:
        """Change the record."""
        self._must_have_record()
        records.update(self.ctx, self.object, self.record, values, last_write=True)
        self._seen.pop((self.object, self.record), None)

    def create(self, object_name: str, values: Mapping[str, Any], *, keep_as: str | None = None) -> str:
        """Make a record."""
        made = records.create(self.ctx, object_name, values).id
        if keep_as is not None:
            self._made[keep_as] = (object_name, made)
        self._seen.clear()
        return made

    def transition(self, name: str, values: Mapping[str, Any]) -> None:
        """Lead the record on."""
        self._must_have_record()
        records.transition(self.ctx, self.object, self.record, name, values, last_write=True)
        self._seen.pop((self.object, self.record), None)

    def open(self, object_name: str, record_id: str) -> None:
        """Lead the person to a record, once all is done."""
        self.opened = (object_name, record_id)

    def perform(self, topic: str, **what: Any) -> Any:
        """Have another feature do something."""
        self._seen.clear()
        return self.ctx.perform(topic, **what)

    def fail(self, message: Any) -> Exception:
        """Give the error of an action that cannot do its work."""
        return ActionFailed(message)

    # ---- what goes wrong ----

    def _must_have_record(self) -> None:
        if not self.record:
            raise ActionFailed(Message("There is no record here that this could be done to.", code="no_record"))

    def _failed(self, action: Action, reason: Message) -> ActionFailed:
        shown = Text({"en": action.name.replace("_", " ")})
        said = Message("The step “{step}” could not be done: {reason}", code="action_failed", step=shown, reason=reason)
        return ActionFailed(said)

    def _reasons(self, action: Action, error: InvalidRecord) -> Message:
        """Give what a record is refused for, with the labels of its fields."""
        model = self.ctx.catalog.object(getattr(action, "object", self.object))
        reasons: Message | None = None
        for name, messages in error.by_field.items():
            known = model.fields.get(name)
            for message in messages:
                said = Message("{field}: {reason}", field=known.shown_label(), reason=message) if known else message
                reasons = Message("{one} {other}", one=reasons, other=said) if reasons else said
        return reasons or error.message


def holds(ctx: Context, object_name: str, record_id: str, condition: str | None, *, by_person: bool) -> bool | None:
    """Say whether a condition holds of a record as it is now; None where there is no such record."""
    model = ctx.catalog.object(object_name)
    system = ctx.as_system("see whether a condition of actions holds")
    record = read.find(system, model, record_id, names=with_columns(ctx.catalog, model))
    if record is None:
        return None
    if condition is None:
        return True
    node = compiled(ctx.catalog, object_name, condition, expect=BOOLEAN)
    setting = ctx.setting() if by_person else ctx.instance_setting()
    return bool(evaluate(node, Reach(ctx, model, record.values), setting))
