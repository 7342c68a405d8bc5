"""behind every number there are just the records that made it"""

from __future__ import annotations

import datetime as dt
import io
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import openpyxl
import pytest

from dougong.base.clock import FixedClock
from dougong.cli import seed
from dougong.context import Context
from dougong.definitions.kinds import Dashboard
from dougong.features.accounts.work import work
from dougong.features.reports import aggregate, dashboard, service
from dougong.features.reports.dashboard import Number
from dougong.features.reports.dataset import Dataset
from dougong.records import aggregate as gate
from dougong.records import service as records
from dougong.testing.instances import CHECKOUT, read_bundles

SYSTEM = CHECKOUT / "metadata" / "system"
NOW = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)

ZOO = {
    "bundle.yaml": "{kind: bundle, name: zoo, version: 1.0.0, requires: [{name: system}]}",
    "objects/keeper.yaml": """
kind: object
name: keeper
title: name
fields: [{name: name, type: text, label: Name}]
""",
    "objects/sighting.yaml": """
kind: object
name: sighting
title: name
fields:
  - {name: name, type: text, label: Name}
  - {name: sort, type: choice, label: Sort, options: [{value: bird, label: Bird}, {value: fish, label: Fish}]}
  - {name: amount, type: money, label: Amount}
  - {name: weight, type: decimal, scale: 2, label: Weight}
  - {name: seen_at, type: datetime, label: Seen at}
  - {name: day, type: date, label: Day}
  - {name: tame, type: boolean, label: Tame}
  - {name: keeper, type: lookup, to: keeper, label: Keeper}
  - {name: meals, type: children, of: meal, label: Meals}
""",
    "objects/meal.yaml": """
kind: object
name: meal
nature: child
fields: [{name: food, type: text, label: Food}]
""",
    "views/sightings.yaml": """
kind: view
name: sightings
object: sighting
where: tame
columns: [{name: name}, {name: amount}]
""",
    "reports/meals.yaml": """
kind: report
name: meals
object: meal
dimensions: [{name: food, by: food}]
measures: [{name: meals, function: count}]
""",
    "reports/two_ways.yaml": """
kind: report
name: two_ways
object: sighting
dimensions: [{name: month, by: seen_at, grain: month}, {name: sort, by: sort}]
measures: [{name: sightings, function: count}, {name: amount, function: sum, of: amount, scale: 2}]
chart: {type: bar, dimension: month, stacked: true}
""",
    "reports/asked.yaml": """
kind: report
name: asked
object: sighting
parameters:
  - {name: since, type: date, label: Since, default_expr: start_of_month(today())}
  - {name: least, type: decimal, scale: 2, label: Least}
  - {name: wanted, type: lookup, to: keeper, label: Keeper}
  - {name: word, type: text, label: Word, default: 'a"b\\c'}
where: >-
  (seen_at >= since or name == word) and (least is null or weight >= least) and (wanted is null or keeper == wanted)
dimensions: [{name: name, by: name}]
measures:
  - {name: sightings, function: count}
  - {name: heavy, function: count, where: weight > least}
  - {name: today, function: count, where: date_of(seen_at) == today() - days(1)}
""",
    "reports/across.yaml": """
kind: report
name: across
object: sighting
dimensions: [{name: name, by: name}, {name: sort, by: sort}]
columns: [sort]
measures:
  - {name: sightings, label: Sightings, function: count}
  - {name: weights, label: Weights, function: count_distinct, of: weight}
sort: [-sightings]
""",
    "reports/across_two.yaml": """
kind: report
name: across_two
object: sighting
dimensions: [{name: tame, by: tame}, {name: month, by: seen_at, grain: month}, {name: week, by: day, grain: week}]
columns: [tame, month]
measures:
  - {name: sightings, function: count}
  - {name: amount, function: sum, of: amount, scale: 2, where: weight is not null}
""",
    "reports/few.yaml": """
kind: report
name: few
object: sighting
dimensions: [{name: name, by: name}]
measures: [{name: sightings, function: count}, {name: amount, function: sum, of: amount}]
chart: {type: pie, limit: 3, measures: [sightings]}
""",
    "reports/cut.yaml": """
kind: report
name: cut
object: sighting
dimensions: [{name: name, by: name}]
measures: [{name: sightings, function: count}]
sort: [-sightings]
limit: 4
chart: {type: bar, limit: 3}
""",
}
BY = {
    "sort": "sort",
    "tame": "tame",
    "weight": "weight",
    "keeper": "keeper",
    "named": "name",
    "day_itself": "day",
    "moment": "seen_at",
    "year": "year_of(day)",
    "heavy": "weight > 1.50",
    "keepers": "keeper.name",
    **{f"day_{grain}": f"day, grain: {grain}" for grain in ("day", "week", "month", "quarter", "year")},
    **{f"seen_{grain}": f"seen_at, grain: {grain}" for grain in ("day", "week", "month", "quarter", "year")},
}
MEASURES = """
  - {name: sightings, function: count}
  - {name: weighed, function: count, of: weight}
  - {name: sorts, function: count_distinct, of: sort}
  - {name: amount, function: sum, of: amount, scale: 2}
  - {name: tame, function: count, where: tame}
  - {name: tame_amount, function: sum, of: amount, scale: 2, where: tame and weight is not null}
  - {name: mean, function: avg, of: weight}
  - {name: lightest, function: min, of: weight}
"""
for name, by in BY.items():
    ZOO[f"reports/by_{name}.yaml"] = (
        f"kind: report\nname: by_{name}\nobject: sighting\n"
        f"dimensions: [{{name: group, by: {by}}}]\nmeasures:{MEASURES}chart: {{type: bar, measures: [sightings]}}\n"
    )

