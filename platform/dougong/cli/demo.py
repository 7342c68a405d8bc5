"""a working system with data, for `make demo` (hidden)"""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path

import click

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.cli import seed, serve
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.features.bundles import instance
from dougong.features.bundles import service as bundles
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage import plan as plans

ACCOUNTS = (
    ("admin", "系统管理员", "administrator"),
    ("lin", "林静", "sales supervisor 销售主管"),
    ("zhang", "张伟", "customer manager 客户经理"),
    ("wang", "王芳", "customer manager 客户经理, another department"),
    ("chen", "陈建国", "executive 高管"),
    ("zhou", "周敏", "finance 财务"),
)


@click.command("demo", hidden=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--fresh", is_flag=True, help="Take the demo instance away first.")
@click.option("--serve/--no-serve", "is_serving", default=True, help="Serve it when it is ready.")
def command(*, host: str, port: int, fresh: bool, is_serving: bool) -> None:
    """Make the demo instance, or bring it up to date, and serve it. Run again, it loses nothing.

    \b
    Example:
      dougong demo --port 8080
    """
    began = time.perf_counter()
    if is_serving:
        serve.refuse_taken(host, port)
    engine = ready(settings_module.read(), fresh=fresh)
    click.echo(f"demo: ready in {time.perf_counter() - began:.1f} s, in {engine.settings.home}")
    if not is_serving:
        return

    def tell() -> None:
        click.echo(f"\n  http://{serve.shown_host(host)}:{port}\n")
        for login, name, what in ACCOUNTS:
            click.echo(f"  {login:<6} demo   {name}, {what}")
        click.echo("\nStop with Ctrl+C. Run again, it loses nothing.")

    serve.run(engine, host=host, port=port, workers=None, ready=tell)


def ready(settings: Settings, *, fresh: bool = False) -> Engine:
    """Bring the demo instance to where the definitions and the seed data are."""
    engine = engines.assemble(settings)
    is_there = settings.may_have_database() and instance.is_there(engine)
    if is_there and instance.setting(engine, "demo") != "1":
        raise Conflict(
            Message("{home} holds an instance that is no demo. Choose another DOUGONG_HOME.", home=settings.home)
        )
    if fresh and settings.may_have_database():
        instance.take_away(engine)
        is_there = False
    if not is_there:
        click.echo("demo: making the instance")
        instance.begin(engine, demo=True)
    bundles.recover(engine, wait=30.0)
    _apply(engine)
    _seed(engine)
    return engine


def _apply(engine: Engine) -> None:
    """Apply what changed. A demo that would lose values keeps the definitions it has."""
    drafted = bundles.plan(engine, bundles.read_layers([engine.settings.definitions]))
    if drafted.destructive:
        click.echo(plans.say(drafted))
        click.echo("demo: these definitions would hide values; see them through with: dougong apply --allow-drop")
        return
    if not drafted.is_empty:
        count = len(drafted.changes)
        click.echo(f"demo: applying {count} {'change' if count == 1 else 'changes'} of the definitions")
        bundles.apply(engine, drafted, by=SYSTEM_USER, reason="demo")
    instance.ensure_system_user(engine)


def _seed(engine: Engine) -> None:
    """Load the seed data, unless just these files were loaded before."""
    digest = _digest(engine.settings.seed)
    if instance.setting(engine, "seed") == digest:
        return
    click.echo("demo: loading example data")
    seed.load(engine, demo=True)
    _take_steps(engine)
    instance.set_setting(engine, "seed", digest)


def _take_steps(engine: Engine) -> None:
    """Do what stands in `seed/*/demo/steps/*.csv`: people lead records on, so that approvals wait for somebody."""
    for path in sorted(engine.settings.seed.glob("*/demo/steps/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                _take_step(engine, path.stem, row)


def _take_step(engine: Engine, object_name: str, row: Mapping[str, str]) -> None:
    """Lead the record with this key on, as the person would; what went on already stays where it is."""
    key = next(heading for heading in row if heading.endswith("*"))
    with work(engine, login=row["by"], door="demo") as ctx:
        where = f"{key.removesuffix('*')} == {json.dumps(row[key], ensure_ascii=False)}"
        for record in records.list(ctx, object_name, Query(where=where, limit=1)).records:
            now = {each.name for each in records.transitions(ctx, object_name, record) if each.reason_not is None}
            if row["transition"] in now:
                records.transition(ctx, object_name, record.id, row["transition"], version=record.version)


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    said = b"".join(f"{path.relative_to(folder)}\n".encode() + path.read_bytes() for path in files)
    return hashlib.sha256(said).hexdigest()
