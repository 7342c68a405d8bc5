"""reports that ask something first: parameters typed, checked, and used by name in conditions"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dougong import engine as engines
from dougong.base.errors import BadRequest
from dougong.cli import report
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
from dougong.features.reports import service as reports
from dougong.features.reports.parameters import InvalidParameters
from dougong.records import service as records
from dougong.records.query import Query
from dougong.web import sign_in
from dougong.web.app import create_app


def orders(ctx, **given):
    """Run the report; orders by customer."""
    return {row[0]: row[1:] for row in reports.run(ctx, "orders_between", given).shown}


def test_defaults_hold_for_what_is_not_given(as_user):
    with as_user() as ctx:
        assert orders(ctx) == {"ALFKI": ("1", "0"), "BERGS": ("1", "0")}
        assert orders(ctx, since="2026-02-01") == {"BERGS": ("1", "0")}
        assert orders(ctx, until="2026-02-01", least="5.50") == {"ALFKI": ("1", "1")}


def test_blank_is_blank_and_not_the_default(as_user):
    with as_user() as ctx:
        # A comparison with blank never holds.
        assert orders(ctx, since="") == {}


def test_lookup_is_named_by_its_id_or_by_a_unique_value(as_user):
    with as_user() as ctx:
        (bergs,) = records.list(ctx, "customer", Query(where='code == "BERGS"', fields=("id",))).records
        assert orders(ctx, buyer=bergs.id) == orders(ctx, buyer="BERGS") == {"BERGS": ("1", "0")}
        with pytest.raises(InvalidParameters, match=r"There is no .*'NOBODY'"):
            orders(ctx, buyer="NOBODY")
        with pytest.raises(InvalidParameters, match="There is no"):
            orders(ctx, buyer="01a201cc-be76-7246-9a0e-6f71215f8e89")


def test_what_cannot_be_read_is_refused_by_its_name(as_user):
    with as_user() as ctx:
        with pytest.raises(InvalidParameters, match="since: Enter a date, such as 2026-11-22") as refused:
            orders(ctx, since="yesterday", least="much")
        assert sorted(refused.value.by_field) == ["least", "since"]
        with pytest.raises(BadRequest, match="no parameter 'sinc'; did you mean 'since'"):
            orders(ctx, sinc="2026-01-01")
        with pytest.raises(InvalidParameters, match="Choose a value for Country"):
            reports.run(ctx, "of_country")


def test_further_condition_may_name_parameters_too(as_user):
    with as_user() as ctx:
        narrowed = "order_date != '2026-01-15' and country is not null"
        found = reports.run(ctx, "of_country", {"country": "Germany", "where": narrowed})
        assert found.rows == ((1,),)
        with pytest.raises(BadRequest, match="no field 'buyer'"):
            reports.run(ctx, "orders_between", {"where": "buyer.code is null"})


def test_what_was_chosen_before_stays_nobody_elses(as_user):
    with as_user() as ctx:
        for country, count in (("Germany", 2), ("Sweden", 1), ("Atlantis", 0), ("Germany", 2)):
            assert reports.run(ctx, "of_country", {"country": country}).rows == ((count,),)


def test_command_takes_parameters(trade, monkeypatch):
    monkeypatch.setattr(engines, "open_engine", lambda: trade)

    def run(*arguments: str):
        return CliRunner().invoke(report.command, ["of_country", *arguments])

    assert json.loads(run("--param", "country=Sweden", "--json").stdout)["rows"] == [{"orders": 1}]
    assert "'Sweden' is not NAME=VALUE" in run("--param", "Sweden").stderr
    refused = run()
    assert isinstance(refused.exception, InvalidParameters)


@pytest.fixture
def vera(trade):
    """A browser without script in which Vera is signed in."""
    with work(trade, reason="a session for a test") as ctx:
        (user,) = records.list(ctx, "user", Query(where='login == "vera"', fields=("id",))).records
        session = sessions.start(ctx.connection, user.id, ctx.now())
    client = create_app(trade).test_client()
    client.set_cookie(sign_in.COOKIE, session.secret)
    return client


def test_api_takes_parameters_in_the_query(vera):
    here = "/api/v1/reports/of_country"
    assert vera.get(f"{here}?country=Sweden").json["rows"] == [{"orders": 1}]
    refused = vera.get(here)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_parameters")
    assert refused.json["errors"][0]["field"] == "country"
    unknown = vera.get(f"{here}?county=Sweden")
    assert (unknown.status_code, unknown.json["code"]) == (400, "unknown_parameter")
    assert "did you mean" in unknown.json["detail"]


def test_screen_asks_for_parameters_above_the_table(vera):
    page = vera.get("/reports/orders_between").text
    assert 'name="since" type="date" value="2026-01-20"' in page
    assert "ALFKI" in page
    page = vera.get("/reports/orders_between?since=2026-02-01&buyer=").text
    assert 'value="2026-02-01"' in page
    assert "since=2026-02-01&amp;buyer=&amp;format=csv" in page or "format=csv" not in page
    page = vera.get("/reports/orders_between?since=yesterday").text
    assert "Enter a date, such as 2026-11-22." in page


def test_screen_waits_for_what_must_be_chosen(vera):
    page = vera.get("/reports/of_country").text
    assert "Choose first" in page
    assert "Choose a value for" not in page
    assert "Choose a value for Country" in vera.get("/reports/of_country?country=").text
    assert ">2<" in vera.get("/reports/of_country?country=Germany").text
