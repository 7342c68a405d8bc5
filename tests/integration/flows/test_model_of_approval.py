"""Random verbs by random people, against a simple model of the approval."""

from __future__ import annotations

import random

import pytest

from dougong.base.errors import DougongError
from dougong.features.flows import inbox, service
from dougong.records import service as records
from dougong.storage.platform_tables import work_item

EVERYBODY = ("zhang", "lin", "chen", "chu", "zhou", "wang")
LARGE = ("executive", "finance")


class Model:
    """What a deal of so much money goes through: who is asked at which node, and where it stands."""

    def __init__(self, amount: int) -> None:
        self.is_large = amount >= 500_000
        self.status = "draft"
        self.asked: dict[str, set[str]] = {}
        self.left: set[str] = set()

    def submit(self, who: str) -> bool:
        if who != "zhang" or self.status not in ("draft", "returned"):
            return False
        self.status = "pending"
        self._supervisor()
        return True

    def _supervisor(self) -> None:
        self.asked = {"supervisor": {"lin"}}
        self.left = set()

    def _node(self, who: str) -> str | None:
        return next((node for node, people in self.asked.items() if who in people), None)

    def approve(self, who: str) -> bool:
        node = self._node(who)
        if node is None:
            return False
        self.asked[node].discard(who)
        if node == "finance":
            self.asked[node] = set()
        if self.asked[node]:
            return True
        del self.asked[node]
        if node == "supervisor" and self.is_large:
            self.asked = {"executive": {"chen", "chu"}, "finance": {"zhou"}}
        elif not self.asked:
            self.status = "approved"
        return True

    def reject(self, who: str) -> bool:
        if self._node(who) is None:
            return False
        self.status, self.asked = "rejected", {}
        return True

    def back(self, who: str, to: str) -> bool:
        node = self._node(who)
        if node is None or (to == "supervisor" and node == "supervisor"):
            return False
        if to == "applicant":
            self.status, self.asked = "returned", {}
        else:
            self._supervisor()
        return True

    def transfer(self, who: str, to: str) -> bool:
        node = self._node(who)
        if node is None or to == "zhang" or to in self.asked[node]:
            return False
        self.asked[node].discard(who)
        self.asked[node].add(to)
        return True

    def withdraw(self, who: str) -> bool:
        if who != "zhang" or self.status not in ("pending", "returned"):
            return False
        self.status, self.asked = "draft", {}
        return True


class Real:
    """The same, done for real."""

    def __init__(self, house, amount: int) -> None:
        self.house = house
        self.deal = house.deal(amount=amount)

    def submit(self, who: str) -> None:
        with self.house.as_(who) as ctx:
            service.submit(ctx, "deal_approval", self.deal)

    def act(self, who: str, verb: str, **more) -> None:
        with self.house.as_(who) as ctx:
            state = "mine" if verb == "withdraw" else "open"
            entry = next((each for each in inbox.page(ctx, state=state).entries if each.record == self.deal), None)
            if entry is None:
                # They have nothing open: try somebody else's.
                row = ctx.connection.execute(work_item.select().where(work_item.c.record == self.deal)).first()
                service.act(ctx, row.id if row else self.deal, verb, opinion="Because.", **more)
                return
            service.act(ctx, entry.id, verb, opinion="Because.", **more)

    def asked(self) -> dict[str, set[str]]:
        with self.house.as_("admin", write=False) as ctx:
            rows = ctx.connection.execute(
                work_item.select().where(work_item.c.record == self.deal, work_item.c.state == "open")
            )
            found: dict[str, set[str]] = {}
            for row in rows:
                found.setdefault(row.node, set()).add(self.house.names[row.assignee])
            return found


def step(rng: random.Random, model: Model, real: Real) -> tuple[str, bool, bool]:
    """Let both do one random thing; what it was, and whether each did it."""
    who = rng.choice(EVERYBODY)
    holders = [person for people in model.asked.values() for person in people]
    if holders and rng.random() < 0.7:
        who = rng.choice(sorted(holders))
    verb = rng.choices(
        ("submit", "approve", "reject", "applicant", "supervisor", "transfer", "withdraw"), (4, 12, 1, 1, 2, 3, 1)
    )[0]
    to = rng.choice(EVERYBODY)
    # A person may stand at two nodes after transfers; the model would have to know which one is meant.
    if verb == "transfer" and any(to in people for people in model.asked.values()):
        verb = "approve"
    match verb:
        case "submit":
            expected, do = model.submit(who), lambda: real.submit(who)
        case "applicant" | "supervisor":
            expected, do = model.back(who, verb), lambda: real.act(who, "return", to=verb)
        case "transfer":
            expected = model.transfer(who, to)
            do = lambda: real.act(who, "transfer", to=real.house.ids[to])  # noqa: E731
        case _:
            expected, do = getattr(model, verb)(who), lambda: real.act(who, verb)
    try:
        do()
    except DougongError:
        return f"{who} {verb} {to}", expected, False
    return f"{who} {verb} {to}", expected, True


@pytest.mark.parametrize("seed", range(4))
def test_approval_does_what_its_model_does(house, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 -- drawn, and drawn again
    for _ in range(3):
        amount = rng.choice((1000, 600_000))
        model, real = Model(amount), Real(house, amount)
        done = []
        for _ in range(30):
            said, expected, happened = step(rng, model, real)
            done.append(said)
            assert happened == expected, done
            assert house.status(real.deal) == model.status, done
            assert real.asked() == {node: people for node, people in model.asked.items() if people}, done
        with house.as_("zhang", write=False) as ctx:
            assert records.get(ctx, "deal", real.deal)["amount"] == amount
