"""which records a lookup offers, and which it refuses"""

from __future__ import annotations

import pytest

from dougong.base.errors import InvalidRecord
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query
from dougong.web import sign_in
from dougong.web.app import create_app

FIRMS = {
    "bundle.yaml": "kind: bundle\nname: firms\nlabel: Firms\nversion: 1.0.0\nrequires: [{name: system}]\n",
    "objects/firm.yaml": """\
kind: object
name: firm
title: name
fields:
  - {name: name, type: text, sortable: true}
  - {name: area, type: text}
  - {name: least_rank, type: integer}
""",
    "objects/contact.yaml": """\
kind: object
name: contact
title: name
fields:
  - {name: name, type: text, sortable: true}
  - {name: firm, type: lookup, to: firm}
  - {name: rank, type: integer}
  - {name: superior, type: tree, where: firm == this.firm and id != this.id}
""",
    "objects/deal.yaml": """\
kind: object
name: deal
label: {en: Deal, zh-CN: 交易}
title: name
fields:
  - {name: name, type: text, sortable: true}
  - {name: firm, type: lookup, to: firm, label: {en: Firm, zh-CN: 公司}}
  - {name: contact, type: lookup, to: contact, where: firm == this.firm and rank >= this.firm.least_rank}
  - {name: neighbour, type: lookup, to: contact, where: firm.area == this.firm.area}
  - {name: outsider, type: lookup, to: contact, where: not (firm == this.firm)}
  - {name: leader, type: lookup, to: contact, where: rank > 5}
  - {name: threshold, type: integer}
  - {name: doubled, type: formula, expr: threshold * 2, returns: integer}
  - {name: ranked, type: lookup, to: contact, where: rank > this.doubled}
  - {name: lines, type: children, of: deal_line}
""",
    "objects/deal_line.yaml": """\
kind: object
name: deal_line
nature: child
fields:
  - {name: kind_of, type: text}
  - {name: person, type: lookup, to: contact, where: firm == this.parent.firm}
""",
}


@pytest.fixture
def firms(instances, system_layer, dialect):
    """Two firms in one area and one in another, with a contact or two each."""
    made = instances.make({**system_layer, "firms": FIRMS}, dialect=dialect)
    yield made
    instances.drop(made)


@pytest.fixture
def ids(firms) -> dict[str, str]:
    """Ids by name."""
    found = {}
    with work(firms, reason="firms for a test") as ctx:
        for name, area, least in (("Ash", "north", 3), ("Birch", "north", None), ("Cedar", "south", None)):
            found[name] = records.create(ctx, "firm", {"name": name, "area": area, "least_rank": least}).id
        for name, firm, rank in (
            ("Ann", "Ash", 9), ("Abe", "Ash", 1), ("Bob", "Birch", 5), ("Cy", "Cedar", None), ("Zoe", None, 7),
        ):  # fmt: skip
            values = {"name": name, "firm": found.get(firm), "rank": rank}
            found[name] = records.create(ctx, "contact", values).id
    return found


def refused(ctx, values):
    with pytest.raises(InvalidRecord) as caught:
        records.create(ctx, "deal", values)
    return {name: [str(message) for message in messages] for name, messages in caught.value.by_field.items()}


def offered(ctx, ids, field, given, **more):
    within = records.offered(ctx, "deal", field, given, **more)
    by_id = {value: name for name, value in ids.items()}
    return {by_id[each.id] for each in records.list(ctx, "contact", Query(fields=("id",), within=within))}


def test_lookup_of_what_is_not_offered_is_refused_in_words(firms, ids):
    with work(firms) as ctx:
        said = refused(ctx, {"firm": ids["Ash"], "contact": ids["Bob"]})
        assert said == {"contact": ["This Contact does not go with Firm. Choose one of those that are offered."]}
        assert "contact" in refused(ctx, {"firm": ids["Ash"], "contact": ids["Abe"]})
        made = records.create(ctx, "deal", {"firm": ids["Ash"], "contact": ids["Ann"]})
        with pytest.raises(InvalidRecord) as caught:
            records.update(ctx, "deal", made.id, {"contact": ids["Bob"]}, version=1)
        (message,) = caught.value.by_field["contact"]
        assert message.code == "not_offered"
        assert message.show("zh-CN") == "此Contact与公司不符，请从候选中选择。"


def test_change_of_a_field_that_this_names_asks_again(firms, ids):
    with work(firms) as ctx:
        made = records.create(ctx, "deal", {"firm": ids["Ash"], "contact": ids["Ann"]})
        with pytest.raises(InvalidRecord) as caught:
            records.update(ctx, "deal", made.id, {"firm": ids["Birch"]}, version=1)
        assert list(caught.value.by_field) == ["contact"]
        records.update(ctx, "deal", made.id, {"firm": ids["Birch"], "contact": ids["Bob"]}, version=1)


def test_record_is_not_asked_where_nothing_of_it_changed(firms, ids):
    with work(firms) as ctx:
        made = records.create(ctx, "deal", {"firm": ids["Ash"], "contact": ids["Ann"]})
        records.update(ctx, "contact", ids["Ann"], {"firm": ids["Birch"]}, last_write=True)
    with work(firms) as ctx:
        assert records.update(ctx, "deal", made.id, {"name": "Oak"}, version=1).version == 2


