"""the only Jinja2 environment: strict, escaped, one per language

A page template gets one thing, `page`: a view model of `web/present`. It may call `t("Save")` for our own sentences,
which are translated to the language of the page, and `asset("core", "css")` for the address of a browser file.
Templates are ours and trusted; those that a customer writes will be rendered in a sandbox of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
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
