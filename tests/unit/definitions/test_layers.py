from __future__ import annotations

import pytest

from dougong.definitions.kinds import Object, View
from dougong.definitions.layers import fits
from tests.unit.definitions.bundles import CRM, crm, files, linked, loaded, said

ADD_FAX = """
    kind: patch
    name: x_fax
    patches: object/customer
    change:
      label: {zh-CN: 客户}
      subtitle: superior.name
      fields:
        - {name: name, max_length: 30}
        - {name: x_fax, type: phone, label: Fax}
      indexes:
        - {name: x_by_fax, fields: [x_fax]}
    remove: [fields.amount]
    order:
      fields: [x_fax, superior]
"""


def test_patch_changes_adds_removes_and_orders() -> None:
    found = linked(crm(), files("site", {"patches/x_fax.yaml": ADD_FAX}))
    customer = found.find(Object, "customer")
    assert customer is not None
    assert [field.name for field in customer.fields] == ["x_fax", "superior", "name"]
    assert customer.fields[2].type.max_length == 30  # type: ignore[attr-defined]
    assert customer.label is not None
    assert customer.label.by_language == {"en": "Customer", "zh-CN": "客户"}
    assert customer.subtitle == "superior.name"


def test_what_a_patch_said_keeps_its_place_and_layer() -> None:
    found = linked(crm(), files("site", {"patches/x_fax.yaml": ADD_FAX}))
    customer = found.find(Object, "customer")
    assert customer is not None
    assert customer.bundle == "crm"
    assert str(found.place(customer, "subtitle")) == "site/patches/x_fax.yaml:6:13"
    assert str(found.place(customer, "title")) == "crm/objects/customer.yaml:4:8"
    assert found.layers.said_by("object", "customer", "fields", 0, "name") == "site"
    assert found.layers.said_by("object", "customer", "fields", 2, "max_length") == "site"
    assert found.layers.said_by("object", "customer", "fields", 2, "name") == "crm"
    assert found.layers.said_by("object", "customer", "fields", 1, "name") == "crm"
    assert found.layers.effective["object", "customer"].patched_by == ("site",)


def test_plain_text_of_a_patch_is_in_the_language_of_its_layer() -> None:
    patch = "kind: patch\nname: x_name\npatches: object/customer\nchange: {label: 客户, plural: 客户们}\n"
    found = loaded(crm(), files("site", {"patches/x_name.yaml": patch}), language="zh-CN")
    assert found.catalog is not None
    customer = found.catalog.object("customer").definition
    assert customer.label is not None
    assert customer.label.by_language == {"en": "Customer", "zh-CN": "客户"}
    assert customer.plural is not None
    assert customer.plural.by_language == {"zh-CN": "客户们"}


def test_problem_in_a_patch_stands_in_the_patch() -> None:
    patch = """
        kind: patch
        name: x_bad
        patches: object/customer
        change:
          fields:
            - {name: x_fax, type: fone}
    """
    found = loaded(crm(), files("site", {"patches/x_bad.yaml": patch}))
    assert said(found) == ["site/patches/x_bad.yaml:6:27: E201 unknown field type 'fone'"]


def test_patches_lie_in_the_order_of_their_layers() -> None:
    patch = "kind: patch\nname: {name}\npatches: view/customers\nchange: {{position: {position}}}\n"
    first = files("a_shop", {"patches/one.yaml": patch.format(name="one", position=1)}, "requires: [{name: z_shop}]")
    second = files("z_shop", {"patches/two.yaml": patch.format(name="two", position=2)}, "requires: [{name: crm}]")
    last = files("site", {"patches/x_last.yaml": patch.format(name="x_last", position=3)})
    assert linked(last, second, crm(), first).layers.order == ("crm", "z_shop", "a_shop", "site")
    view = linked(last, second, crm(), first).find(View, "customers")
    assert view is not None
    assert view.position == 3
    view = linked(second, crm(), first).find(View, "customers")
    assert view is not None
    assert view.position == 1


def test_columns_with_dots_in_their_names_are_removed_by_name() -> None:
    patch = "kind: patch\nname: x_view\npatches: view/customers\nremove: [columns.superior.name]\n"
    view = linked(crm(), files("site", {"patches/x_view.yaml": patch})).find(View, "customers")
    assert view is not None
    assert [column.name for column in view.columns] == ["name"]


def test_patch_reaches_into_lists_within_lists() -> None:
    form = """
        kind: form
        name: customer
        label: Customer
        object: customer
        sections:
          - {name: main, fields: [{name: name}, {name: amount}]}
    """
    patch = """
        kind: patch
        name: x_form
        patches: form/customer
        change:
          sections:
            - name: main
              fields:
                - {name: name, width: full}
                - {name: superior}
        remove: [sections.main.fields.amount]
        order:
          sections.main.fields: [superior]
    """
    found = loaded(crm({"forms/customer.yaml": form}), files("site", {"patches/x_form.yaml": patch}))
    assert said(found) == []
    assert found.catalog is not None
    section = found.catalog.definitions["form"]["customer"].sections[0]  # type: ignore[attr-defined]
    assert [(field.name, field.width) for field in section.fields] == [("superior", "half"), ("name", "full")]


def test_set_grows_and_patching_leaves_the_bundle_alone() -> None:
    role = """
        kind: permission_set
        name: all_customers
        label: All
        grants:
          - {name: c, object: customer, verbs: [read], scope: all}
    """
    patch = """
        kind: patch
        name: x_more
        patches: permission_set/all_customers
        change:
          grants:
            - {name: c, verbs: [read, update]}
    """
    base = crm({"access/all_customers.yaml": role})
    found = loaded(base, files("site", {"patches/x_more.yaml": patch}))
    assert found.catalog is not None
    assert found.catalog.definitions["permission_set"]["all_customers"].grants[0].verbs == ("read", "update")  # type: ignore[attr-defined]
    alone = loaded(base).catalog
    assert alone is not None
    assert alone.definitions["permission_set"]["all_customers"].grants[0].verbs == ("read",)  # type: ignore[attr-defined]


def test_bundle_adds_a_field_to_the_platforms_own() -> None:
    user = """
        kind: object
        name: user
        label: User
        managed: true
        title: name
        fields:
          - {name: name, type: text, label: Name}
    """
    view = "kind: view\nname: users\nlabel: Users\nobject: user\n"
    system = files("system", {"objects/user.yaml": user, "views/users.yaml": view})
    patch = (
        "kind: patch\nname: badge\npatches: object/user\nchange: {fields: [{name: badge, type: text, label: Badge}]}\n"
    )
    found = linked(system, files("crm", {**CRM, "patches/badge.yaml": patch}))
    assert "badge" in found.fields["user"]


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("1.2.0", "", True),
        ("1.2.0", ">=1.2", True),
        ("1.2.0", ">=1.2,<2", True),
        ("2.0.0", ">=1.2,<2", False),
        ("1.10.0", ">1.9", True),
        ("1.2.0", "1.2", True),
        ("1.2.0", "==1.2.1", False),
        ("1.2.0", "!=1.2.0", False),
        ("1.2.0", "<= 1.2", True),
        ("1.2.0", "newest", False),
        ("None", ">=1", False),
    ],
)
def test_version_is_held_against_a_range(version: str, wanted: str, expected: bool) -> None:  # noqa: FBT001
    assert fits(version, wanted) is expected
