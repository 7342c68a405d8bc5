"""the only Jinja2 environment: strict, escaped, one per language

A page template gets one thing, `page`: a view model of `web/present`. It may call `t("Save")` for our own sentences,
which are translated to the language of the page, and `asset("core", "css")` for the address of a browser file.
Templates are ours and trusted; what an author writes is a `Sentence`, in a sandbox without functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from dougong.base.text import Message

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]
BROWSER_FILES = _PACKAGE / "web" / "static" / "dist"
"""Where the build puts scripts, styles and icons, with a manifest of their names."""


def template_folder() -> Path:
    """Give the folder of page templates: the checkout's, else the one that was shipped."""
    folders = [_CHECKOUT / "ui_templates", _PACKAGE / "_bundled" / "ui_templates"]
    return next((folder for folder in folders if (folder / "frame.html").is_file()), folders[0])


class Templates:
    """The page templates, ready to be rendered in any language."""

    def __init__(self, folder: Path | None = None, browser_files: Path = BROWSER_FILES) -> None:
        self._base = Environment(
            loader=FileSystemLoader(folder or template_folder()),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=0,
        )
        self._assets = _manifest(browser_files)
        self._base.globals.update(asset=self.asset, icon_file=self.asset("icons", "svg"))
        self._by_locale: dict[str, Environment] = {}

    def asset(self, name: str, sort: str) -> str:
        """Give the address of a browser file, or nothing where none were built: pages work without."""
        file = self._assets.get(name, {}).get(sort)
        return f"/static/dist/{file}" if file else ""

    def render(self, name: str, page: object, *, locale: str) -> str:
        """Show a view model through a template."""
        return self._environment(locale).get_template(name).render(page=page)

    def macro(self, name: str, macro: str, *, locale: str) -> Callable[..., Markup]:
        """Give one macro of a template, for a piece of a page."""
        found: Callable[..., Markup] = getattr(self._environment(locale).get_template(name).module, macro)
        return found

    def _environment(self, locale: str) -> Environment:
        """Give the environment of a language. Each keeps its own templates, so that macros speak it too."""
        found = self._by_locale.get(locale)
        if found is None:
            found = self._base.overlay(cache_size=200)
            found.globals = {**self._base.globals, "t": _translator(locale), "locale": locale}
            found = self._by_locale.setdefault(locale, found)
        return found


def _translator(locale: str) -> Callable[..., str]:
    def t(sentence: str, **params: Any) -> str:
        return Message(sentence, **params).show(locale)

    return t


def _manifest(folder: Path) -> Mapping[str, Mapping[str, str]]:
    path = folder / "manifest.json"
    if not path.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


class BadSentence(Exception):
    """A sentence of an author that cannot be read or filled; the text says why."""


class _Sandbox(SandboxedEnvironment):
    """No function can be called, nothing multiplied, and nothing reached but what a value gives by name."""

    intercepted_binops = frozenset({"*", "**", "%", "//", "/", "+", "-"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"'{operator}' is not for texts; put it in a field with a formula")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


_FILTERS = (
    "default",
    "d",
    "e",
    "escape",
    "first",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "trim",
    "truncate",
    "upper",
)
LONGEST_SENTENCE = 20_000


def _sandbox() -> _Sandbox:
    made = _Sandbox(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False, cache_size=0)
    made.globals = {}
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made


_SENTENCES = _sandbox()


class Sentence:
    """A text of an author with places for values: `{{ record.name }} is due`. What is filled in is plain text."""

    def __init__(self, text: str) -> None:
        try:
            tree = _SENTENCES.parse(text)
            self._template = _SENTENCES.from_string(text)
        except TemplateError as error:
            raise BadSentence(str(error)) from None
        self.paths = tuple(dict.fromkeys(_paths(tree)))
        """What is reached, each as names: `("record", "customer", "name")`."""

    def fill(self, values: Mapping[str, Any]) -> str:
        """Put values in their places, or raise `BadSentence`."""
        try:
            return self._template.render(values)[:LONGEST_SENTENCE]
        except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise BadSentence(str(error)) from None


def _paths(tree: nodes.Node) -> Iterator[tuple[str, ...]]:
    """Find what a template reaches, each path once in its whole length."""
    if isinstance(tree, nodes.Getattr | nodes.Name):
        names = _names(tree)
        if names:
            yield names
            return
    for child in tree.iter_child_nodes():
        yield from _paths(child)


def _names(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,) if node.ctx == "load" else ()
    if isinstance(node, nodes.Getattr):
        before = _names(node.node)
        return (*before, node.attr) if before else ()
    return ()


class Plain:
    """A value that a sentence may show, and what is reached from it by name; it has nothing else to reach."""

    __slots__ = ("_inner", "_shown")

    def __init__(self, shown: str, inner: Mapping[str, Plain]) -> None:
        self._shown = shown
        self._inner = inner

    def __getitem__(self, name: str) -> Plain:
        """Give what is reached by a name."""
        return self._inner[name]

    def __str__(self) -> str:
        return self._shown

    def __bool__(self) -> bool:
        return bool(self._shown)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._shown)

    def __len__(self) -> int:
        return len(self._shown)
