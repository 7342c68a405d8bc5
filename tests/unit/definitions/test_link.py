from __future__ import annotations

from dougong.definitions.kinds import Object
from tests.unit.definitions.bundles import crm, files, linked, loaded, said

ORDER = """
    kind: object
    name: order
    label: Order
    title: number
    fields:
      - {name: number, type: auto_number, pattern: "O-{sequence:4}", label: Number}
      - {name: customer, type: lookup, to: customer, label: Customer}
      - {name: lines, type: children, of: order_line, label: Lines}
      - {name: total, type: formula, expr: sum(lines.amount), returns: money, label: Total}
    rules:
      - {name: known, that: customer.superior is not null or total > 0, otherwise: Choose another.}
"""
LINE = """
    kind: object
    name: order_line
    label: Line
    nature: child
    fields:
      - {name: amount, type: money, label: Amount}
"""
ORDERS = {
    "objects/order.yaml": ORDER,
    "objects/order_line.yaml": LINE,
    "views/orders.yaml": "kind: view\nname: orders\nlabel: Orders\nobject: order\nsort: [-number]\n",
}


def test_every_name_is_a_reference_with_its_place() -> None:
    found = linked(crm(ORDERS))
    said_by_order = {
        (each.kind, each.name, each.field, f"{each.place.line}:{each.place.column}")
        for each in found.references
        if each.by.name == "order" and each.by.kind == "object"
    }
    assert ("object", "customer", None, "7:40") in said_by_order
    assert ("object", "order_line", None, "8:39") in said_by_order
    assert ("object", "order", "number", "4:8") in said_by_order
    assert ("object", "order_line", "amount", "9:40") in said_by_order
    assert ("object", "customer", "superior", "11:25") in said_by_order
    assert ("object", "order", "total", "11:25") in said_by_order


def test_children_know_whose_they_are() -> None:
    found = linked(crm(ORDERS))
    assert found.parents == {"order_line": ("order", "lines")}
    parent = found.fields["order_line"]["parent"]
    assert parent.is_system
    assert parent.type.lookup() == "order"


def test_system_fields_stand_before_those_of_the_author() -> None:
    found = linked(crm())
    assert list(found.fields["customer"]) == [
        *("id", "version", "owner", "unit", "created_at", "created_by", "updated_at", "updated_by"),
        *("name", "amount", "superior"),
    ]
    customer = found.find(Object, "customer")
    assert customer is not None
    assert all(field.shown_label().show("zh-CN") for field in found.fields["customer"].values())


def test_a_tree_learns_what_it_points_to() -> None:
    unit = """
        kind: object
        name: unit
        label: Unit
        title: name
        fields:
          - {name: name, type: text, label: Name}
          - {name: above, type: tree, label: Above}
    """
    view = "kind: view\nname: units\nlabel: Units\nobject: unit\ncolumns: [{name: above.above.name}]\n"
    found = linked(files("crm", {"objects/unit.yaml": unit, "views/units.yaml": view}))
    assert found.fields["unit"]["above"].type.lookup() == "unit"


def test_an_id_is_compared_with_a_lookup_of_its_object() -> None:
    rule = """
        kind: patch
        name: rule
        patches: object/customer
        change:
          rules:
            - {name: other, that: superior is null or superior != id, otherwise: Choose another.}
    """
    assert linked(crm({"patches/rule.yaml": rule})).references


def test_expression_error_stands_at_its_character() -> None:
    view = """
        kind: view
        name: big
        label: Big
        object: customer
        where: >-
          amount > 5
          and superior.nmae == "x"
    """
    found = loaded(crm({"views/big.yaml": view}))
    assert said(found) == ["crm/views/big.yaml:7:7: E303 object 'customer' has no field 'nmae'"] or said(found) == [
        "crm/views/big.yaml:7:16: E303 object 'customer' has no field 'nmae'"
    ]


def test_object_that_is_not_there_is_told_once() -> None:
    view = "kind: view\nname: gone\nlabel: Gone\nobject: custmer\ncolumns: [{name: a}, {name: b}]\nwhere: x == 1\n"
    assert said(loaded(crm({"views/gone.yaml": view}))) == [
        "crm/views/gone.yaml:4:9: E301 there is no object 'custmer'"
    ]
