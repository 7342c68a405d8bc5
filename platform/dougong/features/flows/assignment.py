"""who gets a work item, and why"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.base.text import Message, Text
from dougong.context import Context
from dougong.definitions.kinds.access import Role
from dougong.definitions.kinds.flow import Flow, FlowNode
from dougong.definitions.kinds.people import Recipient
from dougong.records import recipients, references
from dougong.records import service as records
from dougong.records.query import Query

MOST = 200
"""So many people may decide at one node at most."""


@dataclass(frozen=True)
class Candidate:
    """A person who is to decide, and why it is them."""

    user: str
    why: str
    """A recipient of the node by name, `applicant_superior`, `administrators`, or `transfer` with who it came from."""


@dataclass(frozen=True)
class Assigned:
    """Who decides at a node."""

    candidates: tuple[Candidate, ...]
    is_refused: bool = False
    """Nobody is there, and the flow wants somebody."""
    why_skipped: str = ""
    """`applicant` or `nobody`, where the node is passed over."""


def assign(ctx: Context, flow: Flow, node: FlowNode, record_id: str, applicant: str) -> Assigned:
    """Find who decides at a node for one record."""
    found: dict[str, Candidate] = {}
    was_applicant = False
    for spec in node.assign:
        for user in recipients.resolve(ctx, (spec,), flow.object, record_id, applicant=applicant):
            candidate: Candidate | None = Candidate(user, spec.name)
            if user == applicant and node.applicant != "allow":
                was_applicant = True
                candidate = _above(ctx, node, applicant)
            if candidate is not None:
                found.setdefault(candidate.user, candidate)
    if found:
        return Assigned(tuple(found.values())[:MOST])
    if was_applicant and node.applicant == "skip":
        return Assigned((), why_skipped="applicant")
    return _nobody(ctx, node, applicant)


def _above(ctx: Context, node: FlowNode, applicant: str) -> Candidate | None:
    """Give who stands above an applicant who would decide on their own."""
    if node.applicant == "skip":
        return None
    system = ctx.as_system("find who stands above an applicant")
    user = recipients.superior(system, applicant, 1)
    return Candidate(user, "applicant_superior") if user is not None and user != applicant else None


def _nobody(ctx: Context, node: FlowNode, applicant: str) -> Assigned:
    match node.nobody:
        case "skip":
            return Assigned((), why_skipped="nobody")
        case "refuse":
            return Assigned((), is_refused=True)
        case _:
            everyone = administrators(ctx)
            others = tuple(user for user in everyone if user != applicant)
            return Assigned(
                tuple(Candidate(user, "administrators") for user in others or everyone),
                is_refused=not everyone,
            )


def administrators(ctx: Context) -> tuple[str, ...]:
    """Give the active administrators."""
    system = ctx.as_system("find the administrators")
    query = Query(where="is_administrator == true and active == true", fields=("id",), sort=("name",), limit=MOST)
    return recipients.active(system, [each.id for each in records.list(system, "user", query)])


def nobody_said(node: FlowNode) -> Message:
    """Say that a record cannot be submitted because nobody could decide on it."""
    return Message(
        "Nobody is found who could decide at “{node}”. Ask an administrator to fill the role or the field.",
        code="flow_nobody",
        node=node_label(node),
    )


def node_label(node: FlowNode) -> Text:
    """Give what a node is called."""
    return node.label or Text({"en": node.name.replace("_", " ").capitalize()})


def names(ctx: Context, users: object) -> dict[str, str]:
    """Give the names of people."""
    wanted = [str(user) for user in users if user]  # type: ignore[attr-defined]
    return references.titles(ctx.memo(_namer), "user", wanted)


def _namer(ctx: Context) -> Context:
    """One who may read the names of people; kept, so that each is read once in a unit of work."""
    return ctx.as_system("name the people of an approval")


def reason(ctx: Context, node: FlowNode | None, why: str) -> Message:
    """Say why a person is to decide."""
    if why == "applicant_superior":
        return Message("Superior of the applicant, who would have decided on their own")
    if why == "administrators":
        return Message("Administrator, because nobody else was found")
    if why.startswith("transfer:"):
        user = why.partition(":")[2]
        return Message("Transferred by {name}", name=names(ctx, [user]).get(user, "—"))
    spec = next((each for each in node.assign if each.name == why), None) if node is not None else None
    return _of_recipient(ctx, spec) if spec is not None else Message("As the flow says")


def _of_recipient(ctx: Context, spec: Recipient) -> Message:
    if spec.role is not None:
        role = ctx.catalog.find(Role, spec.role)
        label = role.shown_label() if role else Text({"en": spec.role})
        if spec.of == "unit":
            return Message("Holds the role “{role}” in the record's unit", role=label)
        return Message("Holds the role “{role}”", role=label)
    if spec.user is not None:
        return Message("Named by the flow")
    if spec.unit_head is not None:
        return Message("Head of the unit")
    if spec.superior is not None:
        return Message("Superior of the applicant")
    if spec.field is not None:
        return Message("Stands in the record")
    return Message("As the flow computes")
