"""a few orders in the trade bundle, and reports of our own beside its"""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest

from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.instances import CHECKOUT, read_bundles

TRADE = CHECKOUT / "docs" / "examples" / "northwind" / "metadata" / "trade"
SYSTEM = CHECKOUT / "metadata" / "system"

PROBE = {
    "bundle.yaml": "{kind: bundle, name: probe, version: 1.0.0, requires: [{name: system}, {name: trade}]}",
    "reports/first_product.yaml": """
kind: report
name: first_product
object: order_line
dimensions: [{name: product, by: product}]
measures: [{name: lines, function: count}]
sort: [-lines]
limit: 1
""",
    "reports/country_by_month.yaml": """
kind: report
name: country_by_month
object: order
dimensions:
  - {name: month, by: order_date, grain: month}
  - {name: country, by: ship_country}
measures: [{name: orders, function: count}]
chart: {type: bar, dimension: month, measures: [orders]}
""",
    "reports/categories.yaml": """
kind: report
name: categories
object: category
measures: [{name: categories, function: count}]
""",
    "reports/births.yaml": """
kind: report
name: births
object: employee
measures:
  - {name: employees, function: count}
  - {name: first_born, function: min, of: birth_date}
  - {name: youngest, function: count, where: birth_date >= "1990-01-01"}
""",
    "reports/births_by_year.yaml": """
kind: report
name: births_by_year
object: employee
dimensions: [{name: year, by: birth_date, grain: year}]
measures: [{name: employees, function: count}]
""",
    "reports/orders_between.yaml": """
kind: report
name: orders_between
object: order
parameters:
  - {name: since, type: date, label: Since, default: "2026-01-20"}
  - {name: until, type: date, label: Until, default_expr: '"2026-12-31"'}
  - {name: buyer, type: lookup, to: customer, label: Buyer}
  - {name: least, type: decimal, scale: 2, label: At least}
where: order_date >= since and order_date <= until and (buyer is null or customer == buyer)
dimensions: [{name: customer, by: customer}]
measures:
  - {name: orders, function: count}
  - {name: dear, function: count, where: freight >= least}
""",
    "reports/of_country.yaml": """
kind: report
name: of_country
object: order
parameters: [{name: country, type: text, label: {en: Country, zh-CN: 国家}, required: true}]
where: ship_country == country
measures: [{name: orders, function: count}]
""",
    "reports/spans.yaml": """
kind: report
name: spans
object: order
measures:
  - {name: first, function: min, of: order_date}
  - {name: last, function: max, of: order_date}
  - {name: average_freight, function: avg, of: freight}
  - {name: customers, function: count_distinct, of: customer}
  - {name: shipped, function: count, of: shipped_date}
  - {name: late, function: count, where: shipped_date > required_date}
  - {name: nothing, function: sum, of: freight, where: ship_country == "Atlantis"}
""",
}

PENNIES = [(name, "0.05", 1, "0.1") for name in ("Chai", "Chang")]

SALES = (
    # number, customer, ordered on, shipped on, country, freight, lines
    (1, "ALFKI", "2026-01-15", "2026-01-20", "Germany", "10.00", PENNIES),
    (2, "ALFKI", "2026-01-31", None, "Germany", "5.50", [("Chai", "18.00", 10, "0")]),
    (3, "BERGS", "2026-04-01", "2026-05-30", "Sweden", None, [("Chai", "18.00", 1, "0.25")]),
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def trade(request, instances):
    """An instance with three orders; a viewer, a seller and nobody in particular."""
    if request.param == "postgresql" and not instances.postgres_url:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail("DOUGONG_TEST_POSTGRES_URL is not set, and CI skips nothing")
        pytest.skip("set DOUGONG_TEST_POSTGRES_URL to test on PostgreSQL too")
    engine = instances.make({**read_bundles(SYSTEM, TRADE), "probe": PROBE}, dialect=request.param)
    with work(engine, reason="a test") as ctx:
        _fill(ctx)
    yield engine
    instances.drop(engine)


def _fill(ctx) -> None:
    for login, role in (("vera", "trade_viewer"), ("sam", "trade_seller"), ("nil", "")):
        user = records.create(ctx, "user", {"login": login, "name": login, "locale": "en"}).id
        if role:
            records.create(ctx, "role_assignment", {"user": user, "role": role})
    drinks = records.create(ctx, "category", {"number": 1, "name": "Drinks"}).id
    products = {
        name: records.create(ctx, "product", {"number": at, "name": name, "category": drinks}).id
        for at, name in enumerate(("Chai", "Chang"), start=1)
    }
    customers = {
        code: records.create(ctx, "customer", {"code": code, "name": code, "country": country}).id
        for code, country in (("ALFKI", "Germany"), ("BERGS", "Sweden"))
    }
    born = {"number": 1, "first_name": "Ann", "last_name": "Oak", "birth_date": "1980-05-01"}
    ann = records.create(ctx, "employee", born).id
    for number, customer, ordered, shipped, country, freight, lines in SALES:
        values = {
            "number": number,
            "customer": customers[customer],
            "employee": ann if number < 3 else None,
            "order_date": ordered,
            "required_date": "2026-04-30",
            "shipped_date": shipped,
            "ship_country": country,
            "freight": freight,
            "lines": [
                {"product": products[name], "unit_price": price, "quantity": quantity, "discount": discount}
                for name, price, quantity, discount in lines
            ],
        }
        records.create(ctx, "order", values)


@pytest.fixture
def as_user(trade):
    """Open a unit of work as somebody; None is the system."""

    @contextmanager
    def open_(login: str | None = "vera"):
        with work(trade, login=login, write=False, door="test", reason="a test") as ctx:
            yield ctx

    return open_
