"""what narrows a right whatever was granted: a closed list, each with its reason

Effective right = (union of grants) and every ceiling: the scope of a token, and of one record the state it is in and
what holds it, such as an approval. View-as joins this list; nothing else may narrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from dougong.access import locks
from dougong.base.actor import Actor
from dougong.base.errors import NotAllowed
from dougong.base.text import Message, Verbatim
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.states import StateLock
from dougong.sdk.field_type import Showing


@dataclass(frozen=True)
class Ceiling:
    """One thing that narrows, with its reason in words."""

    name: str
    reason: Message


def hold(actor: Actor, object_name: str, verb: str) -> None:
    """Raise `NotAllowed` with the reason of the ceiling that forbids this verb on this object, if one does."""
    found = over(actor, object_name, verb)
    if found:
        raise NotAllowed(found[0].reason)


def over(actor: Actor, object_name: str, verb: str) -> tuple[Ceiling, ...]:
    """The ceilings that forbid this verb on this object altogether."""
    scope = actor.token_scope
    if scope is None or scope & {verb, f"{object_name}:{verb}", f"{object_name}:*", "*"}:
        return ()
    reason = Message("This token may not {verb} {object}.", code="token_scope", verb=verb, object=object_name)
    return (Ceiling("token_scope", reason),)


NOTHING: frozenset[str] = frozenset()


def may_lock(catalog: Catalog, model: ObjectModel) -> bool:
    """Whether records of an object can be locked at all; of most it can be said without asking anything."""
    return catalog.memo(_may_lock, model.name)


def _may_lock(catalog: Catalog, object_name: str) -> bool:
    states = catalog.object(object_name).definition.states
    return bool(states and states.locks) or locks.are_possible(catalog, object_name)


def hold_record(
    ctx: Context,
    model: ObjectModel,
    values: Mapping[str, Any],
    verb: str,
    touched: AbstractSet[str] = NOTHING,
    *,
    by_transition: AbstractSet[str] = NOTHING,
) -> None:
    """Raise `NotAllowed` with the reason of the lock that forbids this verb on this record, if one does.

    `values` are those of the record as it is, `touched` the fields that an update changes; `by_transition` those of
    them that belong to a transition, which leads out of a state and so is not stopped by the lock of that state.
    """
    if not may_lock(ctx.catalog, model):
        return
    found = over_record(ctx, model, values, verb, touched, by_transition=by_transition)
    if found:
        raise NotAllowed(found[0].reason)


def over_record(
    ctx: Context,
    model: ObjectModel,
    values: Mapping[str, Any],
    verb: str,
    touched: AbstractSet[str] | None = None,
    *,
    by_transition: AbstractSet[str] = NOTHING,
) -> tuple[Ceiling, ...]:
    """The ceilings that forbid this verb on one record. Without `touched`: those that leave no field to change."""
    if ctx.actor.is_system or not may_lock(ctx.catalog, model):
        return ()
    found = [
        Ceiling("state_lock", _reason(ctx, model, lock, values))
        for lock in _state_locks(ctx, model, values, verb)
        if verb != "update" or _forbids(lock.except_fields, touched, by_transition)
    ]
    found += [
        Ceiling("approval_lock", held.reason)
        for held in locks.held(ctx, model.name, str(values["id"]))
        if verb != "update" or _forbids(held.except_fields, touched, NOTHING)
    ]
    return tuple(found)


def _state_locks(ctx: Context, model: ObjectModel, values: Mapping[str, Any], verb: str) -> list[StateLock]:
    states = model.definition.states
    if states is None:
        return []
    state = values.get(states.field)
    return [
        lock
        for lock in states.locks
        if state in lock.states and verb in lock.verbs and ctx.actor.roles.isdisjoint(lock.unless_roles)
    ]


def _forbids(
    except_fields: AbstractSet[str] | tuple[str, ...],
    touched: AbstractSet[str] | None,
    by_transition: AbstractSet[str],
) -> bool:
    if touched is None:
        return not except_fields
    return bool(touched - by_transition - frozenset(except_fields))


def _reason(ctx: Context, model: ObjectModel, lock: StateLock, values: Mapping[str, Any]) -> Message:
    if lock.reason is not None:
        return Verbatim(lock.reason, code="state_locked")
    field = model.field(str(model.definition.states and model.definition.states.field))
    choices = field.type.choices(Showing(options=ctx.catalog.options))
    value = values.get(field.name)
    return Message(
        "This {object} is locked: it is “{state}”.",
        code="state_locked",
        object=model.definition.shown_label(),
        state=next((each.label for each in choices if each.value == value), value),
    )
