"""records over HTTP, by contracts section 4"""

from __future__ import annotations

import threading

import pytest

from dougong.engine import open_engine
from dougong.features.accounts.work import work
from dougong.records import service as records

JSON = {"Content-Type": "application/json"}


def create(ann, **values):
    answer = ann.post("records/customer", {"name": "Cloud", **values})
    assert answer.status_code == 201, answer.json
    return answer


def problem(answer, status, code=None):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    said = answer.json
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["request_id"] == answer.headers["X-Request-Id"]
    assert said["type"] == f"urn:dougong:problem:{said['code']}"
    assert "Traceback" not in answer.get_data(as_text=True)
    if code is not None:
        assert said["code"] == code
    return said


# ---- create, read, update, delete ----------------------------------------------------------------------------------


def test_record_is_created_read_changed_and_deleted(as_):
    ann = as_("ann")
    made = create(ann, employees=50, since="2026-02-01", tags=["x"])
    assert made.headers["ETag"] == '"1"'
    assert made.headers["Location"] == f"/api/v1/records/customer/{made.json['id']}"
    where = f"records/customer/{made.json['id']}"
    read = ann.get(where)
    assert read.json == made.json
    assert read.headers["ETag"] == '"1"'
    assert read.json["since"] == "2026-02-01"
    assert read.json["created_at"] == "2026-11-22T02:00:00.000Z"
    changed = ann.patch(where, {"employees": 60}, version=1)
    assert (changed.status_code, changed.json["employees"], changed.headers["ETag"]) == (200, 60, '"2"')
    assert ann.delete(where, version=2).status_code == 204
    problem(ann.get(where), 404)


def test_money_goes_in_as_amount_and_comes_out_with_currency(as_, people):
    made = create(as_("ann"))
    where = f"records/customer/{made.json['id']}"
    admin = as_("admin")
    assert admin.patch(where, {"credit": 1280.5}, version=1).json["credit"] == {
        "amount": "1280.50",
        "currency": "CNY",
    }
    sent = {"amount": "99999999999.99", "currency": "CNY"}
    assert admin.patch(where, {"credit": sent}, version=2).json["credit"] == sent


def test_lines_are_added_changed_and_removed_with_their_record(as_, product):
    ann = as_("ann")
    customer = create(ann).json["id"]
    lines = [{"product": product, "quantity": 2, "price": "2.50"}, {"product": product, "quantity": 1, "price": 3}]
    made = ann.post("records/sale", {"number": "S1", "customer": customer, "lines": lines})
    assert made.status_code == 201, made.json
    assert [line["amount"] for line in made.json["lines"]] == ["5.00", "3.00"]
    first = made.json["lines"][0]["id"]
    kept = [{"id": first, "quantity": 4}, {"product": product, "quantity": 1, "price": "7"}]
    changed = ann.patch(f"records/sale/{made.json['id']}", {"lines": kept}, version=1)
    assert changed.status_code == 200, changed.json
    assert changed.json["lines"][0]["id"] == first
    assert [line["amount"] for line in changed.json["lines"]] == ["10.00", "7.00"]
    wrong = ann.patch(f"records/sale/{made.json['id']}", {"lines": [{"id": first, "quantity": 0}]}, version=2)
    assert [each["field"] for each in problem(wrong, 422)["errors"]] == ["lines[0].quantity"]


def test_title_of_a_lookup_is_read_along(as_, people):
    ann = as_("ann")
    create(ann)
    page = ann.get("records/customer?fields=name,owner.title,owner.name,owner")
    (record,) = page.json["records"]
    assert record["owner.title"] == record["owner.name"] == "Ann"
    assert record["owner"] == people["ann"].id


def test_no_other_path_is_answered_than_was_asked_for(as_):
    ann = as_("ann")
    made = create(ann)
    (record,) = ann.get("records/customer?fields=owner.title").json["records"]
    assert sorted(record) == ["id", "owner.title", "version"]
    one = ann.get(f"{made.headers['Location']}?fields=owner.title").json
    assert sorted(one) == ["id", "owner.title", "version"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ('level == "zz"', "'level' has no option 'zz'; there is: a, b"),
        ('level in ("a", "q")', "'level' has no option 'q'; there is: a, b"),
        ('not ("q" in tags)', "'tags' has no option 'q'; there is: x, y"),
        ('parent_customer.level != "c"', "'level' has no option 'c'; there is: a, b"),
    ],
)
def test_unknown_option_in_a_filter_is_told_and_not_silently_empty(as_, where, said):
    refused = problem(as_("ann").get("records/customer", query_string={"where": where}), 400)
    assert refused["code"] == "filter"
    assert said in refused["detail"]


