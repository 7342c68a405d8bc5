"""what narrows a right whatever was granted: a closed list, each with its reason

Effective right = (union of grants) and every ceiling. Today: the scope of a token. State lock, approval lock and
view-as join this list; nothing else may narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.base.actor import Actor
from dougong.base.errors import NotAllowed
from dougong.base.text import Message


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
