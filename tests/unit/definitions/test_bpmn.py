"""BPMN files are read and checked, and never run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dougong.base.errors import ActionFailed
from dougong.definitions import bpmn, sources
from dougong.features.flows import drawing
from dougong.features.flows.runner import Run, compile_process

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'


def process(body: str) -> str:
    return f'{HEAD}<process id="p">{body}</process></definitions>'


def flow(name: str, source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


LOOP = process(
    '<startEvent id="start"/><userTask id="first"/><userTask id="second"/>'
    '<exclusiveGateway id="again" default="over"/><endEvent id="end"/>'
    + flow("a", "start", "first")
    + flow("b", "first", "second")
    + flow("c", "second", "again")
    + flow("back", "again", "first", "amount > 1")
    + flow("over", "again", "end")
)


def codes(text: str) -> set[str]:
    return {each.code for each in bpmn.read(text).troubles}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<definitions>",
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        '<!doctype lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        f"{HEAD}</definitions>",
        process("".join(f'<userTask id="t{number}"/>' for number in range(600))),
        "<a>" * 5000,
    ],
)
def test_what_is_no_process_is_refused(text: str) -> None:
    drawing_ = bpmn.read(text)
    assert drawing_.process is None
    assert drawing_.troubles


def test_declared_encoding_and_comments_are_no_trouble() -> None:
    text = f'<?xml version="1.0" encoding="GBK"?><!-- 审批 -->{LOOP}'
    assert bpmn.read(text).troubles == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("P3D", dt.timedelta(days=3)), ("PT8H30M", dt.timedelta(hours=8.5)), ("P1W", dt.timedelta(weeks=1))],
)
def test_durations_are_read(text: str, wanted: dt.timedelta) -> None:
    assert bpmn.duration_of(text) == wanted


@pytest.mark.parametrize("text", ["", "P", "PT", "3D", "P3Y", "amount", "P1DT"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert bpmn.duration_of(text) is None


def test_one_may_return_to_what_every_way_passes() -> None:
    graph = bpmn.read(LOOP).process
    assert graph is not None
    assert graph.earlier("second") == ("first",)
    assert graph.earlier("first") == ()


def test_join_of_what_was_not_forked_is_found() -> None:
    body = (
        '<startEvent id="start"/><exclusiveGateway id="either" default="x"/><userTask id="one"/><userTask id="two"/>'
        '<parallelGateway id="join"/><endEvent id="end"/>'
        + flow("a", "start", "either")
        + flow("x", "either", "one")
        + flow("y", "either", "two", "amount > 1")
        + flow("b", "one", "join")
        + flow("c", "two", "join")
        + flow("d", "join", "end")
    )
    assert codes(process(body)) == {"E345"}
    assert codes(process(body.replace("parallelGateway", "exclusiveGateway"))) == set()


def test_merge_of_what_was_forked_is_found() -> None:
    body = (
        '<startEvent id="start"/><parallelGateway id="fork"/><userTask id="one"/><userTask id="two"/>'
        '<exclusiveGateway id="merge"/><userTask id="three"/><endEvent id="end"/>'
        + flow("a", "start", "fork")
        + flow("x", "fork", "one")
        + flow("y", "fork", "two")
        + flow("b", "one", "merge")
        + flow("c", "two", "merge")
        + flow("d", "merge", "three")
        + flow("e", "three", "end")
    )
    assert codes(process(body)) == {"E345"}


def test_rounds_of_a_loop_come_to_an_end_with_a_word() -> None:
    graph = bpmn.read(LOOP).process
    assert graph is not None
    compiled = compile_process(graph)
    run = Run.begin(compiled, lambda arrow: True)

    def go_round() -> None:
        for _ in range(1000):
            run.finish(run.tasks()[0].id)

    with pytest.raises(ActionFailed, match="too often"):
        go_round()


def test_everything_has_a_place_and_no_two_have_the_same() -> None:
    graph = bpmn.read(LOOP).process
    assert graph is not None
    layout = drawing.laid_out(graph)
    assert set(layout.boxes) == set(graph.elements)
    assert len({(box.x, box.y) for box in layout.boxes.values()}) == len(graph.elements)
    assert set(layout.lines) == {arrow.id for arrow in graph.arrows}


def test_bpmn_files_stand_in_the_bundle_or_beside_metadata(tmp_path: Path) -> None:
    home = tmp_path / "metadata" / "shop"
    (home / "workflows").mkdir(parents=True)
    (tmp_path / "workflows" / "shop").mkdir(parents=True)
    (home / "bundle.yaml").write_text("kind: bundle\nname: shop\nversion: 1.0.0\n")
    (home / "workflows" / "inner.bpmn").write_text(LOOP)
    (tmp_path / "workflows" / "shop" / "outer.bpmn").write_text(LOOP)
    found, problems = sources.read(tmp_path / "metadata")
    assert problems == []
    assert {each.path for each in found} == {"bundle.yaml", "workflows/inner.bpmn", "workflows/outer.bpmn"}
    assert all(each.layer == "shop" for each in found)
