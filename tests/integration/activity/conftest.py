"""a shop whose people are told things, and a mail server that listens"""

from __future__ import annotations

import datetime as dt
import socket
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.features.activity import mail
from dougong.jobs import schedule
from dougong.jobs.worker import Worker
from dougong.records import service as records
from dougong.testing.instances import read_bundles

NOTIFICATIONS = {
    "bundle.yaml": """
kind: bundle
name: telling
version: 1.0.0
label: Telling
language: en
requires: [{name: shop}]
""",
    "notifications/customer_new.yaml": """
kind: notification
name: customer_new
label: {en: New customers, zh-CN: 新客户}
object: customer
trigger: {on: created}
where: employees > 5
recipients:
  - {name: owner, field: owner}
  - {name: chiefs, role: chief}
title: {en: "New: {{ record.name }}", zh-CN: "新客户：{{ record.name }}"}
body:
  en: "{{ record.employees }} people, of {{ record.owner }}."
  zh-CN: "{{ record.employees }} 人，负责人 {{ record.owner }}。"
""",
    "notifications/customer_named.yaml": """
kind: notification
name: customer_named
label: {en: Renamed, zh-CN: 改名}
object: customer
trigger: {on: updated, fields: [name]}
recipients: [{name: ann, user: ann}]
title: "Now {{ record.name }}"
channels: [app]
""",
    "notifications/customer_due.yaml": """
kind: notification
name: customer_due
label: Due
object: customer
trigger: {on: date, field: since, days: -7, at: "09:00"}
recipients: [{name: owner, field: owner}]
title: "{{ record.name }} on {{ record.since }}"
channels: [app]
""",
}


@dataclass
class Letterbox:
    """What a mail server took, and what it answers."""

    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    controller: Controller | None = None
    is_open: bool = True

    def close(self) -> None:
        """The mail server goes away."""
        self.controller.stop()
        self.is_open = False

    def open(self) -> None:
        """And comes back."""
        port = self.controller.port
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.is_open = True

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- its name there
        if self.answer.startswith("250"):
            found = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append(found)
        return self.answer


@pytest.fixture
def letterbox():
    """A real SMTP server on this machine."""
    box = Letterbox()
    # It asks its own port before it could know it; so a free one is chosen here.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.controller = controller
    yield box
    if box.is_open:
        box.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))


@pytest.fixture
def engine(instances, system_layer, here, dialect, clock, letterbox):
    """An instance with the shop, its notifications, and a way to the mail server."""
    layers = {**system_layer, **read_bundles(here.parent / "records" / "shop"), "telling": NOTIFICATIONS}
    made = instances.make(layers, dialect=dialect, clock=clock)
    settings = replace(
        made.settings,
        smtp_url=f"smtp://127.0.0.1:{letterbox.controller.port}",
        mail_from="Dougong <crm@example.com>",
        url="https://crm.example.com",
        locale="en",
    )
    made = replace(made, settings=settings, handlers={**made.handlers, **mail.handlers(settings)})
    with work(made, reason="people for a test") as ctx:
        for login, role, locale in (("ann", "seller", "en"), ("eve", "chief", "zh-CN"), ("bob", "seller", "en")):
            values = {"login": login, "name": login.capitalize(), "email": f"{login}@example.com", "locale": locale}
            user = records.create(ctx, "user", values).id
            records.create(ctx, "role_assignment", {"user": user, "role": role})
    yield made
    instances.drop(made)


@pytest.fixture
def people(engine) -> dict[str, str]:
    """The ids of people by login."""
    with work(engine, write=False, reason="look") as ctx:
        return {each["login"]: each.id for each in records.list(ctx, "user").records if each["login"]}


@pytest.fixture
def carry(engine):
    """Carry out what is due; it says how much that was."""
    worker = Worker(engine, schedules=False)

    def carry_() -> int:
        schedule.fire(engine, engine.schedules)
        return worker.run_once()

    yield carry_
    worker.join()
