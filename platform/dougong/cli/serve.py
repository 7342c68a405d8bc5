"""run the web application"""

from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped, unused-ignore]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped, unused-ignore]
from gunicorn.config import KNOWN_SETTINGS  # type: ignore[import-untyped, unused-ignore]
from gunicorn.glogging import Logger  # type: ignore[import-untyped, unused-ignore]

from dougong import engine as engines
from dougong.base import log
from dougong.base.errors import Conflict
from dougong.base.text import Message
from dougong.engine import Engine
from dougong.jobs.beside import Beside
from dougong.web import health
from dougong.web.app import create_app
from dougong.web.counters import Counters

MOST_WORKERS = 4
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 -- where the server's heartbeat costs no disk


class ServerLog(Logger):  # type: ignore[misc, unused-ignore]
    """gunicorn's own messages in our log."""

    def setup(self, cfg: Any) -> None:
        """Leave writing to the handlers that `base.log` has set up."""
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class Master(Arbiter):  # type: ignore[misc, unused-ignore]
    """gunicorn's master process, which keeps a worker for jobs beside its own."""

    def __init__(self, server: Server, beside: Beside) -> None:
        self._beside = beside
        super().__init__(server)

    def manage_workers(self) -> None:
        """See to the workers, once a second."""
        super().manage_workers()
        self._beside.tend()

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 -- gunicorn's own
        """End the workers, the one for jobs last: it may be at something."""
        super().stop(graceful)
        self._beside.stop()


class Server(BaseApplication):  # type: ignore[misc, unused-ignore]
    """gunicorn around one engine. The application is built before workers are forked, so each starts at once."""

    def __init__(
        self, engine: Engine, options: dict[str, Any], ready: Callable[[], None], beside: Beside | None
    ) -> None:
        self._engine = engine
        self._beside = beside
        self._options = options
        self._ready = ready
        self._counters: Counters | None = None
        # While workers are replaced, those that go and those that come live beside each other.
        self._parts = 2 * int(options["workers"]) + 1
        super().__init__()

    def run(self) -> None:
        if self._beside is None:
            super().run()
        else:
            Master(self, self._beside).run()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("pre_fork", self._give_part)
        self.cfg.set("post_fork", self._begin)
        self.cfg.set("when_ready", lambda server: self._ready())

    def _give_part(self, server: Any, worker: Any) -> None:
        """Give a worker counters of its own: those of one that is gone, where there are any."""
        taken = {each.part for each in server.WORKERS.values()}
        worker.part = next((part for part in range(self._parts) if part not in taken), None)

    def _begin(self, server: Any, worker: Any) -> None:
        """Begin a worker's life: nothing of its parent's may be written by two."""
        self._engine.database.forget_connections()
        if self._counters is not None:
            if worker.part is None:
                self._counters.keep_apart()
            else:
                self._counters.use(worker.part)

    def load(self) -> Any:
        # Answers that stay open may hold a quarter of the threads.
        app = create_app(self._engine, streams=int(self._options["threads"]) // 4)
        self._counters = health.numbers(app)
        self._counters.share(self._parts)
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
@click.option("--no-worker", is_flag=True, help="Run no worker for jobs beside it; others have to.")
def command(*, host: str, port: int, workers: int | None, threads: int, no_worker: bool) -> None:
    """Run the web application.

    \b
    Example:
      dougong serve --host 0.0.0.0 --port 8080 --workers 4
    """
    run(engines.open_engine(), host=host, port=port, workers=workers, threads=threads, with_worker=not no_worker)


def run(
    engine: Engine,
    *,
    host: str,
    port: int,
    workers: int | None,
    threads: int = 8,
    ready: Callable[[], None] | None = None,
    with_worker: bool = True,
) -> None:
    """Serve until told to stop, with a worker for jobs beside it."""
    refuse_taken(host, port)
    log.set_up(engine.settings.log)
    address = f"http://{shown_host(host)}:{port}"
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers or min(MOST_WORKERS, os.cpu_count() or 1),
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 20,
        "keepalive": 5,
        "loglevel": "warning",
        "logger_class": ServerLog,
        "proc_name": "dougong",
    }
    if SHARED_MEMORY.is_dir():
        options["worker_tmp_dir"] = str(SHARED_MEMORY)
    if any(each.name == "control_socket_disable" for each in KNOWN_SETTINGS):
        options["control_socket_disable"] = True
    told = ready or (lambda: click.echo(f"Dougong is at {address} (stop with Ctrl+C)"))
    Server(engine, options, told, Beside() if with_worker else None).run()


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
