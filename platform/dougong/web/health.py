"""whether we are well: alive, ready, and in numbers"""

from __future__ import annotations

import re

import orjson
from flask import Flask, Request, Response, send_from_directory

import dougong
from dougong.base.templating import BROWSER_FILES
from dougong.engine import Engine
from dougong.jobs import outbox
from dougong.web.counters import Counters

FOREVER = 365 * 24 * 3600
_HASHED = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9]+$")
"""How the build names a file after its content."""
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ANSWERS, _BUCKET, _SECONDS = "answers", "bucket", "seconds"


class Metrics:
    """What this server has answered, for Prometheus: all of its processes together."""

    def __init__(self) -> None:
        self.counters = Counters()

    def count(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        place = sum(seconds > bound for bound in _BOUNDS)
        # A method is what a caller wrote; of those that nobody knows there would be no end.
        known = method if method in _METHODS else "other"
        self.counters.add(f"{_ANSWERS} {endpoint} {known} {status}")
        self.counters.add(f"{_BUCKET} {place}")
        self.counters.add(_SECONDS, seconds)

    def text(self) -> str:
        """Give all numbers as Prometheus reads them."""
        sums = self.counters.sums()
        lines = [
            "# HELP dougong_info The version that runs.",
            "# TYPE dougong_info gauge",
            f'dougong_info{{version="{dougong.__version__}"}} 1',
            "# HELP dougong_requests_total Answers by route, method and status, of all processes of this server.",
            "# TYPE dougong_requests_total counter",
        ]
        answers = sorted((name.split(" ")[1:], number) for name, number in sums.items() if name.startswith(_ANSWERS))
        lines += [
            f'dougong_requests_total{{route="{route}",method="{method}",status="{status}"}} {number:.0f}'
            for (route, method, status), number in answers
        ]
        lines += [
            "# HELP dougong_request_seconds How long answers took.",
            "# TYPE dougong_request_seconds histogram",
        ]
        total = 0.0
        for place, bound in enumerate((*_BOUNDS, "+Inf")):
            total += sums.get(f"{_BUCKET} {place}", 0.0)
            lines.append(f'dougong_request_seconds_bucket{{le="{bound}"}} {total:.0f}')
        seconds = sums.get(_SECONDS, 0.0)
        lines += [f"dougong_request_seconds_sum {seconds:.6f}", f"dougong_request_seconds_count {total:.0f}", ""]
        return "\n".join(lines)


def install(app: Flask) -> Metrics:
    """Give an application its own numbers."""
    metrics = Metrics()
    app.extensions["dougong.metrics"] = metrics
    return metrics


def numbers(app: Flask) -> Counters:
    """Give the counters of an application, for the server that shares them between its workers."""
    installed: Metrics = app.extensions["dougong.metrics"]
    return installed.counters


def alive(engine: Engine, app: Flask, request: Request) -> Response:
    """Say that this process answers; asks nobody else."""
    return _said({"status": "ok"})


def ready(engine: Engine, app: Flask, request: Request) -> Response:
    """Say whether requests can be served: the database answers, and a catalog is published."""
    checks: dict[str, str] = {}
    try:
        with engine.database.open(write=False) as connection:
            checks["database"] = "ok"
            checks["catalog"] = "ok" if engine.current(connection).objects else "nothing is installed"
    except Exception as error:  # noqa: BLE001 -- whatever it is, the answer is that we are not ready
        app.logger.warning("not ready: %s", error)
        checks["catalog" if "database" in checks else "database"] = type(error).__name__
    is_well = set(checks.values()) == {"ok"}
    return _said({"status": "ok" if is_well else "unavailable", "checks": checks}, 200 if is_well else 503)


def metrics(engine: Engine, app: Flask, request: Request) -> Response:
    """Give the numbers of this server, and those of the outbox, which are the same everywhere."""
    counted: Metrics = app.extensions["dougong.metrics"]
    said = counted.text() + _promises(engine, app)
    return Response(said, content_type="text/plain; version=0.0.4; charset=utf-8")


def _promises(engine: Engine, app: Flask) -> str:
    """Say how the outbox stands; nothing while the database does not answer."""
    now = engine.clock.now()
    try:
        with engine.database.open(write=False) as connection:
            found = outbox.figures(connection, now)
    except Exception as error:  # noqa: BLE001 -- the other numbers are wanted all the more then
        app.logger.warning("the outbox was not counted: %s", type(error).__name__)
        return ""
    age = (now - found.oldest).total_seconds() if found.oldest is not None else 0.0
    lines = [
        "# HELP dougong_promises_due Promises that are due or in hand, by queue.",
        "# TYPE dougong_promises_due gauge",
        *(f'dougong_promises_due{{queue="{queue}"}} {found.waiting.get(queue, 0)}' for queue in outbox.QUEUES),
        "# HELP dougong_promises_oldest_seconds How long the oldest of them is due.",
        "# TYPE dougong_promises_oldest_seconds gauge",
        f"dougong_promises_oldest_seconds {max(age, 0.0):.3f}",
        "# HELP dougong_promises_later Promises for later, and those that wait for their next try.",
        "# TYPE dougong_promises_later gauge",
        f"dougong_promises_later {found.later}",
        "# HELP dougong_promises_failed Promises that were tried too often.",
        "# TYPE dougong_promises_failed gauge",
        f"dougong_promises_failed {found.parked}",
        "",
    ]
    return "\n".join(lines)


def browser_file(engine: Engine, app: Flask, request: Request, name: str) -> Response:
    """Give a script, a style or an icon. A name with a digest is kept by browsers for good."""
    is_hashed = _HASHED.search(name) is not None
    response = send_from_directory(BROWSER_FILES, name, max_age=FOREVER if is_hashed else 0)
    response.cache_control.public = True
    response.cache_control.immutable = is_hashed
    return response


def _said(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, content_type="application/json")
