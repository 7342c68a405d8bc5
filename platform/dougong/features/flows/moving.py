"""what follows from a decision: nodes begin and end, the token goes on, the record is led to its next state"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dougong.access import locks
from dougong.base.errors import Conflict
from dougong.base.heavy import load
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.flow import Due, FlowLock, FlowNode
from dougong.features.flows import assignment, deciding, store
from dougong.features.flows.deciding import Deciding
from dougong.features.flows.store import DONE, OPEN, RETURNED, RUNNING, VOID, WAITING, Instance, Version, WorkItem
from dougong.records import recipients
from dougong.records import service as records

if TYPE_CHECKING:
    from dougong.features.flows.runner import Run, Token

REJECTED = "rejected"
"""An end whose id begins so ends the flow as rejected; every other end approves."""

ENDS = {"approved": "approve", "rejected": "reject"}


class Moving:
    """One instance that is being moved in one unit of work. Whoever makes one holds the instance's row."""

    def __init__(self, ctx: Context, about: Instance) -> None:
        self.ctx = ctx
        self.about = about
        self.version: Version = store.version(ctx, about.version)
        self._runner: Any = load("dougong.features.flows.runner")
        self._compiled = self._runner.compiled(ctx.catalog, self.version.digest, self.version.process)
        self.process = self._compiled.process
        self._deciding = Deciding(ctx, about, self.version, self.process)
        self._run: Run | None = None
        self._items: list[WorkItem] | None = None

    @property
    def run(self) -> Run:
        """The tokens, loaded when somebody looks."""
        if self._run is None:
            self._run = self._runner.Run.load(self._compiled, self.about.state, self._deciding.holds)
        return self._run

    @property
    def items(self) -> list[WorkItem]:
        """The work items of the instance as they are now."""
        if self._items is None:
            self._items = store.items(self.ctx, self.about.id)
        return self._items

    def take(self, items: list[WorkItem]) -> None:
        """Take work items that were read already."""
        self._items = items

    def live(self) -> list[WorkItem]:
        """The work items that wait."""
        return [each for each in self.items if each.state in (OPEN, WAITING)]

    def node(self, name: str) -> FlowNode:
        """Give a node of the flow as it was when the instance began."""
        found = self.version.flow.node(name)
        return found or FlowNode.model_construct(name=name, label=None, assign=(), mode="any", cc=(), due=None)

    # Beginning and ending.

    def begin(self) -> None:
        """Begin at the start: the first time, and after a return to the applicant."""
        self.about.results = {}
        self.about.timers = {}
        self.about.status = RUNNING
        self._run = self._runner.Run.begin(self._compiled, self._deciding.holds)
        self._lock()
        self.settle()

    def settle(self) -> None:
        """Bring work items and timers to where the tokens are now; end where no token is left."""
        while True:
            if self.run.is_over:
                end = self.run.ended_at() or ""
                self.end("rejected" if end.startswith(REJECTED) else "approved")
                return
            skipped = self._open_nodes()
            if skipped is None:
                break
            self.run.finish(skipped.id)
        self._set_timers()
        self._save()

    def _save(self) -> None:
        if self._run is not None:
            self.about.state = self._run.dump()
        store.save(self.ctx, self.about)

    def _open_nodes(self) -> Token | None:
        """Give work items to the nodes that the tokens came to; the first node that is passed over is told."""
        tasks = self.run.tasks()
        there = {each.task for each in self.live()}
        gone = [each.id for each in self.live() if each.task not in {task.id for task in tasks}]
        self.set(gone, state=VOID, done_at=self.ctx.now())
        for task in tasks:
            if task.id not in there and not self._open(task):
                return task
        return None

    def _open(self, token: Token) -> bool:
        """Give the work items of one node to people; False where it is passed over."""
        node, about = self.node(token.element), self.about
        assigned = assignment.assign(self.ctx, self.version.flow, node, about.record, about.applicant)
        if assigned.is_refused:
            raise Conflict(assignment.nobody_said(node))
        self._tell(node)
        if not assigned.candidates:
            about.results[node.name] = "skip"
            store.note(self.ctx, about, "skip", node=node.name, detail={"why": assigned.why_skipped})
            return False
        about.visit += 1
        about.results.pop(node.name, None)
        is_sequence = node.mode == "sequence"
        due = due_at(self.ctx.now(), node.due)
        new = [
            WorkItem(
                id=new_id(),
                instance=about.id,
                object=about.object,
                record=about.record,
                node=node.name,
                task=token.id,
                round=about.round,
                visit=about.visit,
                position=position,
                assignee=candidate.user,
                why=candidate.why,
                state=WAITING if is_sequence and position else OPEN,
                opened_at=None if is_sequence and position else self.ctx.now(),
                due_at=None if is_sequence and position else due,
            )
            for position, candidate in enumerate(assigned.candidates)
        ]
        store.insert_items(self.ctx, new)
        self.items.extend(new)
        self.ask([each.assignee for each in new if each.state == OPEN], node)
        return True

    def _tell(self, node: FlowNode) -> None:
        """Tell those who are told when a node begins."""
        if node.cc:
            about = self.about
            users = recipients.resolve(self.ctx, node.cc, about.object, about.record, applicant=about.applicant)
            self.inform(store.copy(self.ctx, about, users, node.name))

    def _set_timers(self) -> None:
        kept = {}
        for token in self.run.timers():
            element = self.process.elements[token.element]
            if element.timer is not None:
                known = self.about.timers.get(token.id)
                kept[token.id] = known or self._deciding.due(element.timer).isoformat()
        self.about.timers = kept
        moments = [dt.datetime.fromisoformat(each) for each in kept.values()]
        self.about.next_due = min(moments, default=None)

    def set(self, ids: Iterable[str], **values: Any) -> None:
        """Change work items here and in the database."""
        wanted = set(ids)
        if wanted:
            store.set_items(self.ctx, sorted(wanted), **values)
            self._items = [
                WorkItem(**{**each.__dict__, **values}) if each.id in wanted else each for each in self.items
            ]

    # Deciding.

    def decided(self, item: WorkItem) -> None:
        """Look whether a node has its result, and go on if it does."""
        node = self.node(item.node)
        votes = [each for each in self.items if each.visit == item.visit and each.verb != "transfer"]
        result = result_of(node, votes)
        if result is None:
            if node.mode == "sequence":
                self._next_in_line(node, votes)
            self._save_lightly()
            return
        self.set([each.id for each in votes if each.state in (OPEN, WAITING)], state=VOID, done_at=self.ctx.now())
        self.about.results[node.name] = result
        read = deciding.results_read(self.version, self.process, self.ctx.catalog)
        if result == "reject" and node.name not in read:
            self.end(REJECTED)
            return
        self.run.finish(item.task)
        self.settle()

    def _save_lightly(self) -> None:
        """Nothing of the instance changed but its work items."""

    def _next_in_line(self, node: FlowNode, votes: list[WorkItem]) -> None:
        following = next((each for each in votes if each.state == WAITING), None)
        if following is not None and not any(each.state == OPEN for each in votes):
            now = self.ctx.now()
            self.set([following.id], state=OPEN, opened_at=now, due_at=due_at(now, node.due))
            self.ask([following.assignee], node)

    def back_to(self, element: str, item: WorkItem) -> None:
        """Put the token back to an earlier node; what came after it is decided anew."""
        self.set([item.id], state=DONE)
        self.run.back(element, item.task)
        after = self.process.reachable(element)
        self.about.results = {name: result for name, result in self.about.results.items() if name not in after}
        self.settle()

    def back_to_applicant(self) -> None:
        """Give the record back to the applicant, who may change it and submit it again."""
        self._close()
        self.about.status = RETURNED
        store.save(self.ctx, self.about)
        self._lead(self.version.flow.ends.returned)

    def end(self, status: str) -> None:
        """End the instance, and lead the record to its next state."""
        self._close()
        ends = self.version.flow.ends
        is_back_already = self.about.status == RETURNED and status == "withdrawn" and ends.withdrawn == ends.returned
        self.about.status = status
        self.about.ended_at = self.ctx.now()
        self.about.state = b""
        store.save(self.ctx, self.about)
        if status in ENDS:
            store.note(self.ctx, self.about, f"end_{ENDS[status]}")
        if not is_back_already:
            self._lead(getattr(ends, status, None))
        if status in ENDS:
            self._tell_applicant(status)

    def _close(self) -> None:
        self.set([each.id for each in self.live()], state=VOID, done_at=self.ctx.now())
        self.about.timers = {}
        self.about.next_due = None
        locks.clear(self.ctx, self.about.object, self.about.record, holder_id=self.about.id)

    def _lock(self) -> None:
        lock = self.version.flow.lock
        if isinstance(lock, FlowLock):
            about = self.about
            reason = lock.reason or Message(
                "This record is being approved (“{flow}”) and cannot be changed. Its applicant can withdraw it.",
                flow=self.version.flow.shown_label().show(self.ctx.locale),
            )
            locks.set(
                self.ctx,
                about.object,
                about.record,
                holder_id=about.id,
                reason=reason,
                except_fields=lock.except_fields,
            )

    def _lead(self, transition: str | None) -> None:
        if transition is None:
            return
        system = self.ctx.as_system(f"flow {self.version.flow.name}: {self.about.status}")
        records.transition(system, self.about.object, self.about.record, transition, last_write=True)

    # Telling.

    def ask(self, users: Iterable[str], node: FlowNode) -> None:
        """Tell people that something waits for their decision."""
        about = self.about
        who = assignment.names(self.ctx, [about.applicant]).get(about.applicant, "—")
        self._notify(
            users,
            Message("“{title}” waits for your decision", title=about.title),
            Message(
                "{who} submitted “{title}”. It waits for you at “{node}”.",
                who=who,
                title=about.title,
                node=assignment.node_label(node),
            ),
        )

    def inform(self, users: Iterable[str]) -> None:
        """Tell people of the instance, without asking anything of them."""
        title = self.about.title
        self._notify(
            users,
            Message("“{title}” was sent to you for information", title=title),
            Message("You can follow its approval; nothing is asked of you."),
        )

    def _tell_applicant(self, status: str) -> None:
        title = self.about.title
        said = (
            Message("“{title}” was approved", title=title)
            if status == "approved"
            else Message("“{title}” was rejected", title=title)
        )
        self._notify([self.about.applicant], said, Message("The opinions stand in its approval."))

    def tell_returned(self, opinion: str | None) -> None:
        """Tell the applicant that they are to look at it again."""
        self._notify(
            [self.about.applicant],
            Message("“{title}” was returned to you", title=self.about.title),
            Message("{opinion}", opinion=opinion or "—"),
        )

    def _notify(self, users: Iterable[str], title: Message, body: Message) -> None:
        wanted = tuple(user for user in dict.fromkeys(users) if user != self.ctx.actor.id)
        if wanted:
            self.ctx.perform(
                "notify",
                recipients=wanted,
                title=title,
                body=body,
                object=self.about.object,
                record=self.about.record,
                href=f"/inbox/{self.about.id}",
            )


def due_at(now: dt.datetime, due: Due | None) -> dt.datetime | None:
    """Say until when a work item should be decided."""
    return now + dt.timedelta(days=due.days or 0, hours=due.hours or 0) if due is not None else None


def result_of(node: FlowNode, votes: list[WorkItem]) -> str | None:
    """Give what the votes of a node come to: `approve`, `reject`, or None while it is open."""
    everyone = [each for each in votes if each.verb != "transfer"]
    yes = sum(each.verb == "approve" for each in everyone)
    no = sum(each.verb == "reject" for each in everyone)
    if node.mode == "any":
        return "approve" if yes else "reject" if no else None
    if node.mode == "percent":
        wanted = (node.percent or 100) * len(everyone)
        if yes * 100 >= wanted:
            return "approve"
        return "reject" if (len(everyone) - no) * 100 < wanted else None
    if no:
        return "reject"
    return "approve" if yes == len(everyone) else None
