from __future__ import annotations

import pytest

from dougong.base.errors import InvalidValue
from dougong.definitions.kinds import Object
from dougong.definitions.system_fields import RecordId
from dougong.expressions.types import record
from dougong.sdk.field_type import Reading
from tests.unit.definitions.bundles import crm, files, linked, loaded, said

GRANTS = """
    kind: permission_set
    name: customers
    label: Customers
    grants:
"""


@pytest.mark.parametrize(
    ("one", "other", "idle"),
    [
        ("verbs: [read], scope: all", "verbs: [read], scope: own", "other"),
        ("verbs: [read, update], scope: own", "verbs: [read], scope: own", "other"),
        ("verbs: [read], scope: own", "verbs: [read], scope: unit_and_below", ""),
        ("verbs: [read], scope: unit", "verbs: [read], scope: unit_and_below", "one"),
        ("verbs: [read], scope: own", "verbs: [update], scope: all", ""),
        ("verbs: [read], scope: all", "verbs: [read], scope: own, reveal: [amount]", ""),
        ("verbs: [read], scope: all, fields: [name]", "verbs: [read], scope: own", ""),
        ("verbs: [read], scope: own", "verbs: [read], scope: expression, where: amount > 5", ""),
        ("verbs: [read], scope: all", "verbs: [read], scope: expression, where: amount > 5", "other"),
        ("verbs: [read], scope: own", "verbs: [read], scope: own", ""),
    ],
)
def test_grant_that_grants_nothing_is_told(one: str, other: str, idle: str) -> None:
    grants = [f"      - {{name: {name}, object: customer, {text}}}" for name, text in (("one", one), ("other", other))]
    found = loaded(crm({"access/customers.yaml": GRANTS + "\n".join(grants)}))
    expected = {"one": "W503 grant 'one'", "other": "W503 grant 'other'"}.get(idle)
    assert [line.split(": ", 1)[1][: len(expected or "")] for line in said(found)] == ([expected] if expected else [])


def test_what_stands_on_objects_that_are_gone_is_told_once() -> None:
    gone = "name: gone\nlabel: Gone\nobject: gone\n"
    more = {
        "forms/gone.yaml": f"kind: form\n{gone}related: [x_y]\n",
        "import_maps/gone.yaml": f"kind: import_map\n{gone}columns: [{{name: A, to: a}}]\n",
        "reports/gone.yaml": f"kind: report\n{gone}measures: [{{name: n, label: N, function: count}}]\n",
    }
    assert [line.split(" ")[1] for line in said(loaded(crm(more)))] == ["E301", "E301", "E301"]


def test_id_of_a_record_is_its_record_in_expressions() -> None:
    made = RecordId(of="customer")
    assert made.expression_type() == record("customer")
    known = "018f0000-0000-7000-8000-00000000000a"
    assert made.parse(f" {known.upper()} ", Reading()) == known
    with pytest.raises(InvalidValue):
        made.parse("12", Reading())
    assert made.json_schema()["format"] == "uuid"


@pytest.mark.parametrize(
    ("patch", "codes"),
    [
        ("change: [a]", ["E204"]),
        ("change: {fields: [text]}", ["E204"]),
        ("change: {fields: name}", ["E204"]),
        ("change: {fields: {name: {type: text}}}", ["E204"]),
        ("change: {title: [a]}", ["E204"]),
        ("change: {label: [a]}", ["E204"]),
        ("change: {fields: [{type: text}]}", ["E203"]),
        ("change: {fields: [{name: name, type: integer}]}", ["E202"]),
        ("remove: [7]", ["E204"]),
        ("remove: [title.name]", ["E312"]),
        ("remove: [fields.name.help]", ["E312"]),
        ("order: {title: [a]}", ["E312"]),
        ("order: {fields: name}", ["E204"]),
        ("order: [fields]", ["E204"]),
        ("remove: [kind]", ["E203"]),
    ],
)
def test_patch_of_a_strange_shape_is_told(patch: str, codes: list[str]) -> None:
    text = f"kind: patch\nname: x_strange\npatches: object/customer\n{patch}\n"
    found = loaded(crm(), files("site", {"patches/x_strange.yaml": text}))
    assert [problem.code for problem in found.problems] == codes


def test_patch_removes_keys_and_reaches_into_single_parts() -> None:
    report = """
        kind: report
        name: customers
        label: Customers
        object: customer
        dimensions: [{name: first, label: First, by: name}]
        measures: [{name: n, label: N, function: count}]
        chart: {type: bar, dimension: first, measures: [n]}
    """
    patch = """
        kind: patch
        name: x_report
        patches: report/customers
        change: {chart: {type: line}}
        remove: [chart.dimension, measures.n.label]
    """
    found = loaded(crm({"reports/customers.yaml": report}), files("site", {"patches/x_report.yaml": patch}))
    assert said(found) == []
    assert found.catalog is not None
    chart = found.catalog.definitions["report"]["customers"].chart  # type: ignore[attr-defined]
    assert (chart.type, chart.dimension, chart.measures) == ("line", None, ("n",))


def test_two_patches_of_one_name_in_two_layers_both_hold() -> None:
    patch = "kind: patch\nname: same\npatches: object/customer\nchange: {%s}\n"
    later = files("later", {"patches/same.yaml": patch % "icon: box"}, "requires: [{name: crm}]")
    site = files("site", {"patches/same.yaml": patch % "subtitle: amount"})
    customer = linked(crm(), later, site).find(Object, "customer")
    assert customer is not None
    assert (customer.icon, customer.subtitle) == ("box", "amount")
