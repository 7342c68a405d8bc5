"""a small catalog, and someone who looks at it"""

from __future__ import annotations

import pytest

from dougong import plugin_manager
from dougong.catalog.compile import load
from dougong.catalog.model import Catalog
from dougong.definitions.sources import SourceFile
from dougong.sdk.field_type import Showing
from dougong.web.present.value import Look

FILES = {
    "bundle.yaml": "kind: bundle\nname: shop\nversion: 1.0.0\nlabel: Shop\n",
    "objects/customer.yaml": """
kind: object
name: customer
label: {en: Customer, zh-CN: 客户}
plural: {en: Customers, zh-CN: 客户}
title: name
fields:
  - {name: name, type: text, sortable: true, required: true, label: {en: Name, zh-CN: 名称}}
  - {name: level, type: choice, options: [{value: a, label: Gold, colour: yellow}, {value: b, label: Plain}]}
  - {name: sort, type: choice, options: [{value: x, label: No colour}]}
  - {name: tags, type: multi_choice, options: [{value: x, label: X}, {value: y, label: Y}]}
  - {name: credit, type: money}
  - {name: since, type: date}
  - {name: seen, type: datetime}
  - {name: active, type: boolean}
  - {name: mail, type: email}
  - {name: site, type: url}
""",
    "objects/sale.yaml": """
kind: object
name: sale
label: Sale
title: number
fields:
  - {name: number, type: text, required: true}
  - {name: customer, type: lookup, to: customer}
  - {name: lines, type: children, of: sale_line}
""",
    "objects/sale_line.yaml": """
kind: object
name: sale_line
label: Line
nature: child
fields:
  - {name: product, type: text, required: true}
  - {name: quantity, type: integer, default: 1}
  - {name: gift, type: boolean}
""",
    "views/customers.yaml": """
kind: view
name: customers
label: All
object: customer
columns: [{name: name}, {name: level}, {name: credit}]
sort: [name]
filters: [level, since, active, credit, tags]
""",
    "views/sales.yaml": """
kind: view
name: sales
label: All
object: sale
columns: [{name: number}, {name: customer}, {name: customer.name}]
filters: [customer]
""",
    "menus/shop.yaml": """
kind: menu
name: shop
label: {en: Shop, zh-CN: 商店}
items:
  - {name: customers, object: customer}
  - {name: sales, view: sales}
""",
}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog of a small shop."""
    sources = [SourceFile("shop", path, text) for path, text in FILES.items()]
    loaded = load(sources, plugin_manager.load_extensions([]), language="en")
    assert loaded.catalog is not None, loaded.problems
    return loaded.catalog


@pytest.fixture
def look(catalog: Catalog) -> Look:
    """An English reader in Shanghai who may open everything."""
    showing = Showing(locale="en", zone="Asia/Shanghai", options=catalog.options)
    return Look(catalog, showing, lambda name: True)
