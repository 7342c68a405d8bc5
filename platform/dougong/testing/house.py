"""the house rules that need code: names, the map, what may not be called"""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PLATFORM = ROOT / "platform"
PACKAGE = PLATFORM / "dougong"
MAP_PAGE = PLATFORM / "README.md"

EMPTY_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "misc", "core", "extras", "manager", "handlers", "lib"}
)
"""Names of modules that do not say what may go in."""

LOST_WORDS = frozenset(
    {"acl", "datatype", "doctype", "eav", "entity", "fieldtype", "metamodel", "tenant", "todo", "formlet"}
)
"""Words that our glossary replaced by others; see section 3 of the style."""

EMPTY_CLASS_NAME = re.compile(r"(Manager|Helper|Helpers|Handler|Util|Utils|Impl)$|^Abstract(?=[A-Z])")

EVALUATORS = frozenset({"eval", "exec", "compile", "__import__"})

_MAP_BLOCK = re.compile(r"(?<=```text map\n).*?(?=```)", re.DOTALL)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_COLUMN = 35


def modules(*folders: Path) -> Iterator[Path]:
    """List the Python files below some folders, in a steady order."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*.py") if "_bundled" not in path.parts)


def tree_map() -> str:
    """Draw the engine's tree with each module's purpose, in the order of imports."""
    lines = ["platform/dougong/"]
    for name in ("__init__", "__main__"):
        lines.append(_map_line(PACKAGE / f"{name}.py", 1))
    for layer in _layers():
        lines += ["", *_map_of(PACKAGE / layer)]
    return "\n".join(lines) + "\n"


def map_on_page() -> str:
    """Read the map as `platform/README.md` shows it."""
    found = _MAP_BLOCK.search(MAP_PAGE.read_text(encoding="utf-8"))
    return found.group() if found else ""


def rewrite_map() -> None:
    """Put today's map into `platform/README.md`."""
    page = MAP_PAGE.read_text(encoding="utf-8")
    MAP_PAGE.write_text(_MAP_BLOCK.sub(lambda _: tree_map(), page, count=1), encoding="utf-8")


def empty_names(*folders: Path) -> list[str]:
    """List the modules and packages whose names say nothing."""
    named = [path.parent if path.name == "__init__.py" else path for path in modules(*folders)]
    return [_place(path) for path in named if path.stem.strip("_") in EMPTY_NAMES]


def lost_words(*folders: Path) -> list[str]:
    """List the names we give that hold a word we do not use."""
    found = []
    for path in modules(*folders):
        for line, name in _given_names(_parse(path)):
            words = {word.lower() for word in _WORD.findall(name)}
            if words & LOST_WORDS:
                found.append(f"{_place(path, line)}: {name}")
    return found


def empty_class_names(*folders: Path) -> list[str]:
    """List the classes that are a `Manager`, a `Helper`, an `…Impl` and their like."""
    return [
        f"{_place(path, node.lineno)}: {node.name}"
        for path in modules(*folders)
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS_NAME.search(node.name)
    ]


def evaluations(*folders: Path) -> list[str]:
    """List the calls that would turn data into code."""
    return [
        f"{_place(path, node.lineno)}: {node.func.id}"
        for path in modules(*folders)
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EVALUATORS
    ]


def without_docstring(*folders: Path) -> list[str]:
    """List the modules that do not say what is in them."""
    return [_place(path) for path in modules(*folders) if not ast.get_docstring(_parse(path))]


def types_by_name(*folders: Path) -> list[str]:
    """List the places that ask an extension for its name instead of asking it the question.

    Found are comparisons and matches of `….type`, `….kind` or `….type.name` with a literal text. Where `type` means
    one of a few words that nobody can add to, the line says so with the comment `# a closed set`.
    """
    found = []
    for path in modules(*folders):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(_parse(path)):
            asked = _asked_for_a_type(node)
            if asked is not None and not lines[asked.lineno - 1].endswith("# a closed set"):
                found.append(f"{_place(path, asked.lineno)}: {ast.unparse(asked)}")
    return found


def _layers() -> Iterator[str]:
    """Read the order of imports from the contract that enforces it."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    for name in re.findall(r"\w+", settings["importlinter:contract:layers"]["layers"]):
        if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file():
            yield name


def _map_of(place: Path, depth: int = 1) -> list[str]:
    """Draw one package, modules before packages, or one module."""
    if not place.is_dir():
        return [_map_line(place.with_suffix(".py"), depth)]
    lines = [_map_line(place / "__init__.py", depth)]
    for path in sorted(place.glob("*.py")):
        if path.name != "__init__.py":
            lines.append(_map_line(path, depth + 1))
    for folder in sorted(place.iterdir()):
        if (folder / "__init__.py").is_file():
            lines += _map_of(folder, depth + 1)
    return lines


def _map_line(path: Path, depth: int) -> str:
    """Draw one line: the name, then the first line of the docstring."""
    is_package = path.name == "__init__.py" and path.parent != PACKAGE
    name = "  " * depth + (f"{path.parent.name}/" if is_package else path.name)
    purpose = (ast.get_docstring(_parse(path)) or "").splitlines()
    return f"{name:<{_COLUMN}}{purpose[0] if purpose else ''}".rstrip()


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _place(path: Path, line: int | None = None) -> str:
    shown = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()
    return shown if line is None else f"{shown}:{line}"


def _given_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """List the names that a module gives; those it takes from others are not its choice."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case _:
                continue


def _asked_for_a_type(node: ast.AST) -> ast.expr | None:
    """Find the comparison, or the subject of the match, that branches on the name of a type."""
    match node:
        case ast.Compare(left=left, comparators=[right]):
            sides = (left, right)
            is_asking = any(map(_is_type, sides)) and any(map(_is_text, sides))
            return node if is_asking else None
        case ast.Match(subject=subject, cases=cases):
            is_asking = _is_type(subject) and any(_matches_text(case.pattern) for case in cases)
            return subject if is_asking else None
        case _:
            return None


def _is_type(node: ast.expr) -> bool:
    """Say whether this is `….type`, `….kind`, or the name of such a thing."""
    match node:
        case ast.Attribute(attr="name", value=ast.Attribute(attr=attribute)):
            return attribute == "type" or attribute.endswith("_type")
        case ast.Attribute(attr=attribute):
            return attribute in {"type", "kind", "field_type", "view_type", "type_name"}
        case _:
            return False


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Tuple(elts=elements) | ast.Set(elts=elements) | ast.List(elts=elements):
            return any(map(_is_text, elements))
        case _:
            return False


def _matches_text(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchValue(value=value):
            return _is_text(value)
        case ast.MatchOr(patterns=patterns):
            return any(map(_matches_text, patterns))
        case _:
            return False


if __name__ == "__main__":
    rewrite_map()
    sys.stdout.write(f"map: {_place(MAP_PAGE)}\n")
