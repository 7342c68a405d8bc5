"""signing in, being locked out, tokens, and rights that end"""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import InvalidRecord, InvalidValue, NotAllowed, NotFound, NotSignedIn, UnknownName
from dougong.features.accounts import opening, passwords, people, service, sessions, tokens
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.storage import platform_tables
from dougong.storage.database import GATE

PASSWORD = "correct horse"


@pytest.fixture
def ann(people_engine):
    """The id of a user with a password."""
    with work(people_engine, reason="a person for a test") as ctx:
        return service.create_user(ctx, login="ann", name="Ann", password=PASSWORD, locale="en").id


def find(engine, proof, key):
    with engine.database.open(write=False) as connection:
        return opening.find(
            connection,
            engine.database,
            engine.current(connection),
            proof=proof,
            key=key,
            now=engine.clock.now(),
            locale="zh-CN",
            zone="Asia/Shanghai",
        )


def refuse(engine, password="wrong password", login="ann"):
    with pytest.raises(service.SignInRefused):
        service.sign_in(engine, login=login, password=password)


# ---- passwords -------------------------------------------------------------------------------------------------------


def test_right_password_begins_a_session(people_engine, ann):
    session = service.sign_in(people_engine, login=" ann ", password=PASSWORD)
    found = find(people_engine, "session", session.secret)
    assert found.actor.id == ann
    assert found.csrf == session.csrf
    assert found.actor.facts["login"] == "ann"


def test_two_ways_to_type_an_accent_are_one_password(people_engine):
    with work(people_engine, reason="test") as ctx:
        service.create_user(ctx, login="zoé", name="Zoé", password="caf\u00e9 cr\u00e8me")
    assert service.sign_in(people_engine, login="zoé", password="cafe\u0301 cre\u0300me")


@pytest.mark.parametrize("password", ["", "wrong", None, 5, ["x"], "x" * 100_000, "\ud800", PASSWORD.upper()])
def test_wrong_password_and_unknown_login_get_the_same_words(people_engine, ann, password):
    said = set()
    for login in ("ann", "nobody", "", None, "system", "x" * 100_000, "a\0b", "\ud800"):
        with pytest.raises(service.SignInRefused) as refused:
            service.sign_in(people_engine, login=login, password=password)
        said.add(str(refused.value))
    assert len(said) == 1


def test_user_without_a_password_does_not_sign_in(people_engine):
    with work(people_engine, reason="test") as ctx:
        service.create_user(ctx, login="bob", name="Bob")
    for password in ("", "bob", "nobody has this password"):
        refuse(people_engine, password, "bob")


@pytest.mark.parametrize("password", ["", " ", "        ", "short", None, 12345678, "x" * 300])
def test_poor_password_is_refused(people_engine, ann, password):
    with work(people_engine, reason="test") as ctx, pytest.raises(InvalidValue):
        service.set_password(ctx, ann, password)


def test_only_a_demo_takes_the_demo_password(people_engine, ann):
    with work(people_engine, reason="test") as ctx, pytest.raises(InvalidValue):
        service.set_password(ctx, ann, "demo")
    with work(people_engine, reason="test") as ctx:
        ctx.connection.execute(platform_tables.instance_setting.insert().values(name="demo", value="1"))
        service.set_password(ctx, ann, "demo")
    assert service.sign_in(people_engine, login="ann", password="demo")


def test_password_is_stored_as_a_hash_only(people_engine, ann):
    with people_engine.database.open(write=False) as connection:
        stored = connection.execute(platform_tables.credential.select()).one()
    assert stored.hash.startswith("$argon2id$")
    assert PASSWORD not in str(stored)


def test_changed_password_ends_every_other_session(people_engine, ann):
    here = service.sign_in(people_engine, login="ann", password=PASSWORD)
    there = service.sign_in(people_engine, login="ann", password=PASSWORD)
    with work(people_engine, login="ann") as ctx:
        with pytest.raises(InvalidRecord) as refused:
            service.change_password(ctx, old="wrong", new="another horse")
        assert list(refused.value.by_field) == ["old"]
        with pytest.raises(InvalidRecord) as refused:
            service.change_password(ctx, old=PASSWORD, new="short")
        assert list(refused.value.by_field) == ["new"]
        service.change_password(ctx, old=PASSWORD, new="another horse", keep=sessions.digest(here.secret))
    assert find(people_engine, "session", here.secret)
    assert find(people_engine, "session", there.secret) is None
    refuse(people_engine, PASSWORD)
    assert service.sign_in(people_engine, login="ann", password="another horse")


