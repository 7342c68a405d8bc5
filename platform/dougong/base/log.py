"""the log: one line for each request, and what went wrong, as text or as JSON

No line holds a value of a record, a secret, or the query of an address: a request is named by its route. What an
unforeseen error says stands in the log alone, under the number of the request that the person sees.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from dataclasses import asdict, dataclass
from typing import TextIO

from dougong.base.settings import LogForm

requests = logging.getLogger("dougong.request")
"""One line for each request, at INFO; silent until `set_up` has opened it."""
_FACTS = "dougong_facts"
"""Under which name a line of the log carries its facts."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is noted of one request."""

    request_id: str
    method: str
    route: str
    """The rule, such as `/o/<name>`; never what stood in its place."""
    status: int
    ms: float
    """Milliseconds until the answer began."""
    statements: int
    """How many were sent to the database."""
    user: str
    """The id of who asked; blank for nobody."""

    def __str__(self) -> str:
        said = f"{self.method} {self.route} {self.status} {self.ms:.1f} ms {self.statements} statements"
        return f"{said} request={self.request_id} user={self.user or '-'}"


def is_open() -> bool:
    """Whether requests are noted at all."""
    return requests.isEnabledFor(logging.INFO)


def answered(facts: Answered) -> None:
    """Note one request."""
    requests.info("%s", facts, extra={_FACTS: facts})


class Line(logging.Formatter):
    """One entry as text: time, level, what happened; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one entry."""
        said = f"{_moment(record)} {record.levelname} {record.name}: {_one_line(record.getMessage())}"
        return f"{said}\n{self.formatException(record.exc_info)}" if record.exc_info else said


class Json(logging.Formatter):
    """One entry as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one entry."""
        facts = getattr(record, _FACTS, None)
        said: dict[str, object] = {"time": _moment(record), "level": record.levelname.lower(), "logger": record.name}
        said |= asdict(facts) if facts is not None else {"message": record.getMessage()}
        request_id = getattr(record, "request_id", None)
        if request_id is not None:
            said["request_id"] = request_id
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def set_up(form: LogForm, stream: TextIO | None = None) -> logging.Handler:
    """Write everything from WARNING on, and each request unless it is to be quiet, to standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Json() if form == "json" else Line())
    root = logging.getLogger()
    for other in [each for each in root.handlers if isinstance(each.formatter, Line | Json)]:
        root.removeHandler(other)
    root.addHandler(handler)
    requests.setLevel(logging.WARNING if form == "quiet" else logging.INFO)
    return handler


def _moment(record: logging.LogRecord) -> str:
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    """Keep what came from outside from beginning a line of its own."""
    return text.replace("\r", "\\r").replace("\n", "\\n")
