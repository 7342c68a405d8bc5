"""Who is meant by a list of recipients."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dougong.definitions.kinds.people import Recipient
from dougong.features.accounts.work import work
from dougong.records import recipients
from dougong.records import service as records


@pytest.fixture
def ids(engine) -> dict[str, str]:
    with work(engine, reason="look") as ctx:
        users = {each["login"]: each.id for each in records.list(ctx, "user").records if each["login"]}
        units = {each["code"]: each.id for each in records.list(ctx, "unit").records}
        return {**users, **units}


@pytest.fixture
def customer(engine, ids) -> str:
    """A customer of Ann's, in the north."""
    with work(engine, reason="a customer") as ctx:
        return records.create(ctx, "customer", {"name": "A", "owner": ids["ann"], "unit": ids["north"]}).id


@pytest.fixture
def meant(engine, ids, customer):
    names = {key: name for name, key in ids.items()}

    def resolve(*specs: dict, record: str | None = "", **more) -> list[str]:
        parts = [Recipient(name=f"r{at}", **spec) for at, spec in enumerate(specs)]
        with work(engine, write=False, reason="look") as ctx:
            found = recipients.resolve(ctx, parts, "customer", customer if record == "" else record, **more)
            return [names[each] for each in found]

    return resolve


def change(engine, object_name: str, record_id: str, **values) -> None:
    with work(engine, reason="change people") as ctx:
        records.update(ctx, object_name, record_id, values, last_write=True)


def test_holders_of_role_are_meant_everywhere_or_in_units_above(meant) -> None:
    assert meant({"role": "chief"}) == ["boss", "eve"]
    assert meant({"role": "seller"}) == ["ann", "bob"]
    assert meant({"role": "seller", "of": "unit"}) == ["ann"]
    assert meant({"role": "chief", "of": "unit"}) == ["boss", "eve"]
    assert meant({"role": "clerk", "of": "unit"}) == []


def test_one_person_is_meant_once_in_order(meant) -> None:
    assert meant({"user": "eve"}, {"field": "owner"}, {"role": "chief"}) == ["eve", "ann", "boss"]
    assert meant({"user": "who"}) == []


def test_head_of_unit_is_found_upwards(engine, ids, meant) -> None:
    assert meant({"unit_head": "unit"}) == []
    change(engine, "unit", ids["head"], head=ids["eve"])
    assert meant({"unit_head": "unit"}) == ["eve"]
    assert meant({"unit_head": "owner.unit"}) == ["eve"]
    change(engine, "unit", ids["north"], head=ids["boss"])
    assert meant({"unit_head": "unit"}) == ["boss"]
    change(engine, "user", ids["boss"], active=False)
    assert meant({"unit_head": "unit"}) == ["eve"]


def test_superiors_are_counted_without_those_who_left(engine, ids, meant) -> None:
    change(engine, "user", ids["ann"], superior=ids["boss"])
    change(engine, "user", ids["boss"], superior=ids["eve"])
    assert meant({"superior": 1}) == ["boss"]
    assert meant({"superior": 2}) == ["eve"]
    assert meant({"superior": 3}) == []
    assert meant({"superior": 1}, applicant=ids["boss"]) == ["eve"]
    change(engine, "user", ids["boss"], active=False)
    assert meant({"superior": 1}) == ["eve"]
    change(engine, "user", ids["boss"], superior=ids["ann"])
    assert meant({"superior": 1}) == []  # a circle leads to nobody


def test_field_path_and_expression_name_people(engine, ids, meant) -> None:
    change(engine, "user", ids["ann"], superior=ids["boss"])
    assert meant({"field": "owner"}, {"field": "owner.superior"}) == ["ann", "boss"]
    assert meant({"expression": 'owner if name == "B" else owner.superior'}) == ["boss"]
    change(engine, "user", ids["ann"], active=False)
    assert meant({"field": "owner"}) == []


def test_record_that_is_gone_means_nobody_by_its_fields(meant, ids) -> None:
    gone = ids["ann"]
    every = ({"field": "owner"}, {"expression": "owner"}, {"unit_head": "unit"}, {"superior": 1}, {"user": "bob"})
    assert meant(*every, record=gone) == ["bob"]
    assert meant(*every, record=None) == ["bob"]
    assert meant({"role": "seller", "of": "unit"}, record=None) == []


def test_without_a_unit_that_of_the_applicant_counts(engine, ids, meant) -> None:
    assert meant({"role": "seller", "of": "unit"}, record=None, applicant=ids["bob"]) == ["bob"]


@pytest.mark.parametrize("spec", [{}, {"role": "chief", "user": "ann"}, {"user": "ann", "of": "unit"}])
def test_recipient_says_who_in_one_way(spec: dict) -> None:
    with pytest.raises(ValidationError):
        Recipient(name="r", **spec)