def test_whole_record_is_not_sent_again_to_who_has_it(as_):
    ann = as_("ann")
    made = create(ann)
    again = ann.get(made.headers["Location"], headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.data) == (304, b"")


# ---- versions --------------------------------------------------------------------------------------------------------


def test_stale_version_is_refused_with_the_current_one(as_):
    ann = as_("ann")
    where = create(ann).headers["Location"]
    assert ann.patch(where, {"employees": 1}, version=1).status_code == 200
    refused = ann.patch(where, {"employees": 2}, version=1)
    problem(refused, 412, "stale")
    assert refused.headers["ETag"] == '"2"'
    problem(ann.delete(where, version=1), 412, "stale")


def test_missing_version_is_428_unless_last_write_is_wanted(as_):
    ann = as_("ann")
    where = create(ann).headers["Location"]
    problem(ann.patch(where, {"employees": 1}), 428, "version_missing")
    problem(ann.delete(where), 428, "version_missing")
    assert ann.patch(f"{where}?last_write=true", {"employees": 2}).status_code == 200
    assert ann("PATCH", where, json={"employees": 3}, headers={"If-Match": "*"}).status_code == 200
    assert ann.delete(f"{where}?last_write=true").status_code == 204


@pytest.mark.parametrize("header", ["three", '"three"', '"1", "2"', "-1", '"99999999999999999999"'])
def test_odd_if_match_is_refused(as_, header):
    ann = as_("ann")
    where = create(ann).headers["Location"]
    problem(ann("PATCH", where, json={"employees": 1}, headers={"If-Match": header}), 400, "if_match")


def test_of_two_writers_at_once_one_is_stale(as_):
    ann = as_("ann")
    where = create(ann).headers["Location"]
    statuses = []
    barrier = threading.Barrier(2)

    def write(number):
        writer = as_("ann")
        barrier.wait()
        statuses.append(writer.patch(where, {"employees": number}, version=1).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412]
    assert ann.get(where).json["version"] == 2


# ---- rights ----------------------------------------------------------------------------------------------------------


def test_id_out_of_scope_looks_like_no_id(as_):
    where = create(as_("ann")).headers["Location"]
    nowhere = where[:-4] + "0000"
    for asked in (where, nowhere, "records/customer/1", "records/customer/%27%20or%201=1"):
        for answer in (
            as_("bob").get(asked),
            as_("bob").patch(asked, {"name": "x"}, version=1),
            as_("bob").delete(asked, version=1),
            as_("bob").get(f"{asked}/history"),
        ):
            problem(answer, 404)


def test_object_out_of_reach_looks_like_no_object(as_):
    for name in ("customer", "crustomer", "sale_line", "role_assignment"):
        for answer in (as_("nil").get(f"records/{name}"), as_("nil").post(f"records/{name}", {"a": 1})):
            said = problem(answer, 404, "unknown_object")
            assert "did you mean" not in said["detail"]


def test_verb_one_lacks_on_a_record_one_sees_is_403(as_):
    create(as_("ann"))
    eve = as_("eve")
    (seen,) = eve.get("records/customer").json["records"]
    problem(eve.delete(f"records/customer/{seen['id']}", version=1), 403, "not_allowed")
    problem(eve.post("records/customer", {"name": "x"}), 403, "not_allowed")


@pytest.mark.parametrize(
    "query", ["where=credit%20%3E%205", "sort=credit", "sort=-credit", "fields=credit", "fields=customer.credit"]
)
def test_unreadable_field_is_refused_as_if_it_did_not_exist(as_, query):
    ann = as_("ann")
    said = problem(ann.get(f"records/customer?{query}"), 400)
    unknown = problem(ann.get(f"records/customer?{query.replace('credit', 'crebit')}"), 400)
    assert said["detail"].replace("credit", "crebit") == unknown["detail"]