SEEN = ("2026-10-31T15:59:59.999Z", "2026-10-31T16:00:00Z", "2026-11-01T15:30:00Z", "2026-11-20T16:00:00Z",
        "2026-12-31T16:00:00Z", "2025-12-29T01:00:00Z", None)  # fmt: skip
DAYS = ("2026-10-31", "2026-11-01", "2027-01-01", "2025-12-29", None)
NAMES = ("gull", 'a"b\\c', "斗拱", "gull ", "x\ty", None, "owl", "eel", "koi")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def zoo(request, instances):
    """Sightings with blanks, at the edges of days, months and years."""
    _need_postgres(request.param, instances)
    layers = {**read_bundles(SYSTEM), "zoo": ZOO}
    engine = instances.make(layers, dialect=request.param, clock=FixedClock(NOW))
    engine = replace(engine, settings=replace(engine.settings, timezone="Asia/Shanghai"))
    with work(engine, reason="sightings") as ctx:
        keepers = [records.create(ctx, "keeper", {"name": name}).id for name in ("Ann", "Bo")]
        for at in range(60):
            values = {
                "name": NAMES[at % 9],
                "sort": ("bird", "fish", None)[at % 3],
                "amount": ("10.25", "0.05", None, "-3.00")[at % 4],
                "weight": ("1.50", "2.00", None, "1.51", "0")[at % 5],
                "seen_at": SEEN[at % 7],
                "day": DAYS[at % 5],
                "tame": at % 2 == 0,
                "keeper": (keepers[0], keepers[1], None)[at % 3],
                "meals": [{"food": "worm"}] if at % 10 == 0 else [],
            }
            records.create(ctx, "sighting", values)
    yield engine
    instances.drop(engine)


def _need_postgres(dialect: str, instances) -> None:
    if dialect == "postgresql" and not instances.postgres_url:
        pytest.skip("set DOUGONG_TEST_POSTGRES_URL to test on PostgreSQL too")


@contextmanager
def elsewhere(engine, login: str | None = None) -> Iterator[Context]:
    """Open a unit of work of somebody whose own zone is far from the instance's."""
    with work(engine, login=login, write=False, reason="a test") as ctx:
        ctx.actor = replace(ctx.actor, zone="America/Los_Angeles", locale="en")
        ctx.memos.clear()
        yield ctx


def rows_behind(ctx: Context, object_name: str, where: str) -> int:
    """Count as the list of the rows behind a number does."""
    query = records.Query(where=where or None, fields=("id",), limit=1, count="exact")
    return records.list(ctx.in_instance_zone(), object_name, query).count or 0


def measured_behind(ctx: Context, object_name: str, measure, where: str):
    """Measure the rows that the list shows."""
    asked = gate.Measured("it", measure.function, measure.of)
    (found,) = gate.aggregate(
        ctx.in_instance_zone(), object_name, measures=[asked], where=where or None, as_listed=True, limit=1
    )
    return found["it"]


