"""where definitions come from: folders of bundles, and the site's layer"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dougong.base.problems import Place, Problem
from dougong.definitions import bpmn

LARGEST = 1 << 20
MOST = 20_000
SITE = "site"
BUNDLE_FILE = "bundle.yaml"


@dataclass(frozen=True)
class SourceFile:
    """One file of definitions, and the layer it belongs to: a bundle's name, or `site`."""

    layer: str
    path: str
    """Within the layer: `objects/contract.yaml`."""
    text: str
    shown: str = ""
    """The path in problems: as the author gave it."""

    @property
    def sha256(self) -> str:
        """The digest of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_process(self) -> bool:
        """Whether it is a BPMN file, and no definition."""
        return self.path.endswith(bpmn.SUFFIX)

    @property
    def file(self) -> str:
        """What problems call the file."""
        return self.shown or f"{self.layer}/{self.path}"


def fingerprint(sources: Iterable[SourceFile]) -> str:
    """Give the digest of all files: the same files, the same catalog."""
    lines = sorted(f"{source.layer}\0{source.path}\0{source.sha256}" for source in sources)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read(*folders: Path) -> tuple[list[SourceFile], list[Problem]]:
    """Read bundles, or folders of bundles. A folder `site` without a `bundle.yaml` is the site's layer."""
    sources: list[SourceFile] = []
    problems: list[Problem] = []
    seen: set[Path] = set()
    for folder in folders:
        for layer, home in _layers(folder, problems):
            if home.resolve() not in seen:
                seen.add(home.resolve())
                sources += _read_layer(layer, home, problems, room=MOST - len(sources))
    return sources, problems


def _layers(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Find the bundles in a folder, or the one that it is."""
    if not folder.is_dir():
        problems.append(Problem(Place(str(folder)), "E116", f"there is no folder '{folder}'"))
    elif (folder / BUNDLE_FILE).is_file() or folder.resolve().name == SITE:
        yield folder.resolve().name, folder
    else:
        homes = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        if not any((home / BUNDLE_FILE).is_file() or home.name == SITE for home in homes):
            problems.append(
                Problem(
                    Place(str(folder)), "E116", f"'{folder}' has no bundle", "a bundle is a folder with a bundle.yaml"
                )
            )
            return
        for home in homes:
            if (home / BUNDLE_FILE).is_file() or home.name == SITE:
                yield home.name, home
            elif any(home.rglob("*.yaml")):
                problems.append(
                    Problem(Place(str(home)), "E116", f"'{home}' has no bundle.yaml", "every bundle has one")
                )


def _read_layer(layer: str, home: Path, problems: list[Problem], *, room: int) -> Iterator[SourceFile]:
    """Read the files of one layer, in the order of their names; its BPMN files may stand in `workflows/` beside it."""
    files = {path.relative_to(home): (path, home) for path in home.rglob("*.y*ml")}
    for folder, at in ((home / bpmn.FOLDER, home), (_workflows_of(layer, home), None)):
        if folder is not None and folder.is_dir():
            files |= {
                Path(bpmn.FOLDER) / path.relative_to(folder): (path, at or folder)
                for path in folder.rglob(f"*{bpmn.SUFFIX}")
            }
    for inner, (path, within) in sorted(files.items()):
        root = within.resolve()
        if path.suffix not in (".yaml", ".yml", bpmn.SUFFIX) or any(part.startswith(".") for part in inner.parts):
            continue
        if room <= 0:
            problems.append(Problem(Place(str(home)), "E114", f"more than {MOST:,} files", "split the folder"))
            return
        text = _text_of(path, root, problems)
        if text is not None:
            room -= 1
            yield SourceFile(layer, inner.as_posix(), text, str(path))


def _workflows_of(layer: str, home: Path) -> Path | None:
    """Give the folder of a layer's BPMN files in the sister folder of `metadata/`."""
    return home.resolve().parent.parent / bpmn.FOLDER / layer if home.resolve().parent.name == "metadata" else None


def _text_of(path: Path, root: Path, problems: list[Problem]) -> str | None:
    """Read one file, or say why not."""
    place = Place(str(path))
    if not path.resolve().is_relative_to(root):
        problems.append(Problem(place, "E115", "a link that leads out of the bundle", "copy the file into the bundle"))
        return None
    if not path.is_file():
        return None
    if path.stat().st_size > LARGEST:
        problems.append(Problem(place, "E113", "the file is larger than 1 MiB", "one file, one definition"))
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(Problem(Place(str(path), line), "E112", "the file is not UTF-8", "save it as UTF-8"))
        return None