def test_unreadable_field_is_neither_shown_nor_written(as_):
    ann = as_("ann")
    made = create(ann)
    assert "credit" not in made.json
    refused = problem(ann.patch(made.headers["Location"], {"credit": "5"}, version=1), 422)
    assert [each["field"] for each in refused["errors"]] == ["credit"]


def test_role_that_is_taken_away_is_gone_at_the_next_request(as_, shop, people):
    ann = as_("ann")
    create(ann)
    with work(shop, reason="ann leaves sales") as ctx:
        page = records.list(ctx, "role_assignment", records.Query(where=f'user == "{people["ann"].id}"'))
        for each in page:
            records.delete(ctx, "role_assignment", each.id, last_write=True)
    problem(ann.get("records/customer"), 404)


def test_right_that_is_revoked_elsewhere_holds_here_at_the_next_request(as_, shop, people):
    ann = as_("ann")
    create(ann)
    other = open_engine(shop.settings)
    with work(other, reason="ann is disabled elsewhere") as ctx:
        records.update(ctx, "user", people["ann"].id, {"active": False}, last_write=True)
    other.close()
    problem(ann.get("records/customer"), 401, "not_signed_in")


# ---- lists -----------------------------------------------------------------------------------------------------------


def test_list_filters_sorts_pages_and_counts(as_):
    ann = as_("ann")
    for number in range(5):
        create(ann, name=f"N{number}", employees=number)
    first = ann.get("records/customer?sort=-employees&limit=2&count=true&where=employees %3E 0").json
    assert [each["employees"] for each in first["records"]] == [4, 3]
    assert first["count"] == 4
    second = ann.get(f"records/customer?sort=-employees&limit=2&where=employees %3E 0&cursor={first['next']}").json
    assert [each["employees"] for each in second["records"]] == [2, 1]
    assert second["next"] is None
    assert [each["name"] for each in ann.get("records/customer?q=n3").json["records"]] == ["N3"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("colour=red", "unknown_parameter"),
        ("where=1&where=2", "parameter"),
        ("limit=0", "parameter"),
        ("limit=1001", "parameter"),
        ("limit=-1", "parameter"),
        ("limit=ten", "parameter"),
        ("limit=%EF%BC%91", "parameter"),
        ("count=maybe", "parameter"),
        ("as_of=2026-01-01", "as_of"),
        ("cursor=bm9uc2Vuc2U", "cursor"),
        ("sort=name;drop table d_customer", None),
        ("sort=(select 1)", None),
        ("sort=name desc", None),
        ("where=1; drop table d_customer", None),
        ("where=name == 'x' or 1=1", None),
        ("where=name ==", None),
        ("where=name", None),
        ("where=%00", "parameter"),
        ("where=%ff", None),
        ("fields=*", None),
        ("fields=name,no_such", None),
        ("q=%00", "parameter"),
    ],
)
def test_odd_query_is_refused_in_words(as_, query, code):
    ann = as_("ann")
    create(ann)
    problem(ann.get(f"records/customer?{query}"), 400, code)
    assert len(ann.get("records/customer").json["records"]) == 1


def test_deeply_nested_filter_is_refused(as_):
    problem(as_("ann").get("records/customer?where=" + "(" * 5000 + "1" + ")" * 5000), 400)


# ---- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"   ", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b'{"name": NaN}', 400),
        (b'{"employees": Infinity}', 400),
        (b'{"employees": 1e400}', 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"name": "\xff"}', 400),
        (b"[" * 10_000 + b"]" * 10_000, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b'{"employees": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "\\u0000x"}', 422),
        (b'{"name": {"a": 1}}', 422),
        (b'{"name": ["a"]}', 422),
        (b'{"name": 5, "employees": true}', 422),
        (b'{"name": "x", "since": "2026-02-30"}', 422),
        (b'{"name": "x", "employees": 99999999999999999999999}', 422),
        (b'{"name": ""}', 422),
        (b'{"name": "   "}', 422),
        (b"{}", 422),
    ],
)
def test_odd_body_is_refused_in_words(as_, body, status):
    ann = as_("ann")
    problem(ann("POST", "records/customer", data=body, headers=JSON), status)
    assert ann.get("records/customer").json["records"] == []


