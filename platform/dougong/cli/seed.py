"""load seed data by natural key, safely again and again"""

from __future__ import annotations

from collections.abc import Sequence

import click

from dougong import engine as engines
from dougong.base.errors import NotFound
from dougong.base.names import hint_for
from dougong.base.text import Message
from dougong.catalog.model import Bundle, Catalog
from dougong.cli.main import json_option, print_json
from dougong.engine import Engine
from dougong.features.accounts import passwords
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.bundles import seed as seeding
from dougong.features.bundles.seed import Seeded


@click.command("seed")
@click.argument("bundles", nargs=-1)
@click.option("--demo", is_flag=True, help="Also the example data, such as people and customers that do not exist.")
@click.option("--update", is_flag=True, help="Also write what differs onto records that are there.")
@json_option
def command(*, bundles: tuple[str, ...], demo: bool, update: bool, as_json: bool) -> None:
    """Load the seed data of BUNDLES, by default of all. Records that are there stay as they are.

    \b
    Example:
      dougong seed crm --demo
    """
    done = load(engines.open_engine(), bundles, demo=demo, update=update)
    if as_json:
        print_json([each.as_data() for each in done])
        return
    for each in done:
        click.echo(f"{each.object:<24} {len(each.created):>6} new  {each.updated:>6} changed  {each.there:>6} there")


def load(engine: Engine, bundles: Sequence[str] = (), *, demo: bool = False, update: bool = False) -> list[Seeded]:
    """Load seed data in one unit of work. New users of a demo instance get the demo password."""
    with work(engine, write=True, reason="dougong seed") as ctx:
        names = _known(ctx.catalog, bundles)
        done = seeding.seed(ctx, seeding.read(engine.settings.seed, names, demo=demo), update=update)
        if demo and accounts.is_demo(ctx.connection):
            for each in done:
                for user in each.created if each.object == "user" else ():
                    accounts.set_password(ctx, user, passwords.DEMO)
    return done


def _known(catalog: Catalog, bundles: Sequence[str]) -> tuple[str, ...]:
    there = catalog.of(Bundle)
    for name in bundles:
        if name not in there:
            hint = hint_for(name, there)
            raise NotFound(Message("there is no bundle '{name}'; {hint}", name=name, hint=hint, code="no_bundle"))
    return tuple(bundles) or tuple(there)
