"""many guesses from one address, at the passwords of many"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from dougong.features.accounts import addresses, service
from dougong.features.accounts.work import work
from dougong.storage import platform_tables

PASSWORD = "correct horse"
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def engine(people_engine):
    """An instance that takes three failures from an address in ten minutes, and a user."""
    settings = dataclasses.replace(people_engine.settings, sign_in_failures=3, sign_in_window=10)
    made = dataclasses.replace(people_engine, settings=settings)
    with work(made, reason="a person for a test") as ctx:
        service.create_user(ctx, login="ann", name="Ann", password=PASSWORD, locale="en")
    return made


def guess(engine, ip=HERE, login="nobody", password="wrong password"):
    return service.sign_in(engine, login=login, password=password, ip=ip)


def fail(engine, times, **how):
    for _ in range(times):
        with pytest.raises(service.SignInRefused):
            guess(engine, **how)


def test_address_is_refused_after_its_failures_until_the_window_is_over(engine, clock):
    fail(engine, 1, login="first")
    clock.move(minutes=4)
    fail(engine, 2, login="second")
    with pytest.raises(service.AddressLockedOut) as locked:
        guess(engine, login="ann", password=PASSWORD)
    assert locked.value.seconds == 360
    assert "6 minutes" in str(locked.value)
    assert guess(engine, ip=ELSEWHERE, login="ann", password=PASSWORD)
    clock.move(minutes=6)
    assert guess(engine, login="ann", password=PASSWORD)


def test_refused_address_locks_nobody(engine):
    fail(engine, 3)
    for _ in range(10):
        with pytest.raises(service.AddressLockedOut):
            guess(engine, login="ann")
    assert guess(engine, ip=ELSEWHERE, login="ann", password=PASSWORD)


def test_success_counts_nothing_and_forgives_nothing(engine):
    for _ in range(9):
        guess(engine, login="ann", password=PASSWORD)
    fail(engine, 2)
    guess(engine, login="ann", password=PASSWORD)
    fail(engine, 1)
    with pytest.raises(service.AddressLockedOut):
        guess(engine, login="ann", password=PASSWORD)


def test_many_at_once_are_not_more_guesses(engine):
    outcomes = []

    def one(number):
        try:
            guess(engine, login=f"login {number}")
        except service.AddressLockedOut:
            outcomes.append("locked")
        except service.SignInRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["locked"] * 5 + ["refused"] * 3


def test_no_limit_and_no_address_count_nothing(engine):
    fail(engine, 5, ip=None)
    free = dataclasses.replace(engine, settings=dataclasses.replace(engine.settings, sign_in_failures=0))
    fail(free, 5)
    with engine.database.open(write=False) as connection:
        assert connection.execute(sa.select(platform_tables.sign_in_address)).all() == []


def test_windows_that_are_over_go_with_the_next_success(engine, clock):
    fail(engine, 1)
    clock.move(minutes=11)
    guess(engine, ip=ELSEWHERE, login="ann", password=PASSWORD)
    with engine.database.open(write=False) as connection:
        rows = connection.execute(sa.select(platform_tables.sign_in_address.c.address)).scalars().all()
    assert rows == [ELSEWHERE]


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        (None, None),
        ("unix:", None),
    ],
)
def test_ipv6_is_counted_by_its_network(address, known):
    assert addresses.known_as(address) == known


def test_limits_come_from_the_settings(engine):
    assert addresses.limits(engine.settings) == addresses.Limits(3, dt.timedelta(minutes=10))
