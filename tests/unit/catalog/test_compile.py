from __future__ import annotations

import dataclasses

import pytest

from dougong.base.errors import UnknownName
from dougong.catalog import paths
from dougong.catalog.compile import load
from dougong.catalog.expressions import compiled, formula_of
from dougong.catalog.holder import Holder
from dougong.catalog.model import Catalog, View
from dougong.catalog.physical import Physical
from dougong.definitions.sources import SourceFile, fingerprint
from dougong.expressions.errors import ExpressionError
from dougong.expressions.types import BOOLEAN
from tests.unit.definitions.bundles import EXTENSIONS, crm, files, loaded
from tests.unit.definitions.test_link import ORDERS


def catalog() -> Catalog:
    found = loaded(crm(ORDERS)).catalog
    assert found is not None
    return found


def test_catalog_has_objects_views_and_fingerprint() -> None:
    sources = crm(ORDERS)
    found = load(sources, EXTENSIONS, physical=Physical(tables={"order": "orders"})).catalog
    assert found is not None
    assert found.fingerprint == fingerprint(sources)
    assert list(found.objects) == ["customer", "order", "order_line"]
    assert found.object("order_line").parent == "order"
    assert found.object("order_line").parent_field == "lines"
    assert found.get(View, "orders").object == "order"
    assert found.related("customer") == (("customer", "superior"), ("order", "customer"))
    assert found.physical.table("order") == "orders"
    assert found.physical.table("customer") == "d_customer"


def test_catalog_cannot_be_changed() -> None:
    found = catalog()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.fingerprint = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.objects["customer"] = found.object("order")  # type: ignore[index]
    with pytest.raises(TypeError):
        found.object("customer").fields["x"] = None  # type: ignore[index]


def test_errors_leave_no_catalog_and_advice_does() -> None:
    broken = loaded(crm({"objects/bad.yaml": "kind: object\nname: bad\nlabel: B\ntitle: nothing\n"}))
    assert broken.catalog is None
    assert [problem.code for problem in broken.problems] == ["W502", "E303"]
    advised = loaded(crm({"objects/lone.yaml": "kind: object\nname: lone\nlabel: Lone\n"}))
    assert advised.catalog is not None
    assert [problem.code for problem in advised.problems] == ["W502"]


def test_texts_that_were_checked_are_compiled_alike() -> None:
    quick = load(crm(ORDERS), EXTENSIONS, validate=False).catalog
    assert quick is not None
    assert quick.definitions == catalog().definitions
    assert quick.objects == catalog().objects


def test_field_type_that_is_gone_is_a_problem_also_when_unchecked() -> None:
    text = "kind: object\nname: a\nfields: [{name: b, type: hologram}]\n"
    found = load(files("crm", {"objects/a.yaml": text}), EXTENSIONS, validate=False)
    assert found.catalog is None
    assert [problem.code for problem in found.problems] == ["E201"]


def test_path_goes_over_lookups() -> None:
    found = paths.resolve(catalog(), "order", "customer.superior.name")
    assert [(name, field.name) for name, field in found.steps] == [
        ("order", "customer"),
        ("customer", "superior"),
        ("customer", "name"),
    ]
    assert (found.object, found.field.name) == ("customer", "name")
    assert [field.name for _, field in found.lookups] == ["customer", "superior"]
    assert paths.resolve(catalog(), "order", "number").lookups == ()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("custmer", "object 'order' has no field 'custmer'; did you mean 'customer'?"),
        ("customer.nmae", "object 'customer' has no field 'nmae'; did you mean 'name'?"),
        ("number.length", "'number' is no lookup, so it has no 'length'"),
        ("lines.amount", "'lines' is no lookup, so it has no 'amount'"),
        ("owner.name", "there is no object 'user'; did you mean 'customer'?"),
        ("", "object 'order' has no field ''; there is: created_at, created_by, customer, id, lines, number …"),
    ],
)
def test_path_that_leads_nowhere_says_what_was_meant(path: str, message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        paths.resolve(catalog(), "order", path)
    assert str(caught.value) == message


def test_expressions_are_checked_once() -> None:
    found = catalog()
    node = compiled(found, "customer", "amount > 5", expect=BOOLEAN)
    assert compiled(found, "customer", "amount > 5", expect=BOOLEAN) is node
    assert formula_of(found, "order", "total") is formula_of(found, "order", "total")
    assert formula_of(found, "order", "number") is None
    with pytest.raises(ExpressionError):
        compiled(found, "customer", "amount > name")


def test_holder_swaps_catalogs_whole() -> None:
    holder = Holder()
    assert holder.is_empty
    with pytest.raises(RuntimeError):
        _ = holder.current
    first, second = catalog(), catalog()
    holder.swap(first)
    pinned = holder.current
    holder.swap(second)
    assert (pinned, holder.current) == (first, second)
    assert holder.current is second


def test_what_a_broken_file_may_have_held_is_not_missed() -> None:
    patch = "kind: patch\nname: x_one\npatches: object/broken\nchange: {icon: box}\n"
    site = files("site", {"patches/x_one.yaml": patch})
    found = loaded(crm({"objects/broken.yaml": "kind: object\nname: broken\nlabel: [\n"}), site)
    assert [problem.code for problem in found.problems] == ["E101"]
    bundle = SourceFile("crm", "bundle.yaml", "kind: bundle\n  name: crm\n")
    assert [problem.code for problem in load([bundle, *crm()[:-1]], EXTENSIONS).problems] == ["E101"]


def test_thousands_of_formulas_in_a_chain_are_followed() -> None:
    field = "  - {{name: f{}, type: formula, expr: f{} + 1, returns: integer, label: F}}\n"
    text = "kind: object\nname: chain\nlabel: Chain\nfields:\n  - {name: f0, type: integer, label: F}\n"
    text += "".join(field.format(number, number - 1) for number in range(2000, 0, -1))
    view = "kind: view\nname: chains\nlabel: Chains\nobject: chain\n"
    assert loaded(files("crm", {"objects/chain.yaml": text, "views/chains.yaml": view})).problems == []
