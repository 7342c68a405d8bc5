"""the catalog, its OpenAPI document, definitions and reports over HTTP"""

from __future__ import annotations

import pytest

from dougong.engine import open_engine
from dougong.features.accounts import tokens
from dougong.features.accounts.work import work
from dougong.features.bundles import service as bundles
from dougong.testing.caller import Caller

FAX = """kind: patch
name: x_fax
patches: object/customer
change:
  fields:
    - {name: x_fax, type: text, label: Fax}
"""

REPORT = """kind: report
name: x_customers_by_level
label: {en: Customers by level, zh-CN: 各级别客户}
object: customer
dimensions: [{name: level, by: level}]
measures: [{name: number, function: count}]
"""


def names(answer, key="objects"):
    assert answer.status_code == 200, answer.json
    return {each["name"] for each in answer.json[key]}


# ---- objects ---------------------------------------------------------------------------------------------------------


def test_caller_sees_the_objects_they_have_a_right_on(as_):
    assert names(as_("ann").get("objects")) == {"customer", "sale", "note", "product", "user"}
    assert names(as_("nil").get("objects")) == set()
    assert {"customer", "user", "role_assignment"} <= names(as_("admin").get("objects"))
    assert "sale_line" not in names(as_("admin").get("objects"))


def test_object_is_described_with_the_fields_one_has(as_):
    seen = as_("ann").get("objects/customer").json
    fields = {each["name"]: each for each in seen["fields"]}
    assert seen["verbs"] == ["create", "delete", "read", "update"]
    assert "credit" not in fields
    assert fields["name"]["required"]
    assert fields["level"]["options"] == [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
    assert not fields["code"]["on_create"]
    sale = {each["name"]: each for each in as_("ann").get("objects/sale").json["fields"]}
    assert sale["customer"]["to"] == "customer"
    assert {"product", "quantity"} <= {each["name"] for each in sale["lines"]["lines"]["fields"]}
    assert as_("nil").get("objects/customer").status_code == 404
    assert as_("ann").get("objects/customer?x=1").status_code == 400


# ---- OpenAPI ---------------------------------------------------------------------------------------------------------


def test_openapi_document_holds_what_the_caller_may_do(as_):
    document = as_("ann").get("openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]["/records/customer/{id}"]) == {"parameters", "get", "patch", "delete"}
    assert "post" not in document["paths"].get("/records/product", {})
    assert "/records/role_assignment" not in document["paths"]
    assert "credit" not in str(document["components"]["schemas"])
    chief = as_("eve").get("openapi.json").json
    assert "credit" in chief["components"]["schemas"]["customer"]["properties"]
    assert "post" not in chief["paths"]["/records/customer"]
    assert as_("nil").get("openapi.json").json["components"]["schemas"].keys() == {"Problem", "History"}


def test_every_reference_in_the_document_leads_somewhere(as_):
    document = as_("admin").get("openapi.json").json

    def walk(found):
        if isinstance(found, dict):
            if "$ref" in found:
                at = document
                for step in found["$ref"].removeprefix("#/").split("/"):
                    at = at[step]
            for each in found.values():
                walk(each)
        elif isinstance(found, list):
            for each in found:
                walk(each)

    walk(document)
    operations = [
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    assert len(operations) == len(set(operations))


def test_answers_fit_the_schemas_of_the_document(as_, product):
    jsonschema = pytest.importorskip("jsonschema")
    admin = as_("admin")
    document = admin.get("openapi.json").json
    customer = admin.post(
        "records/customer", {"name": "Cloud", "credit": "5", "tags": ["x"], "since": "2026-01-01"}
    ).json
    sale = {"number": "1", "customer": customer["id"], "lines": [{"product": product, "quantity": 1, "price": "2"}]}
    shown = {"customer": customer, "sale": admin.post("records/sale", sale).json}
    for name, record in shown.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(record)
        assert set(record) <= set(document["components"]["schemas"][name]["properties"])
    jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/sale.create", "components": document["components"]}
    ).validate(sale)
    jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    ).validate(admin.get("records/nothing").json)


def test_docs_are_a_page_of_our_own(as_):
    answer = as_("ann").get("docs")
    page = answer.get_data(as_text=True)
    assert answer.content_type.startswith("text/html")
    assert "/api/v1/records/customer" in page
    assert "credit" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


# ---- definitions -----------------------------------------------------------------------------------------------------


def test_only_administrators_see_and_change_definitions(as_, app, shop, people):
    for answer in (
        as_("ann").get("definitions"),
        as_("ann").post("definitions/plan", {"layers": {"site": {"patches/x_fax.yaml": FAX}}}),
        as_("ann").post("definitions/apply", {"layers": {"site": {"patches/x_fax.yaml": FAX}}}),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "administrators_only")
    with work(shop, login="admin") as ctx:
        _, secret = tokens.create(ctx, people["admin"].id, name="narrow", scope=["read"])
    assert Caller(app, secret).get("definitions").status_code == 403


def test_field_is_planned_applied_and_there_at_the_next_request(as_):
    admin, ann = as_("admin"), as_("ann")
    made = ann.post("records/customer", {"name": "Cloud"}).json
    before = admin.get("definitions").json
    assert {each["name"] for each in before["layers"]} == {"system", "shop"}
    body = {"layers": {"site": {"patches/x_fax.yaml": FAX}}, "base": before["fingerprint"]}
    planned = admin.post("definitions/plan", body)
    assert planned.status_code == 200, planned.json
    assert not planned.json["is_empty"]
    assert ann.get("records/customer?fields=x_fax").status_code == 400
    applied = admin.post("definitions/apply", {"plan": planned.json["plan"]})
    assert applied.status_code == 200, applied.json
    assert applied.json["applied"]
    changed = ann.patch(f"records/customer/{made['id']}", {"x_fax": "12"}, version=1)
    assert changed.json["x_fax"] == "12"
    assert "x_fax" in str(ann.get("openapi.json").json)
    assert admin.get("definitions?layer=site").json["texts"] == {"patches/x_fax.yaml": FAX}
    stale = admin.post("definitions/plan", body)
    assert (stale.status_code, stale.json["code"]) == (409, "stale_plan")


def test_field_that_another_process_publishes_is_there_at_the_next_request(as_, shop, people):
    ann = as_("ann")
    assert ann.get("records/customer?fields=x_fax").status_code == 400
    other = open_engine(shop.settings)
    plan = bundles.plan(other, {"site": {"patches/x_fax.yaml": FAX}})
    bundles.apply(other, plan, by=people["admin"].id)
    other.close()
    assert ann.get("records/customer?fields=x_fax").status_code == 200
    assert ann.post("records/customer", {"name": "Cloud", "x_fax": "12"}).json["x_fax"] == "12"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"layers": {}},
        {"layers": []},
        {"layers": {"site": ["x"]}},
        {"layers": {"site": {"a": 1}}},
        {"layers": {"site": {}}, "plan": {}},
        {"plan": {}},
        {"plan": []},
        {"layers": {"site": {"../../x.yaml": "kind: object"}}},
        {"layers": {"site": {"/etc/x.yaml": "kind: object"}}},
        {"layers": {"../x": {"objects/x.yaml": "kind: object"}}},
        {"layers": {"site": {}}, "allow_drop": "yes"},
        {"layers": {"site": {}}, "reason": 5},
        {"layers": {"site": {}}, "colour": "red"},
    ],
)
def test_odd_definitions_are_refused(as_, body):
    assert as_("admin").post("definitions/apply", body).status_code == 400


