"""small bundles for tests, written as text"""

from __future__ import annotations

from textwrap import dedent

from dougong.catalog.compile import Loaded, load
from dougong.definitions.linked import Linked
from dougong.definitions.sources import SourceFile
from dougong.plugin_manager import load_extensions
from dougong.sdk.extensions import Extensions

EXTENSIONS: Extensions = load_extensions(entry_points=False)

CUSTOMER = """
    kind: object
    name: customer
    label: Customer
    title: name
    fields:
      - {name: name, type: text, label: Name, sortable: true}
      - {name: amount, type: money, label: Amount}
      - {name: superior, type: lookup, to: customer, label: Superior}
"""
VIEW = """
    kind: view
    name: customers
    label: Customers
    object: customer
    columns:
      - {name: name}
      - {name: superior.name}
"""
CRM = {"objects/customer.yaml": CUSTOMER, "views/customers.yaml": VIEW}


def files(layer: str, texts: dict[str, str], bundle: str = "") -> list[SourceFile]:
    """Make the files of a layer; a bundle gets its `bundle.yaml`."""
    found = [SourceFile(layer, path, dedent(text).lstrip("\n")) for path, text in texts.items()]
    if layer != "site":
        said = f"kind: bundle\nname: {layer}\nlabel: {layer}\nversion: 1.0.0\n" + dedent(bundle).lstrip("\n")
        found.append(SourceFile(layer, "bundle.yaml", said))
    return found


def crm(more: dict[str, str] | None = None) -> list[SourceFile]:
    """Make a bundle with customers, and further files."""
    return files("crm", {**CRM, **(more or {})})


def loaded(*sources: list[SourceFile], language: str = "en") -> Loaded:
    """Compile layers."""
    return load([source for layer in sources for source in layer], EXTENSIONS, language=language)


def linked(*sources: list[SourceFile]) -> Linked:
    """Link layers that have no problems."""
    found = loaded(*sources)
    assert [str(problem) for problem in found.problems] == []
    assert found.linked is not None
    return found.linked


def said(found: Loaded) -> list[str]:
    """Give the problems, without hints."""
    return [str(problem).split("\n")[0] for problem in found.problems]
