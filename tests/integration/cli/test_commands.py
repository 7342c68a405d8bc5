"""what an operator types"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

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


def test_doctor_recomputes_and_mends(instance, tmp_path):
    assert instance("apply")[0] == 0
    code, said = instance("doctor", "--recompute", "--json")
    found = json.loads(said)
    assert (code, found["ok"]) == (0, True)
    assert {"values"} < {each["name"] for each in found["checks"]}
    assert all(each["different"] == 0 for each in found["recomputed"])
    assert "recomputed" not in json.loads(instance("doctor", "--json")[1])


def test_doctor_says_when_the_platform_tables_lag(instance, tmp_path):
    with closing(sqlite3.connect(tmp_path / "home" / "dougong.db")) as database:
        database.execute("DROP TABLE dougong_sign_in_address")
    code, said = instance("doctor")
    assert code == 1
    assert "table dougong_sign_in_address" in said
    assert "dougong doctor --mend" in said
    assert instance("doctor", "--mend")[0] == 0
    assert instance("doctor")[0] == 0


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


def test_tokens_are_listed_and_revoked(instance):
    made = instance("token", "create", "admin", "--name", "nightly", "--scope", "read", "--expires", "30")[1]
    assert "It expires on" in made
    assert "does not expire" in instance("token", "create", "admin", "--name", "forever", "--expires", "never")[1]
    instance("token", "create", "admin", "--name", "usual")
    assert instance("token", "create", "admin", "--name", "x", "--expires", "0")[0] == 2
    assert instance("token", "create", "admin", "--name", "x", "--expires", "soon")[0] == 2
    listed = {each["name"]: each for each in json.loads(instance("token", "list", "admin", "--json")[1])}
    assert set(listed) == {"nightly", "forever", "usual"}
    assert listed["forever"]["expires_at"] is None
    assert listed["nightly"]["scope"] == ["read"]
    days = {
        name: (dt.datetime.fromisoformat(each["expires_at"]) - dt.datetime.fromisoformat(each["created_at"])).days
        for name, each in listed.items()
        if each["expires_at"]
    }
    assert days == {"nightly": 30, "usual": 365}
    assert "never used" in instance("token", "list")[1]
    assert instance("token", "revoke", "nightly") == (0, "nightly of admin is revoked.\n")
    assert instance("token", "revoke", "nightly")[0] == 1
    assert instance("token", "revoke", listed["usual"]["id"])[0] == 0
    instance("token", "create", "admin", "--name", "forever")
    code, said = instance("token", "revoke", "forever")
    assert code == 1
    assert listed["forever"]["id"] in said
    states = [each["state"] for each in json.loads(instance("token", "list", "--json")[1])]
    assert sorted(states) == ["active", "active", "revoked", "revoked"]


def test_undo_says_what_it_took_back(instance, tmp_path):
    assert instance("apply")[0] == 0
    applied = json.loads(instance("history", "--json")[1])[0]["id"]
    code, said = instance("undo", "--allow-drop")
    assert code == 0, said
    assert f"It took back {applied}." in said
    code, said = instance("undo")
    assert code == 1
    assert "To have again what it took back: dougong undo " in said


def test_two_workers_answer_with_the_numbers_of_both(instance, tmp_path):
    port = free_port()
    environment = {"DOUGONG_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "DOUGONG_LOG": "json"}
    arguments = [sys.executable, "-m", "dougong", "serve", "--port", str(port), "--workers", "2", "--threads", "1"]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            answer(port, server)
            for _ in range(20):
                fetch(port, "/healthz")
            before = counted(port)
            assert before == 20
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)
            for _ in range(20):
                answer(port, server)
                fetch(port, "/healthz")
            assert [counted(port) for _ in range(10)] == [before + 20] * 10
        finally:
            server.send_signal(signal.SIGTERM)
            said = server.communicate(timeout=30)[1]
    noted = [json.loads(line) for line in said.splitlines()]
    requests = [each for each in noted if each["logger"] == "dougong.request" and each["route"] == "/healthz"]
    assert len(requests) == 40
    assert requests[0]["status"] == 200
    assert requests[0]["statements"] == 0


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as got:
        return got.read().decode()


def counted(port):
    """Give how often `/healthz` was answered."""
    wanted = 'dougong_requests_total{route="/healthz",method="GET",status="200"} '
    return next(int(line.removeprefix(wanted)) for line in fetch(port, "/metrics").splitlines() if wanted in line)


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


def test_imports_are_listed_and_taken_back(instance, tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("name,code\nSales,S1\n", encoding="utf-8")
    code, said = instance("import", "unit", str(path), "--json")
    assert code == 0, said
    batch = json.loads(said)["batch"]
    code, said = instance("import", "--list", "--json")
    assert [(each["id"], each["state"], each["created"]) for each in json.loads(said)] == [(batch, "done", 1)]
    assert batch in instance("import", "--list")[1]
    code, said = instance("import", "--undo", batch)
    assert (code, said) == (0, "records=1 deleted=1 restored=0 gone=0 left=0\n")
    assert instance("import")[0] == 2
