"""an import map from a file of its own, for a file that comes once"""

from __future__ import annotations

from pathlib import Path

from dougong.base import heavy
from dougong.base.errors import BadRequest, NotFound
from dougong.base.problems import Place, Problem
from dougong.base.text import Message
from dougong.definitions.kinds.import_map import ImportMap
from dougong.definitions.layers import Effective
from dougong.definitions.structure import structure
from dougong.definitions.yaml_loader import load
from dougong.sdk.extensions import Extensions


def read(path: Path, extensions: Extensions) -> ImportMap:
    """Read a file of kind import_map, or raise `BadRequest` with all that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(Message("There is no file {path}.", code="no_file", path=path)) from None
    except UnicodeDecodeError:
        raise _wrong([Problem(Place(str(path)), "E101", "the file is not UTF-8", "save it as UTF-8")]) from None
    return parsed(text, str(path), extensions)


def parsed(text: str, said_in: str, extensions: Extensions) -> ImportMap:
    """Read the text of a definition of kind import_map; `said_in` is where its problems are told to stand."""
    data, problems = load(text, said_in)
    if data is None or problems:
        raise _wrong(problems)
    if data.get("kind") != ImportMap.KIND:
        raise _wrong([Problem(Place(said_in), "E204", f"kind '{data.get('kind')}' is not 'import_map'")])
    schemas = heavy.load("dougong.definitions.validate")
    problems = schemas.validate(data, extensions.memo(schemas.validators))
    if problems:
        raise _wrong(problems)
    found, problems = structure(Effective("", data), language="en", extensions=extensions)
    if not isinstance(found, ImportMap):
        raise _wrong(problems)
    return found


def _wrong(problems: list[Problem]) -> BadRequest:
    said = "\n".join(str(problem) for problem in problems)
    return BadRequest(Message("The map cannot be used:\n{problems}", code="map", problems=said))