def hold(ctx: Context, name: str, given: dict[str, str] | None = None) -> int:
    """Hold every number of a report and of its chart against the rows behind it; say how many there were."""
    report = ctx.catalog.definitions["report"][name]
    data = service.run(ctx, name, given)
    measures = aggregate.measures_seen(ctx, report)
    told = {column.name: column for column in data.columns}
    checked = 0
    for at in [*range(len(data.rows)), *([None] if data.totals else [])]:
        values = data.rows[at] if at is not None else data.totals
        for column, value in zip(data.columns, values, strict=True):
            if column.role != "measure":
                continue
            measure = measures[column.name]
            where = data.behind(at, column.name)
            assert where is not None, (name, at, column.name)
            found = measured_behind(ctx, report.object, measure, where)
            if measure.function == "count":
                assert rows_behind(ctx, report.object, where) == value, where
            elif found is None:
                assert value is None, (name, where)
            else:
                scale = told[column.name].scale
                assert round(found, scale) == value if measure.function == "sum" and scale else True
                assert measure.function not in ("count_distinct", "min", "max") or found == value, (name, where)
            checked += 1
    return checked + hold_chart(ctx, data, measures)


def hold_chart(ctx: Context, data: Dataset, measures) -> int:
    if data.chart is None or data.drill is None:
        return 0
    checked = 0
    for series in data.chart["series"]:
        assert len(series["where"]) == len(series["data"]) == len(data.chart["categories"])
        column = next(
            (each for each in data.columns if each.label.show(ctx.locale) == series["name"] and each.role == "measure"),
            next(each for each in data.columns if each.role == "measure"),
        )
        measure = measures[column.name]
        if measure.function not in ("count", "sum"):
            continue
        for value, where in zip(series["data"], series["where"], strict=True):
            if where is None:
                assert not value
                continue
            found = measured_behind(ctx, data.drill.object, measure, where)
            assert abs(float(found or 0) - value) < 0.005, where
            checked += 1
    return checked


@pytest.mark.parametrize("name", [f"by_{name}" for name in BY] + ["two_ways", "few", "cut"])
def test_numbers_and_rows_behind_them_agree(zoo, name: str) -> None:
    with elsewhere(zoo) as ctx:
        assert hold(ctx, name) > 5


@pytest.mark.parametrize("given", [{}, {"least": "1.51"}, {"since": "2026-11-01", "least": "1.50"}, {"word": ""}])
def test_parameters_stand_in_the_condition_as_values(zoo, given) -> None:
    with elsewhere(zoo) as ctx:
        keeper = records.list(ctx, "keeper").records[0].id
        assert hold(ctx, "asked", given) > 3
        assert hold(ctx, "asked", {**given, "wanted": keeper}) > 0
        data = service.run(ctx, "asked", {"least": "1.51"})
        assert "wanted" not in (data.behind() or "")
        assert "today" not in (data.behind(0, "today") or "")


def test_condition_of_the_caller_is_in_what_is_behind(zoo) -> None:
    with elsewhere(zoo) as ctx:
        assert hold(ctx, "by_sort", {"where": "weight > 1 and seen_at < now()"}) > 5


def test_lines_have_no_list_behind_them(zoo) -> None:
    with elsewhere(zoo) as ctx:
        data = service.run(ctx, "meals")
        assert data.drill is None
        assert data.behind(0, "meals") is None
        assert data.as_data()["where"] is None


def test_others_are_put_together_and_lead_to_the_rest(zoo) -> None:
    with elsewhere(zoo) as ctx:
        for name, whole in (("few", 60), ("cut", 60)):
            data = service.run(ctx, name)
            assert data.chart["categories"][-1] == "Others"
            assert len(data.chart["categories"]) == 3
            (series,) = data.chart["series"]
            assert sum(series["data"]) == whole
            assert rows_behind(ctx, "sighting", series["where"][-1]) == series["data"][-1]


def test_periods_without_records_lead_nowhere(zoo) -> None:
    with elsewhere(zoo) as ctx:
        data = service.run(ctx, "by_day_month")
        (series,) = data.chart["series"]
        assert data.chart["categories"][0] == "(blank)"
        assert [where is None for where in series["where"]] == [not value for value in series["data"]]
        assert 0 in series["data"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request, instances):
    """All that is shipped, with its example data."""
    _need_postgres(request.param, instances)
    engine = instances.make(read_bundles(CHECKOUT / "metadata"), dialect=request.param)
    engine = replace(engine, settings=replace(engine.settings, timezone="Asia/Shanghai"))
    seed.load(engine, demo=True)
    yield engine
    instances.drop(engine)