def test_nobody_sets_the_password_of_another(people_engine, ann):
    with work(people_engine, reason="test") as ctx:
        service.create_user(ctx, login="bob", name="Bob")
    with work(people_engine, login="bob") as ctx:
        for act in (service.set_password, tokens.list_of):
            with pytest.raises(NotAllowed):
                act(ctx, ann, "another horse") if act is service.set_password else act(ctx, ann)
        with pytest.raises(NotAllowed):
            service.disable(ctx, ann)
        with pytest.raises(NotAllowed):
            tokens.create(ctx, ann, name="mine now")


def test_system_has_no_password_and_no_unknown_login_is_the_system(people_engine):
    with work(people_engine, reason="test") as ctx:
        with pytest.raises(NotAllowed):
            service.set_password(ctx, SYSTEM_USER, PASSWORD)
        # Even if somebody had written one into the database.
        hashed = passwords.hashed(PASSWORD)
        for user in (SYSTEM_USER, "00000000-0000-0000-0000-000000000000"):
            values = {"user": user, "hash": hashed, "failed": 0, "changed_at": ctx.now()}
            ctx.connection.execute(platform_tables.credential.insert().values(**values))
    refuse(people_engine, PASSWORD, "nobody of this name")


# ---- lockout ---------------------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_for_fifteen_minutes_and_then_longer(people_engine, ann, clock):
    for _ in range(4):
        refuse(people_engine)
    with pytest.raises(service.LockedOut) as locked:
        service.sign_in(people_engine, login="ann", password="wrong password")
    assert locked.value.until == clock.now() + dt.timedelta(minutes=15)
    with pytest.raises(service.LockedOut) as locked:
        service.sign_in(people_engine, login="ann", password=PASSWORD)
    assert "15 minutes" in str(locked.value)
    assert locked.value.seconds == 900
    clock.move(minutes=15, seconds=1)
    for _ in range(4):
        refuse(people_engine)
    with pytest.raises(service.LockedOut) as locked:
        service.sign_in(people_engine, login="ann", password="wrong password")
    assert locked.value.until == clock.now() + dt.timedelta(minutes=30)
    clock.move(minutes=31)
    assert service.sign_in(people_engine, login="ann", password=PASSWORD)


def test_success_forgives_earlier_failures(people_engine, ann):
    for _ in range(3):
        for _ in range(4):
            refuse(people_engine)
        service.sign_in(people_engine, login="ann", password=PASSWORD)


def test_many_guesses_at_once_are_not_more_guesses(people_engine, ann):
    outcomes = []

    def guess(number):
        try:
            service.sign_in(people_engine, login="ann", password=f"guess number {number}")
        except service.LockedOut:
            outcomes.append("locked")
        except service.SignInRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["locked"] * 5 + ["refused"] * 4


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_session_ends_when_idle_and_at_the_latest_after_a_week(people_engine, ann, clock):
    session = service.sign_in(people_engine, login="ann", password=PASSWORD)
    for _ in range(20):
        clock.move(hours=8)
        found = find(people_engine, "session", session.secret)
        assert found.is_stale
        opening.note_use(people_engine.database, found, clock.now())
        assert not find(people_engine, "session", session.secret).is_stale
    clock.move(hours=8)
    assert find(people_engine, "session", session.secret) is None
    session = service.sign_in(people_engine, login="ann", password=PASSWORD)
    clock.move(hours=12, seconds=1)
    assert find(people_engine, "session", session.secret) is None


def test_only_digests_of_secrets_are_stored(people_engine, ann):
    session = service.sign_in(people_engine, login="ann", password=PASSWORD)
    with work(people_engine, login="ann") as ctx:
        _, secret = tokens.create(ctx, ann, name="script")
    with people_engine.database.open(write=False) as connection:
        everything = str(connection.execute(platform_tables.session.select()).all())
        everything += str(connection.execute(platform_tables.token.select()).all())
    assert session.secret not in everything
    assert secret not in everything


def test_disabled_user_is_out_at_the_next_request(people_engine, ann):
    session = service.sign_in(people_engine, login="ann", password=PASSWORD)
    with work(people_engine, login="ann") as ctx:
        _, secret = tokens.create(ctx, ann, name="script")
    with work(people_engine, reason="ann leaves") as ctx:
        service.disable(ctx, ann)
    assert find(people_engine, "session", session.secret) is None
    assert find(people_engine, "token", secret) is None
    refuse(people_engine, PASSWORD)
    with pytest.raises(NotFound), work(people_engine, login="ann"):
        pass
    with work(people_engine, reason="ann is back") as ctx:
        service.enable(ctx, ann)
    assert find(people_engine, "session", session.secret) is None
    assert find(people_engine, "token", secret)


