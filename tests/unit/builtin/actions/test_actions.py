from __future__ import annotations

import pytest

from dougong.base.errors import ActionFailed
from dougong.builtin.actions.assign import Assign
from dougong.builtin.actions.comment import Comment
from dougong.builtin.actions.create import Create
from dougong.builtin.actions.notify import Notify
from dougong.builtin.actions.open import Open
from dougong.builtin.actions.start_flow import StartFlow
from dougong.builtin.actions.transition import Transition
from dougong.builtin.actions.update import Update
from dougong.plugin_manager import load_extensions
from dougong.sdk import Text
from dougong.testing.contracts import ActionContract, RecordedCall

SET = [{"field": "note", "value": "name"}]
OWNER = [{"name": "owner", "field": "owner"}]
RECORD, PERSON = RecordedCall.record, RecordedCall.people[0]


class TestUpdate(ActionContract):
    action = Update
    options = {"set": SET}
    refuses = ({"set": []}, {})
    does = (("update", {"note": "name"}),)


class TestCreate(ActionContract):
    action = Create
    options = {"object": "task", "set": SET, "keep_as": "task"}
    refuses = ({},)
    does = (("create", ("task", {"note": "name"}, "task")),)
    makes = ("task", "task")


class TestTransition(ActionContract):
    action = Transition
    options = {"transition": "win", "set": SET}
    refuses = ({},)
    does = (("transition", ("win", {"note": "name"})),)
    leads = ("win",)


class TestOpen(ActionContract):
    action = Open
    options = {"record": "task"}
    does = (("open", ("thing", RECORD)),)
    names = ("task",)


class TestStartFlow(ActionContract):
    action = StartFlow
    options = {"flow": "approval"}
    does = (("start_flow", {"flow": "approval", "object": "thing", "record": RECORD}),)


class TestStartFlowOfWhatWasMade(ActionContract):
    action = StartFlow
    options = {"flow": "approval", "of": "task"}
    names = ("task",)


class TestComment(ActionContract):
    action = Comment
    options = {"text": '"seen"'}
    does = (("comment", {"object": "thing", "record": RECORD, "text": '"seen"'}),)


class TestAssign(ActionContract):
    action = Assign
    options = {"to": OWNER}
    refuses = ({"to": []},)
    does = (("update", {"owner": PERSON}),)

    def test_nobody_is_no_owner(self) -> None:
        with pytest.raises(ActionFailed):
            self.made().run(RecordedCall(people=()))


class TestNotify(ActionContract):
    action = Notify
    options = {"recipients": OWNER, "title": "Look"}
    refuses = ({}, {"title": "Look"}, {"recipients": OWNER})
    does = (
        (
            "notify",
            {
                "recipients": (PERSON,),
                "title": Text({"en": "Look"}),
                "body": None,
                "object": "thing",
                "record": RECORD,
                "notification": None,
            },
        ),
    )


def test_every_action_has_its_suite() -> None:
    known = {each.do for each in load_extensions(entry_points=False).actions}
    assert known == {
        each.action.do
        for each in ActionContract.__subclasses__()
        if each.action.__module__.startswith("dougong.builtin")
    }
