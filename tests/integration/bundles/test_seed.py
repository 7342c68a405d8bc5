"""seed data: loaded by natural key, again and again"""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from dougong.base.errors import NotFound
from dougong.cli import seed as seed_command
from dougong.features.accounts import passwords
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.bundles import seed as seeding
from dougong.features.bundles.seed import SeedProblems
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage.database import GATE
from dougong.storage.platform_tables import outbox

ROWS = {
    "user": 6, "unit": 6, "membership": 6, "role_assignment": 6, "exchange_rate": 10,
    "customer": 60, "contact": 81, "opportunity": 77, "follow_up": 119, "product_category": 5, "product": 15,
    "order": 52, "contract": 29, "receivable": 94, "visit": 86, "task": 44, "lead": 30, "service_case": 41,
}  # fmt: skip


def count(ctx, name, where=None):
    return records.list(ctx, name, Query(where=where, limit=1, count="exact")).count


def one(ctx, name, where):
    (found,) = records.list(ctx, name, Query(where=where)).records
    return found


@pytest.fixture
def load(empty, tmp_path):
    """Load texts as the seed files of the CRM, in one unit of work."""

    def run(*, update=False, **texts):
        folder = tmp_path / "crm"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        with work(empty, reason="a test") as ctx:
            return seeding.seed(ctx, seeding.read(tmp_path, ["crm"]), update=update)

    return run


def test_demo_data_is_all_there(demo):
    with work(demo, write=False, reason="a test") as ctx:
        # The system's own user has no address.
        found = {name: count(ctx, name, "email is not null" if name == "user" else None) for name in ROWS}
    assert found == ROWS


def test_second_run_changes_nothing(demo):
    again = seed_command.load(demo, demo=True, update=True)
    assert {(len(each.created), each.updated) for each in again} == {(0, 0)}
    assert sum(each.there for each in again) == sum(ROWS.values())


def test_what_is_seeded_is_no_news(demo):
    with work(demo, write=False, reason="a test") as ctx:
        waiting = ctx.connection.execute(
            sa.select(sa.func.count()).select_from(outbox), execution_options=GATE
        ).scalar()
    assert waiting == 0


def test_what_people_changed_stays_as_they_left_it(empty):
    seed_command.load(empty, demo=True)
    with work(empty, login="wang") as ctx:
        mine = one(ctx, "customer", 'name == "海口椰湾零售连锁有限公司"')
        records.update(ctx, "customer", mine.id, {"level": "a"}, version=mine.version)
    seed_command.load(empty, demo=True)
    with work(empty, login="wang", write=False) as ctx:
        assert records.get(ctx, "customer", mine.id)["level"] == "a"
    seed_command.load(empty, demo=True, update=True)
    with work(empty, login="wang", write=False) as ctx:
        assert records.get(ctx, "customer", mine.id)["level"] == "c"


def test_without_demo_nobody_is_invented(empty):
    assert seed_command.load(empty) == []


def test_unknown_bundle_is_named_with_the_nearest(empty):
    with pytest.raises(NotFound, match="did you mean 'crm'"):
        seed_command.load(empty, ["crn"])


def test_demo_accounts_sign_in_with_the_demo_password(demo):
    for login in ("admin", "lin", "zhang", "wang", "chen", "zhou"):
        assert accounts.sign_in(demo, login=login, password=passwords.DEMO)


def test_lookups_lead_where_the_file_says(demo):
    with work(demo, write=False, reason="a test") as ctx:
        fields = ("name", "parent.name", "owner.login", "unit.code", "amount")
        factory = records.list(
            ctx, "customer", Query(where='name == "无锡澜川轴承有限公司"', fields=fields[:4])
        ).records[0]
        unit = one(ctx, "unit", 'code == "sales_east"')
        head = records.get(ctx, "unit", unit["parent"])
    assert factory["parent.name"] == "澜川控股集团有限公司"
    assert (factory["owner.login"], factory["unit.code"]) == ("zhang", "sales_east")
    assert head["code"] == "sales"