def test_sign_out_ends_the_session(people_engine, ann):
    session = service.sign_in(people_engine, login="ann", password=PASSWORD)
    with work(people_engine, login="ann") as ctx:
        service.sign_out(ctx, sessions.digest(session.secret))
    assert find(people_engine, "session", session.secret) is None


# ---- tokens ----------------------------------------------------------------------------------------------------------


def test_token_is_scoped_expires_and_is_revoked(people_engine, ann, clock):
    with work(people_engine, login="ann") as ctx:
        token, secret = tokens.create(
            ctx, ann, name="script", scope=["read", "user:update"], expires_at=clock.now() + dt.timedelta(days=1)
        )
        assert secret.startswith("dg_")
        for scope in (["everything"], ["usr:read"], ["read,update"], [""]):
            with pytest.raises(InvalidValue):
                tokens.create(ctx, ann, name="bad", scope=scope)
    found = find(people_engine, "token", secret)
    assert found.actor.token_scope == {"read", "user:update"}
    assert find(people_engine, "session", secret) is None
    clock.move(days=1)
    with pytest.raises(NotSignedIn, match="expired"):
        find(people_engine, "token", secret)
    clock.move(days=-1)
    with work(people_engine, login="ann") as ctx:
        tokens.revoke(ctx, token.id)
        assert [each.name for each in tokens.list_of(ctx, ann)] == ["script"]
        assert tokens.list_of(ctx, ann)[0].state(clock.now()) == "revoked"
        with pytest.raises(NotAllowed):
            tokens.list_all(ctx)
    with pytest.raises(NotSignedIn, match="revoked"):
        find(people_engine, "token", secret)
    assert find(people_engine, "token", secret + "x") is None


def test_use_of_a_token_is_noted_once_a_minute(people_engine, ann, clock):
    with work(people_engine, login="ann") as ctx:
        _, secret = tokens.create(ctx, ann, name="script")
    found = find(people_engine, "token", secret)
    assert found.is_stale
    opening.note_use(people_engine.database, found, clock.now())
    assert not find(people_engine, "token", secret).is_stale
    clock.move(seconds=61)
    assert find(people_engine, "token", secret).is_stale


def test_token_with_a_scope_makes_no_wider_one(people_engine, ann):
    with work(people_engine, login="ann") as ctx:
        _, secret = tokens.create(ctx, ann, name="script", scope=["read"])
    actor = find(people_engine, "token", secret).actor
    with work(people_engine, actor=actor) as ctx:
        with pytest.raises(NotAllowed):
            tokens.create(ctx, ann, name="wider")
        with pytest.raises(NotAllowed):
            service.change_password(ctx, old=PASSWORD, new="another horse")


# ---- the opening statement -------------------------------------------------------------------------------------------


def test_opening_finds_roles_units_and_superior(people_engine, ann):
    with work(people_engine, reason="test") as ctx:
        first, main = (records.create(ctx, "unit", {"name": code, "code": code}).id for code in ("first", "main"))
        records.create(ctx, "membership", {"user": ann, "unit": first, "main": False})
        records.create(ctx, "membership", {"user": ann, "unit": main, "main": True})
        chief = service.create_user(ctx, login="eve", name="Eve").id
        records.update(ctx, "user", ann, {"superior": chief}, last_write=True)
        service.grant_role(ctx, ann, "system_administrator")
    actor = find(people_engine, "login", "ann").actor
    assert actor.units == (main, first)
    assert actor.superior == chief
    assert actor.roles == {"system_administrator"}
    assert (actor.locale, actor.zone) == ("en", "Asia/Shanghai")
    with work(people_engine, reason="test") as ctx:
        records.update(ctx, "user", ann, {"is_administrator": True, "timezone": "Mars/Olympus"}, last_write=True)
    actor = find(people_engine, "user", ann).actor
    assert actor.roles == {"system_administrator", "administrator"}
    assert actor.zone == "Asia/Shanghai"


def test_reserved_role_comes_with_is_administrator_alone(people_engine, ann):
    with work(people_engine, reason="test") as ctx:
        service.grant_role(ctx, ann, "system_administrator")
        assigned = people.of(ctx.catalog).role_assignment
        ctx.connection.execute(sa.update(assigned).values(role="administrator"), execution_options=GATE)
    assert find(people_engine, "login", "ann").actor.roles == frozenset()


def test_role_that_is_not_there_is_refused(people_engine, ann):
    with work(people_engine, reason="test") as ctx:
        with pytest.raises(UnknownName, match="did you mean 'system_administrator'"):
            service.grant_role(ctx, ann, "system_administator")
        with pytest.raises(InvalidRecord):
            records.create(ctx, "role_assignment", {"user": ann, "role": "administrator"})
