"""where the bytes of files lie: by their digest, so that nothing is kept twice and no name can lead elsewhere

What is put here is there for good once `put` returns, whatever falls after it. A row that names a digest is written
later, in the caller's transaction; what no row names is swept away after a day.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import unquote, urlsplit

from dougong.base.errors import ActionFailed, TooLarge
from dougong.base.settings import Settings
from dougong.base.text import Message

PIECE = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Put:
    """What was put into the store."""

    sha256: str
    size: int
    head: bytes
    """Its first bytes."""


class Store(Protocol):
    """A place for the bytes of files."""

    def put(self, source: IO[bytes], *, most: int, head: int) -> Put:
        """Take a stream piece by piece; more than `most` bytes are refused with `TooLarge`."""

    def path(self, sha256: str) -> Path | None:
        """Give where the bytes lie; None where they are missing."""

    def remove_old(self, before: dt.datetime, is_wanted: Wanted) -> int:
        """Remove what was put before a moment and is not wanted, and say how many that was."""


class Wanted(Protocol):
    """Says which digests are still named by a row."""

    def __call__(self, digests: list[str]) -> set[str]:
        """Give those of the digests that are named."""


def of(settings: Settings) -> Store:
    """Give the store that `DOUGONG_FILES_URL` names; without it, a folder in the instance's home."""
    if not settings.files_url:
        return Folder(settings.home / "files")
    parts = urlsplit(settings.files_url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        raise ActionFailed(
            Message("Files cannot be kept in s3:// yet. Set DOUGONG_FILES_URL to file:///a/folder.", code="files_url")
        )
    raise ActionFailed(
        Message("DOUGONG_FILES_URL has to be file:///a/folder, not '{url}'.", code="files_url", url=settings.files_url)
    )


@dataclass(frozen=True)
class Folder:
    """A folder: `ab/cd/abcd…`, written beside and moved into place."""

    root: Path

    def put(self, source: IO[bytes], *, most: int, head: int) -> Put:
        """Take a stream piece by piece; more than `most` bytes are refused with `TooLarge`."""
        coming = self.root / "coming"
        coming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=coming)
        try:
            with os.fdopen(descriptor, "wb") as target:
                found = _copied(source, target, most=most, head=head)
                target.flush()
                os.fsync(target.fileno())
            self._keep(Path(name), found.sha256)
        finally:
            Path(name).unlink(missing_ok=True)
        return found

    def path(self, sha256: str) -> Path | None:
        """Give where the bytes lie; None where they are missing."""
        place = self._place(sha256)
        return place if place.is_file() else None

    def remove_old(self, before: dt.datetime, is_wanted: Wanted) -> int:
        """Remove what was put before a moment and is not wanted, and say how many that was."""
        removed = 0
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            old = [each for each in folder.glob("*/*") if _DIGEST.fullmatch(each.name) and _is_older(each, before)]
            wanted = is_wanted([each.name for each in old]) if old else set()
            removed += sum(self._removed(each, before) for each in old if each.name not in wanted)
        for each in self.root.glob("coming/*"):
            if _is_older(each, before):
                each.unlink(missing_ok=True)
                removed += 1
        return removed

    def _removed(self, place: Path, before: dt.datetime) -> bool:
        with self._alone():
            # Somebody may have put the same bytes again since they were looked at.
            if not _is_older(place, before):
                return False
            place.unlink(missing_ok=True)
            return True

    def _keep(self, coming: Path, sha256: str) -> None:
        place = self._place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if place.exists():
                os.utime(place)
            else:
                coming.replace(place)
        for folder in (place.parent, place.parent.parent, self.root):
            _sync(folder)

    def _place(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"not a digest: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Between sweeping and keeping only one goes on at a time, over all processes."""
        with (self.root / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _copied(source: IO[bytes], target: IO[bytes], *, most: int, head: int) -> Put:
    digest, size, first = hashlib.sha256(), 0, b""
    while piece := source.read(PIECE):
        size += len(piece)
        if size > most:
            raise too_large(most)
        if len(first) < head:
            first += piece[: head - len(first)]
        digest.update(piece)
        target.write(piece)
    return Put(digest.hexdigest(), size, first)


def too_large(most: int) -> TooLarge:
    """Say how large a file may be."""
    return TooLarge(Message("A file may have {most} at most.", code="file_too_large", most=in_words(most)))


def in_words(size: int) -> str:
    """Give a size as people read it: `25 MiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            is_rough = amount >= 10 or amount.is_integer()
            return f"{amount:.0f} {unit}" if is_rough else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def _is_older(path: Path, before: dt.datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