def test_blank_side_refuses_nothing(firms, ids):
    with work(firms) as ctx:
        records.create(ctx, "deal", {"contact": ids["Ann"], "neighbour": ids["Cy"], "outsider": ids["Bob"]})
        records.create(ctx, "deal", {"firm": ids["Ash"], "contact": ids["Zoe"], "outsider": ids["Zoe"]})
        assert "leader" in refused(ctx, {"leader": ids["Bob"]})


def test_formula_of_the_record_may_be_named(firms, ids):
    with work(firms) as ctx:
        made = records.create(ctx, "deal", {"threshold": 4, "ranked": ids["Ann"]})
        with pytest.raises(InvalidRecord) as caught:
            records.update(ctx, "deal", made.id, {"threshold": 5}, version=1)
        assert list(caught.value.by_field) == ["ranked"]


def test_suggestions_are_those_that_go_with_the_form(firms, ids):
    everyone = {"Ann", "Abe", "Bob", "Cy", "Zoe"}
    with work(firms, write=False) as ctx:
        assert offered(ctx, ids, "contact", {"firm": ids["Ash"]}) == {"Ann"}
        assert offered(ctx, ids, "contact", {"firm": ids["Birch"]}) == {"Bob"}
        assert offered(ctx, ids, "contact", {}) == everyone
        assert offered(ctx, ids, "contact", {"firm": "nonsense"}) == everyone
        assert offered(ctx, ids, "neighbour", {"firm": ids["Birch"]}) == {"Ann", "Abe", "Bob"}
        assert offered(ctx, ids, "outsider", {"firm": ids["Ash"]}) == {"Bob", "Cy", "Zoe"}
        assert offered(ctx, ids, "outsider", {}) == everyone
        assert offered(ctx, ids, "leader", {}) == {"Ann", "Zoe"}
        assert offered(ctx, ids, "ranked", {"threshold": "3"}) == {"Ann", "Zoe"}
        assert offered(ctx, ids, "name", {}) == everyone


def test_suggestions_take_the_rest_from_the_record(firms, ids):
    with work(firms) as ctx:
        made = records.create(ctx, "deal", {"firm": ids["Ash"]})
        assert offered(ctx, ids, "contact", {}, record_id=made.id) == {"Ann"}
        assert offered(ctx, ids, "contact", {"firm": ids["Birch"]}, record_id=made.id) == {"Bob"}
        within = records.offered(ctx, "contact", "superior", {}, record_id=ids["Ann"])
        assert [each.id for each in records.list(ctx, "contact", Query(within=within))] == [ids["Abe"]]


def test_line_may_name_its_record(firms, ids):
    with work(firms) as ctx:
        said = refused(ctx, {"firm": ids["Ash"], "lines": [{"person": ids["Ann"]}, {"person": ids["Bob"]}]})
        assert list(said) == ["lines[1].person"]
        made = records.create(ctx, "deal", {"firm": ids["Ash"], "lines": [{"person": ids["Ann"]}]})
        for values in ({"firm": ids["Birch"]}, {"firm": ids["Birch"], "lines": [{"id": made["lines"][0].id}]}):
            with pytest.raises(InvalidRecord) as caught:
                records.update(ctx, "deal", made.id, values, version=1)
            assert list(caught.value.by_field) == ["lines[0].person"]
        within = records.offered(ctx, "deal_line", "person", {}, above={"firm": ids["Birch"]})
        assert [each.id for each in records.list(ctx, "contact", Query(within=within))] == [ids["Bob"]]


def test_form_sends_what_the_offer_hangs_on(firms, ids):
    with work(firms, reason="a person for a test") as ctx:
        values = {"login": "ann", "name": "Ann", "is_administrator": True, "locale": "en"}
        user = records.create(ctx, "user", values).id
        session = sessions.start(ctx.connection, user, ctx.now())
    client = create_app(firms).test_client()
    client.set_cookie(sign_in.COOKIE, session.secret)
    form = client.get("/o/deal/new").text
    assert 'hx-get="/o/contact/suggest?name=contact&amp;for=deal.contact"' in form
    assert 'hx-params="contact.find,firm,firm.currency" hx-include="closest form"' in form
    assert 'hx-params="lines.0.person.find,firm,firm.currency" hx-include="closest form"' in form
    asked = "/o/contact/suggest?name=contact&for=deal.contact&contact.find="
    shown = client.get(f"{asked}&firm={ids['Birch']}").text
    assert ids["Bob"] in shown
    assert ids["Ann"] not in shown
    assert all(ids[name] in client.get(asked).text for name in ("Ann", "Bob", "Cy"))
    in_line = client.get(f"/o/contact/suggest?name=lines.0.person&for=deal_line.person&firm={ids['Birch']}").text
    assert ids["Ann"] not in in_line
    assert client.get("/o/contact/suggest?for=nothing.there&name=x").status_code == 200
