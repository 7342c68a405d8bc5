"""look at what is promised, and try again what failed"""

from __future__ import annotations

import click

from dougong import engine as engines
from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.cli.main import json_option, print_json
from dougong.jobs import outbox
from dougong.jobs.outbox import Figures, Parked


@click.group("outbox", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Look at what is promised: how much waits, since when, and what failed too often.

    \b
    Example:
      dougong outbox
      dougong outbox retry
    """
    if context.invoked_subcommand is not None:
        return
    engine = engines.open_engine()
    with engine.database.open(write=False) as connection:
        figures, parked = outbox.figures(connection, engine.clock.now()), outbox.parked(connection)
    if as_json:
        print_json(_as_data(figures, parked))
        return
    since = f", the oldest since {figures.oldest:%Y-%m-%d %H:%M:%S} UTC" if figures.oldest else ""
    click.echo(f"{figures.due} due{since}; {figures.later} for later; {figures.parked} failed")
    for each in parked:
        click.echo(f"{each.id} {each.name}, {each.attempts} tries: {(each.error.splitlines() or [''])[-1]}")


def _as_data(figures: Figures, parked: list[Parked]) -> dict[str, object]:
    return {
        "due": dict(figures.waiting),
        "oldest": figures.oldest,
        "later": figures.later,
        "failed": figures.parked,
        "promises": [{"id": each.id, "for": each.name, "tries": each.attempts, "error": each.error} for each in parked],
    }


@command.command("retry")
@click.argument("promises", nargs=-1)
def retry(*, promises: tuple[str, ...]) -> None:
    """Try failed promises again: those named by id, or all.

    \b
    Example:
      dougong outbox retry
    """
    engine = engines.open_engine()
    with engine.database.open(write=True) as connection:
        count = outbox.retry(connection, engine.clock.now(), _ids(promises) if promises else None)
    click.echo(f"{count} promises are tried again")


@command.command("give-up")
@click.argument("promises", nargs=-1, required=True)
def give_up(*, promises: tuple[str, ...]) -> None:
    """Give failed promises up, by id: they are done without effect.

    \b
    Example:
      dougong outbox give-up 019a0000-0000-7000-8000-000000000000
    """
    engine = engines.open_engine()
    with engine.database.open(write=True) as connection:
        count = outbox.give_up(connection, engine.clock.now(), _ids(promises))
    click.echo(f"{count} promises were given up")


def _ids(given: tuple[str, ...]) -> list[str]:
    good = outbox.good_ids(given)
    wrong = [each for each in given if each not in good]
    if wrong:
        raise BadRequest(Message("'{id}' is not the id of a promise.", id=wrong[0][:80]))
    return good
