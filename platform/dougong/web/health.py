"""whether we are well: alive, ready, and in numbers"""

from __future__ import annotations

import re
import threading
from collections import Counter

import orjson
from flask import Flask, Request, Response, send_from_directory

import dougong
from dougong.base.templating import BROWSER_FILES
from dougong.engine import Engine

FOREVER = 365 * 24 * 3600
_HASHED = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9]+$")
"""How the build names a file after its content."""
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What this process has answered, for Prometheus. Several processes are several targets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def count(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        place = sum(seconds > bound for bound in _BOUNDS)
        with self._lock:
            self._answers[endpoint, method, status] += 1
            self._buckets[place] += 1
            self._seconds += seconds

    def text(self) -> str:
        """Give all numbers as Prometheus reads them."""
        with self._lock:
            answers, buckets, seconds = sorted(self._answers.items()), list(self._buckets), self._seconds
        lines = [
            "# HELP dougong_info The version that runs.",
            "# TYPE dougong_info gauge",
            f'dougong_info{{version="{dougong.__version__}"}} 1',
            "# HELP dougong_requests_total Answers by route, method and status.",
            "# TYPE dougong_requests_total counter",
        ]
        lines += [
            f'dougong_requests_total{{route="{route}",method="{method}",status="{status}"}} {number}'
            for (route, method, status), number in answers
        ]
        lines += [
            "# HELP dougong_request_seconds How long answers took.",
            "# TYPE dougong_request_seconds histogram",
        ]
        total = 0
        for bound, number in zip((*_BOUNDS, "+Inf"), buckets, strict=True):
            total += number
            lines.append(f'dougong_request_seconds_bucket{{le="{bound}"}} {total}')
        lines += [f"dougong_request_seconds_sum {seconds:.6f}", f"dougong_request_seconds_count {total}", ""]
        return "\n".join(lines)


def install(app: Flask) -> Metrics:
    """Give an application its own numbers."""
    metrics = Metrics()
    app.extensions["dougong.metrics"] = metrics
    return metrics


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
    """Give the numbers of this process."""
    counted: Metrics = app.extensions["dougong.metrics"]
    return Response(counted.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def browser_file(engine: Engine, app: Flask, request: Request, name: str) -> Response:
    """Give a script, a style or an icon. A name with a digest is kept by browsers for good."""
    is_hashed = _HASHED.search(name) is not None
    response = send_from_directory(BROWSER_FILES, name, max_age=FOREVER if is_hashed else 0)
    response.cache_control.public = True
    response.cache_control.immutable = is_hashed
    return response


def _said(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, content_type="application/json")
