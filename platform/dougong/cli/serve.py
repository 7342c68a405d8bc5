"""run the web application"""

from __future__ import annotations

import gc
import multiprocessing
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped, unused-ignore]
from gunicorn.config import KNOWN_SETTINGS  # type: ignore[import-untyped, unused-ignore]

from dougong import engine as engines
from dougong.base.errors import Conflict
from dougong.base.text import Message
from dougong.engine import Engine
from dougong.web.app import create_app

MOST_WORKERS = 4
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 -- where the server's heartbeat costs no disk


class Server(BaseApplication):  # type: ignore[misc, unused-ignore]
    """gunicorn around one engine. The application is built before workers are forked, so each starts at once."""

    def __init__(self, engine: Engine, options: dict[str, Any], ready: Callable[[], None]) -> None:
        self._engine = engine
        self._options = options
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", lambda server, worker: self._engine.database.forget_connections())
        self.cfg.set("when_ready", lambda server: self._ready())

    def load(self) -> Any:
        app = create_app(self._engine)
        # The workers must not inherit open connections.
        self._engine.close()
        # What is there now stays for good: left alone by the collector, its memory stays shared between the workers.
        gc.collect()
        gc.freeze()
        return app


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; by default one per core, at most 4.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads of each process.")
@click.option("--no-worker", is_flag=True, help="Do not run a worker for later jobs beside it.")
def command(*, host: str, port: int, workers: int | None, threads: int, no_worker: bool) -> None:
    """Run the web application.

    \b
    Example:
      dougong serve --host 0.0.0.0 --port 8080 --workers 4
    """
    run(engines.open_engine(), host=host, port=port, workers=workers, threads=threads)


def run(
    engine: Engine,
    *,
    host: str,
    port: int,
    workers: int | None,
    threads: int = 8,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until told to stop."""
    refuse_taken(host, port)
    address = f"http://{shown_host(host)}:{port}"
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers or min(MOST_WORKERS, multiprocessing.cpu_count()),
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 20,
        "keepalive": 5,
        "loglevel": "warning",
        "proc_name": "dougong",
    }
    if SHARED_MEMORY.is_dir():
        options["worker_tmp_dir"] = str(SHARED_MEMORY)
    if any(each.name == "control_socket_disable" for each in KNOWN_SETTINGS):
        options["control_socket_disable"] = True
    Server(engine, options, ready or (lambda: click.echo(f"Dougong is at {address} (stop with Ctrl+C)"))).run()


def shown_host(host: str) -> str:
    """Give the host that a browser on this machine uses."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared only
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address that something else listens on, before anything is begun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                Message("Cannot listen on {host}:{port}: {why}.", host=host, port=port, why=error.strerror or error)
            ) from None