@pytest.mark.parametrize("login", ["admin", "zhang", "chen", "zhou"])
def test_shipped_reports_and_dashboards_lead_to_their_rows(demo, login: str) -> None:
    with elsewhere(demo, login) as ctx:
        for report in service.visible(ctx):
            hold(ctx, report.name)
        opened = [dashboard.open_(ctx, each.name) for each in dashboard.visible(ctx)]
        assert bool(opened) == bool(ctx.catalog.of(Dashboard))
        for shown in (tile for each in opened for tile in each.tiles):
            assert shown.error is None, (shown.tile.name, shown.error)
            number = shown.content
            if isinstance(number, Number) and number.view is None:
                report = ctx.catalog.definitions["report"][str(shown.tile.report)]
                measure = aggregate.measures_seen(ctx, report)[shown.tile.measure or report.measures[0].name]
                found = measured_behind(ctx, number.object, measure, str(number.where))
                assert (found or 0) == (number.value or 0)
            elif isinstance(number, Number):
                view = ctx.catalog.definitions["view"][number.view]
                query = records.Query(where=view.where, fields=("id",), limit=1, count="to_limit")
                assert records.list(ctx, number.object, query).count == number.value


def test_zone_of_the_test_is_not_the_instances(zoo) -> None:
    with elsewhere(zoo) as ctx:
        assert ctx.zone == "Asia/Shanghai"
        assert ctx.in_instance_zone().actor.zone == ctx.zone != ctx.actor.zone
        assert zoneinfo.ZoneInfo(ctx.actor.zone)


@pytest.mark.parametrize("name", ["across", "across_two"])
def test_cells_of_a_matrix_and_rows_behind_them_agree(zoo, name: str) -> None:
    with elsewhere(zoo) as ctx:
        report = ctx.catalog.definitions["report"][name]
        data = service.run(ctx, name)
        matrix = data.matrix
        measures = aggregate.measures_seen(ctx, report)
        cells = 0
        for line in (*matrix.lines, None):
            for head in (*matrix.heads, None):
                if line is None or head is None:
                    values = (head or line or matrix).totals
                else:
                    values = line.cells[matrix.heads.index(head)]
                for column, value in zip(matrix.measures, values, strict=True):
                    where = data.behind_cell(line, head, column.name)
                    found = measured_behind(ctx, "sighting", measures[column.name], where)
                    if value is None:
                        assert not found
                    else:
                        assert round(found, column.scale or 0) == value, (where, column.name)
                        cells += 1
        assert cells > 20


def test_matrix_stands_in_order_with_exact_totals(zoo) -> None:
    with elsewhere(zoo) as ctx:
        matrix = service.run(ctx, "across").matrix
        assert [head.shown for head in matrix.heads] == [("(blank)",), ("Bird",), ("Fish",)]
        counts = [line.totals[0] for line in matrix.lines]
        assert counts == sorted(counts, reverse=True)
        # A weight of two groups counts once in their total.
        assert sum(line.totals[1] for line in matrix.lines) > matrix.totals[1]
        assert matrix.totals[0] == 60 == sum(counts) == sum(head.totals[0] for head in matrix.heads)
        assert service.run(ctx, "across").as_data()["matrix"]["totals"] == [60, 4]


def test_matrix_is_written_as_it_stands(zoo) -> None:
    with elsewhere(zoo) as ctx:
        text = service.write(ctx, "across").content.decode("utf-8-sig")
        head, *lines = text.splitlines()
        assert head.split(",") == [
            "Name", "(blank) · Sightings", "(blank) · Weights", "Bird · Sightings", "Bird · Weights",
            "Fish · Sightings", "Fish · Weights", "Total · Sightings", "Total · Weights",
        ]  # fmt: skip
        assert len(lines) == len({name and name.strip() for name in NAMES}) + 1
        assert lines[-1].startswith("Total,")
        assert lines[-1].endswith(",60,4")
        sheet = service.write(ctx, "across", form="xlsx")
        book = openpyxl.load_workbook(io.BytesIO(sheet.content))
        assert [cell.value for cell in book.active[1]] == head.split(",")
        assert book.active.cell(book.active.max_row, 8).value == 60
