"""find built-ins, plugins/*.py and entry points; verify them; fill the registries"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast, get_args

import pluggy

from dougong.base.names import hint_for, is_name
from dougong.base.registry import Registry
from dougong.base.text import Text
from dougong.sdk import hooks
from dougong.sdk.action import Action
from dougong.sdk.extensions import Extensions, Moments
from dougong.sdk.field_type import Comparison, FieldType

BUILT_IN = "dougong.builtin"
ENTRY_POINTS = "dougong.plugins"

X = TypeVar("X")


class BrokenPlugin(Exception):
    """A plugin that cannot be used: which file, and why. The start stops."""

    def __init__(self, source: str, why: str) -> None:
        self.source = source
        super().__init__(f"{source}: {why}")


def load_extensions(folders: Iterable[Path] = (), *, entry_points: bool = True) -> Extensions:
    """Load every plugin there is, check it, and give what they add."""
    plugins = pluggy.PluginManager(hooks.PROJECT)
    plugins.add_hookspecs(hooks)
    _register(plugins, _built_ins())
    for folder in folders:
        _register(plugins, _files(folder), must_add=True)
    if entry_points:
        _register(plugins, _installed(), must_add=True)
    _check_hooks(plugins)
    return Extensions(
        field_types=_field_types(plugins), actions=_actions(plugins), moments=cast("Moments", plugins.hook)
    )


def _built_ins() -> Iterator[tuple[str, ModuleType]]:
    """Import what lies in `dougong.builtin`, however deep."""
    package = importlib.import_module(BUILT_IN)
    for found in pkgutil.walk_packages(package.__path__, BUILT_IN + "."):
        module = importlib.import_module(found.name)
        yield _file_of(module), module


def _files(folder: Path) -> Iterator[tuple[str, ModuleType]]:
    """Import the files of a folder; one that begins with `_` is for the others to import."""
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_"):
            yield str(path), _import_file(path)


def _installed() -> Iterator[tuple[str, ModuleType]]:
    """Import what installed packages announce as `dougong.plugins`."""
    found = importlib.metadata.entry_points(group=ENTRY_POINTS)
    for point in sorted(found, key=lambda point: point.name):
        source = f"entry point {point.name} = {point.value}"
        try:
            module = point.load()
        except (Exception, SystemExit) as error:
            raise BrokenPlugin(source, _why(error, None)) from error
        yield (_file_of(module) if isinstance(module, ModuleType) else source), module


def _import_file(path: Path) -> ModuleType:
    # Named after its path: engines of one process may have files of one name in different folders.
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    name = f"dougong_plugin_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BrokenPlugin(str(path), "is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Annotations are resolved through it while the file is still being imported.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BrokenPlugin(str(path), _why(error, path)) from error
    return module


def _why(error: BaseException, path: Path | None) -> str:
    """Say why an import failed, with the last line of the plugin itself."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if path and Path(frame.filename) == path and frame.lineno]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return f"cannot be imported: {type(error).__name__}: {error}" + (f" (line {line})" if line else "")


def _register(
    plugins: pluggy.PluginManager, found: Iterable[tuple[str, ModuleType]], *, must_add: bool = False
) -> None:
    for source, module in found:
        if plugins.is_registered(module):
            continue
        try:
            plugins.register(module, name=source)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise BrokenPlugin(source, str(error)) from error
        if must_add and not plugins.get_hookcallers(module):
            raise BrokenPlugin(source, "adds nothing; mark its function with @hookimpl")


def _check_hooks(plugins: pluggy.PluginManager) -> None:
    try:
        plugins.check_pending()
    except pluggy.PluginValidationError as error:
        source = plugins.get_name(error.plugin) or str(error.plugin)
        known = _names_of_hooks()
        unknown = [
            hook.name
            for hook in plugins.get_hookcallers(error.plugin) or ()
            if hook.name not in known and not all(found.optionalhook for found in hook.get_hookimpls())
        ]
        raise BrokenPlugin(source, f"there is no hook '{unknown[0]}'; {hint_for(unknown[0], known)}") from error


def _names_of_hooks() -> list[str]:
    return [name for name, thing in vars(hooks).items() if hasattr(thing, f"{hooks.PROJECT}_spec")]


def _field_types(plugins: pluggy.PluginManager) -> Registry[type[FieldType[Any]]]:
    registry: Registry[type[FieldType[Any]]] = Registry("field type")
    for source, type_ in _answers(plugins, "field_types"):
        _check_field_type(source, type_)
        try:
            registry.add(type_.name, type_, source=source)
        except RuntimeError as error:
            raise BrokenPlugin(source, str(error)) from error
    registry.freeze()
    return registry


def _actions(plugins: pluggy.PluginManager) -> Registry[type[Action]]:
    registry: Registry[type[Action]] = Registry("action")
    for source, action in _answers(plugins, "actions"):
        _check_action(source, action)
        try:
            registry.add(action.do, action, source=source)
        except RuntimeError as error:
            raise BrokenPlugin(source, str(error)) from error
    registry.freeze()
    return registry


def _check_action(source: str, action: Any) -> None:
    """Refuse what only looks like an action."""
    if not (inspect.isclass(action) and issubclass(action, Action)):
        raise BrokenPlugin(source, f"{action!r} is no class of Action")
    name = getattr(action, "do", None)
    if not isinstance(name, str) or not is_name(name):
        raise BrokenPlugin(source, f"{action.__name__} has the name {name!r}; write do = …, in snake_case")
    if not isinstance(getattr(action, "label", None), Text):
        raise BrokenPlugin(source, f"{action.__name__} has no label; write label = Text({{'en': …, 'zh-CN': …}})")
    if inspect.isabstract(action):
        raise BrokenPlugin(source, f"{action.__name__} lacks {', '.join(sorted(action.__abstractmethods__))}")


def _answers(plugins: pluggy.PluginManager, question: str) -> Iterator[tuple[str, Any]]:
    """Ask every plugin one question, built-ins first, and keep in mind who answered."""
    for asked in getattr(plugins.hook, question).get_hookimpls():
        source = asked.plugin_name
        try:
            answer = asked.function()
        except Exception as error:
            raise BrokenPlugin(source, f"'{question}' fails: {type(error).__name__}: {error}") from error
        if not isinstance(answer, (list, tuple)):
            raise BrokenPlugin(source, f"'{question}' gives {type(answer).__name__} and not a list")
        yield from ((source, thing) for thing in answer)


def _check_field_type(source: str, type_: Any) -> None:
    """Refuse what only looks like a field type, at the start and not at its first value."""
    if not (inspect.isclass(type_) and issubclass(type_, FieldType)):
        raise BrokenPlugin(source, f"{type_!r} is no class of FieldType")
    name = getattr(type_, "name", None)
    if not isinstance(name, str) or not is_name(name):
        raise BrokenPlugin(source, f"{type_.__name__} has the name {name!r}; a name is snake_case")
    if not isinstance(getattr(type_, "label", None), Text):
        raise BrokenPlugin(source, f"{type_.__name__} has no label; write label = Text({{'en': …, 'zh-CN': …}})")
    if inspect.isabstract(type_):
        raise BrokenPlugin(source, f"{type_.__name__} lacks {', '.join(sorted(type_.__abstractmethods__))}")
    known = get_args(Comparison)
    comparisons = getattr(type_, "comparisons", ())
    for comparison in comparisons if isinstance(comparisons, tuple) else ():
        if comparison not in known:
            hint = hint_for(str(comparison), known)
            raise BrokenPlugin(source, f"{type_.__name__} has the unknown comparison {comparison!r}; {hint}")


def _file_of(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or module.__name__
