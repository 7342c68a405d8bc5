"""what the log looks like"""

from __future__ import annotations

import io
import json
import logging

import pytest

from dougong.base import log
from dougong.base.log import Answered

FACTS = Answered("0a1b2c3d", "GET", "/o/<name>", 200, 12.3, 5, "someone")


@pytest.fixture
def written(request):
    """Give a function that opens the log and gives what is written to it; closed at the end."""
    opened = []

    def go(form):
        stream = io.StringIO()
        opened.append(log.set_up(form, stream))
        return stream

    level = log.requests.level
    yield go
    for handler in opened:
        logging.getLogger().removeHandler(handler)
    log.requests.setLevel(level)


def test_request_is_one_line_of_text(written):
    stream = written("text")
    log.answered(FACTS)
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("INFO dougong.request: GET /o/<name> 200 12.3 ms 5 statements request=0a1b2c3d user=someone")


def test_request_is_one_line_of_json(written):
    stream = written("json")
    log.answered(FACTS)
    found = json.loads(stream.getvalue())
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "info",
        "logger": "dougong.request",
        "request_id": "0a1b2c3d",
        "method": "GET",
        "route": "/o/<name>",
        "status": 200,
        "ms": 12.3,
        "statements": 5,
        "user": "someone",
    }


def test_quiet_log_has_what_went_wrong_alone(written):
    stream = written("quiet")
    assert not log.is_open()
    log.answered(FACTS)
    logging.getLogger("dougong.x").warning("forged\n2026 INFO line")
    (line,) = stream.getvalue().splitlines()
    assert "WARNING dougong.x: forged\\n2026" in line


def test_traceback_stands_with_the_number_of_the_request(written):
    stream = written("json")
    try:
        raise KeyError("x")
    except KeyError as error:
        logging.getLogger("dougong.x").error("failed", exc_info=error, extra={"request_id": "0a1b2c3d"})
    found = json.loads(stream.getvalue())
    assert found["request_id"] == "0a1b2c3d"
    assert "KeyError: 'x'" in found["traceback"]


def test_opening_it_again_writes_once(written):
    first, second = written("text"), written("json")
    log.answered(FACTS)
    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1
