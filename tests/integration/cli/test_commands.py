"""what an operator types"""

from __future__ import annotations

import datetime as dt
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest
from click.testing import CliRunner

from dougong import engine as engines
from dougong.base.clock import FixedClock
from dougong.base.errors import DougongError
from dougong.cli.main import cli

PASSWORD = "long enough to be one"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Give a function that runs a command in an instance's home; a refusal is returned as what it says."""
    monkeypatch.setenv("DOUGONG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DOUGONG_DATABASE_URL", raising=False)
    monkeypatch.delenv("DOUGONG_ADMIN_PASSWORD", raising=False)

    def go(*arguments, text=""):
        done = CliRunner().invoke(cli, list(arguments), input=text)
        if done.exception is not None and not isinstance(done.exception, SystemExit | DougongError):
            raise done.exception
        said = str(done.exception) if isinstance(done.exception, DougongError) else ""
        return done.exit_code, done.output + said

    return go


@pytest.fixture
def instance(run):
    """Make an instance."""
    code, said = run("init", "--password-stdin", text=PASSWORD + "\n")
    assert code == 0, said
    return run


@pytest.mark.parametrize("password", ["", "short"])
def test_weak_password_makes_no_instance(run, tmp_path, password):
    code, said = run("init", "--password-stdin", text=password + "\n")
    assert code == 1
    assert "assword" in said
    assert not (tmp_path / "home").exists()


def test_nobody_to_ask_for_a_password_is_wrong_use(run):
    code, said = run("init")
    assert code == 2
    assert "DOUGONG_ADMIN_PASSWORD" in said


def test_password_may_come_from_the_environment(run, monkeypatch):
    monkeypatch.setenv("DOUGONG_ADMIN_PASSWORD", PASSWORD)
    assert run("init")[0] == 0


def test_instance_is_made_once_with_a_key_of_its_own(instance, tmp_path):
    key = tmp_path / "home" / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    code, said = instance("init", "--password-stdin", text=PASSWORD + "\n")
    assert code == 1
    assert "already" in said


@pytest.mark.parametrize("command", ["plan", "apply", "history", "serve"])
def test_without_an_instance_the_way_to_one_is_told(run, command):
    code, said = run(command)
    assert code == 1
    assert "dougong init" in said


def test_plan_apply_and_history_tell_the_same(instance, tmp_path):
    out = tmp_path / "plan.json"
    code, said = instance("plan", "--out", str(out))
    assert code == 0
    assert f"dougong apply --plan {out}" in said
    assert instance("apply", "--plan", str(out))[0] == 0
    code, said = instance("apply", "--plan", str(out))
    assert code == 1
    assert "plan again" in said
    assert "Nothing would change" in instance("plan")[1]
    applied = json.loads(instance("history", "--json")[1])
    assert [each["status"] for each in applied] == ["done", "done"]
    assert any("+ customer" in change for change in applied[0]["changes"])


def test_apply_drops_what_was_kept_aside_for_thirty_days(instance, tmp_path, monkeypatch):
    objects = tmp_path / "notes" / "objects"
    objects.mkdir(parents=True)
    (tmp_path / "notes" / "bundle.yaml").write_text("kind: bundle\nname: notes\nlabel: Notes\nversion: 1.0.0\n")
    body = "kind: object\nname: note\nlabel: Note\nfields:\n  - {name: title, type: text}\n"
    clock = FixedClock(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    monkeypatch.setattr(engines, "SystemClock", lambda: clock)
    for text in (body + "  - {name: fax, type: text}\n", body):
        (objects / "note.yaml").write_text(text)
        assert instance("apply", str(tmp_path / "notes"))[0] == 0
    clock.move(days=29)
    assert "Dropped" not in instance("apply", str(tmp_path / "notes"))[1]
    clock.move(days=2)
    assert "Dropped 1 thing that was kept aside for 30 days." in instance("apply", str(tmp_path / "notes"))[1]
    assert "Dropped" not in instance("apply", str(tmp_path / "notes"))[1]


def test_doctor_finds_all_well_and_names_what_is_not(instance, tmp_path):
    code, said = instance("doctor", "--json")
    found = json.loads(said)
    assert (code, found["ok"]) == (0, True)
    assert {each["name"] for each in found["checks"]} == {"database", "catalog", "tables", "plans", "outbox"}
    with closing(sqlite3.connect(tmp_path / "home" / "dougong.db")) as database:
        database.execute("DROP TABLE d_exchange_rate__history")
    code, said = instance("doctor", "--json")
    bad = [each for each in json.loads(said)["checks"] if not each["ok"]]
    assert code == 1
    assert [each["detail"] for each in bad] == ["table d_exchange_rate__history is missing"]
    assert bad[0]["mend"]


def test_users_and_tokens_are_made_from_the_command_line(instance):
    assert instance("apply")[0] == 0
    code, said = instance("user", "add", "lin", "--name", "林静", "--password-stdin", text=PASSWORD + "\n")
    assert code == 0, said
    assert instance("user", "grant", "lin", "sales_supervisor")[0] == 0
    assert instance("user", "disable", "lin")[0] == 0
    listed = {each["login"]: each for each in json.loads(instance("user", "list", "--json")[1])}
    assert listed["lin"]["active"] is False
    assert listed["admin"]["is_administrator"] is True
    assert instance("user", "password", "nobody", "--password-stdin", text=PASSWORD)[0] == 1
    code, said = instance("token", "create", "admin", "--name", "nightly", "--scope", "customer:read")
    assert code == 0
    assert said.splitlines()[-1].startswith("dg_")
    assert instance("token", "create", "admin", "--name", "x", "--scope", "customer:fly")[0] == 1


def test_demo_comes_up_serves_and_loses_nothing(tmp_path):
    port = free_port()
    environment = {"DOUGONG_HOME": str(tmp_path / "demo"), "PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "ignore"}
    arguments = [sys.executable, "-m", "dougong", "demo", "--port", str(port)]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert answer(port, server).status == 200
        finally:
            server.send_signal(signal.SIGTERM)
            said = server.communicate(timeout=30)[0]
    assert f"http://127.0.0.1:{port}" in said
    for login in ("admin", "lin", "zhang", "wang", "chen", "zhou"):
        assert f"  {login} " in said
    again = subprocess.run([*arguments, "--no-serve"], env=environment, capture_output=True, text=True, check=True)
    assert "loading example data" not in again.stdout
    assert "demo: ready" in again.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(port, server):
    deadline = time.monotonic() + 90
    while True:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5)
        except OSError:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