def test_body_must_be_json_by_its_type(as_):
    problem(as_("ann")("POST", "records/customer", data=b"name=x", content_type="text/plain"), 415)
    problem(as_("ann")("POST", "records/customer", data={"name": "x"}), 415)


def test_problems_name_each_field_and_speak_the_callers_language(as_):
    ann = as_("ann")
    body = {"employees": "many", "colour": "red"}
    english = problem(ann.post("records/customer", body), 422)
    chinese = problem(ann.post("records/customer", body, headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.1"}), 422)
    assert {each["field"] for each in english["errors"]} == {"name", "employees", "colour"}
    assert [each["code"] for each in english["errors"]] == [each["code"] for each in chinese["errors"]]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese["detail"] + chinese["title"])
    assert english["detail"].isascii()


def test_exact_decimals_survive_as_json_numbers(as_, product):
    admin = as_("admin")
    made = create(as_("ann"))
    body = b'{"credit": 12345678901234.57}'
    answer = admin("PATCH", made.headers["Location"], data=body, headers={**JSON, "If-Match": '"1"'})
    assert answer.json["credit"]["amount"] == "12345678901234.57"


# ---- many ------------------------------------------------------------------------------------------------------------


def test_many_are_created_at_once(as_):
    ann = as_("ann")
    answer = ann.post("records/customer", {"records": [{"name": f"M{n}"} for n in range(3)]})
    assert answer.status_code == 201, answer.json
    assert [each["record"]["name"] for each in answer.json["records"]] == ["M0", "M1", "M2"]
    assert (answer.json["created"], answer.json["failed"]) == (3, 0)


def test_one_bad_record_stops_an_atomic_batch(as_):
    ann = as_("ann")
    many = [{"name": "M0"}, {"name": ""}, {"name": "M2"}]
    said = problem(ann.post("records/customer", {"records": many}), 422)
    assert [each["field"] for each in said["errors"]] == ["records[1].name"]
    assert ann.get("records/customer").json["records"] == []


def test_batch_that_is_not_atomic_saves_the_good_ones(as_):
    ann = as_("ann")
    many = [{"name": "M0"}, {"name": ""}, {"name": "M2"}]
    answer = ann.post("records/customer", {"records": many, "atomic": False})
    assert answer.status_code == 207
    assert [each["status"] for each in answer.json["records"]] == [201, 422, 201]
    assert answer.json["records"][1]["errors"][0]["field"] == "name"
    assert len(ann.get("records/customer").json["records"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"records": []},
        {"records": [1]},
        {"records": [{"name": "x"}] * 1001},
        {"records": [{"name": "x"}], "atomic": "yes"},
        {"records": [{"name": "x"}], "name": "y"},
    ],
)
def test_odd_batch_is_refused(as_, body):
    problem(as_("ann").post("records/customer", body), 400, "batch")


# ---- history ---------------------------------------------------------------------------------------------------------


def test_history_says_who_changed_what(as_, people, clock):
    ann = as_("ann")
    where = create(ann, employees=1).headers["Location"]
    clock.move(minutes=1)
    ann.patch(where, {"employees": 2}, version=1)
    newest, oldest = ann.get(f"{where}/history").json["history"]
    assert newest["by"] == {"id": people["ann"].id, "name": "Ann"}
    assert newest["changes"] == [{"field": "employees", "from": 1, "to": 2}]
    assert (newest["op"], newest["door"], newest["at"]) == ("updated", "api", "2026-11-22T02:01:00.000Z")
    assert oldest["op"] == "created"


def test_value_that_another_record_has_is_409(as_):
    ann, bob = as_("ann"), as_("bob")
    create(ann)
    refused = problem(bob.post("records/customer", {"name": "Cloud"}), 409, "duplicate")
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [("name", "duplicate")]
    both = problem(bob.post("records/customer", {"name": "Cloud", "employees": "many"}), 422)
    assert "employees" in {each["field"] for each in both["errors"]}


def test_of_two_who_take_a_name_at_once_one_gets_it(as_):
    statuses = []
    barrier = threading.Barrier(2)

    def write(login):
        caller = as_(login)
        barrier.wait()
        statuses.append(caller.post("records/customer", {"name": "Wanted"}).status_code)

    threads = [threading.Thread(target=write, args=(login,)) for login in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409]