def test_problems_of_definitions_are_told_with_their_place(as_):
    bad = FAX.replace("type: text", "type: txet")
    answer = as_("admin").post("definitions/plan", {"layers": {"site": {"patches/x_fax.yaml": bad}}})
    assert (answer.status_code, answer.json["code"]) == (422, "definition_problems")
    (found,) = answer.json["errors"]
    assert "patches/x_fax.yaml" in found["field"]
    assert found["code"].startswith("E")


# ---- reports ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(shop, people):
    plan = bundles.plan(shop, {"site": {"reports/x_customers_by_level.yaml": REPORT}})
    bundles.apply(shop, plan, by=people["admin"].id)
    return "reports/x_customers_by_level"


def test_report_counts_what_its_reader_sees(as_, report):
    for login, level in (("ann", "a"), ("ann", "b"), ("bob", "a")):
        values = {"name": f"{login}{level}", "level": level, "reason": "because"}
        assert as_(login).post("records/customer", values).status_code == 201
    assert names(as_("ann").get("reports"), "reports") == {"x_customers_by_level"}
    assert as_("ann").get(report).json["rows"] == [{"level": "a", "number": 1}, {"level": "b", "number": 1}]
    assert as_("admin").get(report).json["rows"] == [{"level": "a", "number": 2}, {"level": "b", "number": 1}]
    assert as_("ann").get(f'{report}?where=level == "a"').json["rows"] == [{"level": "a", "number": 1}]


def test_report_is_written_as_a_file_for_who_may_export(as_, report):
    as_("ann").post("records/customer", {"name": "Cloud", "level": "a"})
    assert as_("ann").get(f"{report}?format=csv").status_code == 403
    csv = as_("admin").get(f"{report}?format=csv")
    assert csv.content_type.startswith("text/csv")
    assert csv.data.startswith(b"\xef\xbb\xbf")
    assert b"A,1" in csv.data
    xlsx = as_("admin").get(f"{report}?format=xlsx")
    assert xlsx.data.startswith(b"PK")
    assert "x_customers_by_level.xlsx" in xlsx.headers["Content-Disposition"]


def test_unknown_report_and_parameter_are_told(as_, report):
    assert as_("nil").get(report).status_code == 404
    assert as_("ann").get("reports/nothing").status_code == 404
    assert as_("ann").get(f"{report}?format=pdf").status_code == 400
    assert as_("ann").get(f"{report}?colour=red").status_code == 400
    assert as_("ann").get(f"{report}?where=credit %3E 5").status_code == 400