def test_days_are_counted_from_today_in_the_zone_of_the_instance(demo, now):
    with work(demo, write=False, reason="a test") as ctx:
        won = one(ctx, "opportunity", 'name == "自动化立体仓库一期"')
        told = one(ctx, "follow_up", 'subject == "首次拜访，了解仓库现状"')
    assert won["closed_on"] == now.date() - dt.timedelta(days=34)
    # 10:00 in Shanghai, 208 days before.
    assert told["happened_at"] == now.replace(hour=2, minute=0) - dt.timedelta(days=208)


def test_lines_come_with_their_record(demo):
    with work(demo, write=False, reason="a test") as ctx:
        found = one(ctx, "opportunity", 'name == "温控立体仓库"')
        lines = records.get(ctx, "opportunity", found.id)["plan"]
    assert [line["item"] for line in lines] == ["法规要求梳理", "第三方温度分布测试", "合同评审"]
    assert [line["done"] for line in lines] == [True, True, False]


def test_row_may_point_to_a_later_one(load):
    done = load(customer="name*,parent.name\nFactory,Group\nGroup,\n")
    assert [len(each.created) for each in done] == [2]


def test_files_are_put_in_order(load):
    done = load(
        contact="name*,customer.name\nMo,Group\n",
        customer="name*,owner.login\nGroup,mo\n",
        user="login*,name\nmo,Mo\n",
    )
    assert [each.object for each in done] == ["user", "customer", "contact"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"custmer": "name*\nA\n"}, "custmer.csv:1: there is no object 'custmer'\n    did you mean 'customer'?"),
        ({"customer": "name*,levle\nA,a\n"}, "customer.csv:1:2: object 'customer' has no field 'levle'"),
        ({"customer": "name,level\nA,a\n"}, "customer.csv:1: no heading belongs to the natural key"),
        ({"customer": "name*,level\nA\n"}, "customer.csv:2: 1 cells under 2 headings"),
        ({"customer": "name*,owner\nA,x\n"}, "customer.csv:1:2: 'owner' points to a record"),
        ({"customer": "name*,level.name\nA,x\n"}, "customer.csv:1:2: 'level' points to no record"),
        ({"customer": "name*\nA\nB\nA\n"}, "customer.csv:4: the same key as in line 2"),
        ({"customer": "name*,owner.login\nA,nobody\n"}, "customer.csv:2:2: no user with login 'nobody'"),
        ({"customer": "name*,level\nA,q\n"}, "customer.csv:2:2: Choose one of: "),
        (
            {"customer": "name*,parent.name\nA,B\nB,A\n"},
            "customer.csv:2: this row and others point to each other in a circle",
        ),
        (
            {"customer": "name*\nA\n", "contact": "name*,customer.name,is_key\nMo,A,true\n"},
            "contact.csv:2: mobile: Enter a mobile number, a phone number or an email of the main contact.",
        ),
        ({"opportunity": "name*\n", "plan_item": "item*\nA\n"}, "plan_item.csv:1: lines name their record by: parent."),
        (
            {"opportunity": "name*\n", "plan_item": "parent.name*,item\nX,Call\n"},
            "plan_item.csv:2:1: opportunity.csv has no such record",
        ),
        ({"plan_item": "parent.name*,item\nX,Call\n"}, "plan_item.csv:1: the records that these lines belong to"),
        ({"customer": 'name*\n"A\n'}, "customer.csv:2: this is not CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_line_and_column(load, empty, files, said):
    with pytest.raises(SeedProblems) as refused:
        load(**files)
    assert said in str(refused.value)
    with work(empty, write=False, reason="a test") as ctx:
        assert count(ctx, "customer") == 0


def test_name_that_two_records_have_is_not_guessed(load):
    load(contact="mobile*,name,customer.name\n13900000001,Mo,A\n13900000002,Mo,A\n", customer="name*\nA\n")
    with pytest.raises(SeedProblems, match="2 records of 'contact' with name 'Mo'"):
        load(
            follow_up="subject*,customer.name,contact.name,content\nCall,A,Mo,Hello\n",
            contact="mobile*\n",
        )


def test_quotes_in_a_key_are_no_part_of_the_question(load):
    text = 'name*,parent.name\n"A ""or"" \\ 1",\nB,"A ""or"" \\ 1"\n'
    assert [len(each.created) for each in load(customer=text)] == [2]
    assert [len(each.created) for each in load(customer=text)] == [0]
