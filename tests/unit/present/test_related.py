"""what lists of related records are called"""

from __future__ import annotations

import pytest

from dougong import plugin_manager
from dougong.catalog.compile import load
from dougong.definitions.sources import SourceFile
from dougong.sdk.field_type import Showing
from dougong.web.present import detail
from dougong.web.present.value import Look

COMPANY = """
kind: object
name: company
label: Company
plural: Companies
title: name
fields:
  - {name: name, type: text}
  - {name: parent, type: tree, label: Parent, related_label: {en: Subsidiaries, zh-CN: 下级客户}}
  - {name: rival, type: tree, label: Rival}
"""
DEAL = """
kind: object
name: deal
label: Deal
plural: Deals
fields:
  - {name: buyer, type: lookup, to: company, label: Buyer, related_label: Bought here}
  - {name: seller, type: lookup, to: company, label: Seller}
"""
NOTE = "kind: object\nname: note\nlabel: Note\nplural: Notes\nfields:\n  - {name: about, type: lookup, to: company}\n"
BUNDLE = "kind: bundle\nname: shop\nversion: 1.0.0\nlabel: Shop\n"


@pytest.mark.parametrize(
    ("object_name", "through", "locale", "label"),
    [
        ("company", "parent", "en", "Subsidiaries"),
        ("company", "parent", "zh-CN", "下级客户"),
        ("company", "rival", "en", "Companies · Rival"),
        ("deal", "buyer", "en", "Bought here"),
        ("deal", "seller", "en", "Deals · Seller"),
        ("note", "about", "en", "Notes"),
    ],
)
def test_related_list_is_called_as_its_lookup_says(object_name: str, through: str, locale: str, label: str) -> None:
    files = {"bundle": BUNDLE, "objects/company": COMPANY, "objects/deal": DEAL, "objects/note": NOTE}
    sources = [SourceFile("shop", f"{path}.yaml", text) for path, text in files.items()]
    loaded = load(sources, plugin_manager.load_extensions([]), language="en")
    assert loaded.catalog is not None, loaded.problems
    look = Look(loaded.catalog, Showing(locale=locale), lambda _: True)
    assert detail.related_label(look, object_name, through) == label
