"""transitions and buttons over HTTP"""

from __future__ import annotations

import pytest

from dougong.testing.instances import CHECKOUT, read_bundles


@pytest.fixture
def shop(instances, system_layer, dialect, clock):
    """An instance with leads in place of the shop."""
    layers = {**system_layer, **read_bundles(CHECKOUT / "tests/golden/bundles/automation")}
    layers["crm"]["access/role_chief.yaml"] = "kind: role\nname: chief\nlabel: {en: Chief, zh-CN: 主管}\n"
    made = instances.make(layers, dialect=dialect, clock=clock)
    yield made
    instances.drop(made)


def press(caller, where, button, inputs, version=1, **headers):
    return caller.post(f"{where}/buttons/{button}", inputs, headers={"If-Match": f'"{version}"', **headers})


@pytest.fixture
def lead(as_):
    """Ann's lead."""
    return f"records/lead/{as_('ann').post('records/lead', {'name': 'Blue'}).json['id']}"


def test_buttons_say_what_they_ask_for(as_, lead):
    win, lose, convert = as_("ann").get(f"{lead}/buttons").json["buttons"]
    assert (win["name"], win["to"], win["possible"], win["inputs"]) == ("win", "won", True, [])
    assert [(each["name"], each["required"]) for each in lose["inputs"]] == [("note", True)]
    assert [(each["name"], each["type"], each["value"]) for each in convert["inputs"]] == [
        ("title", "text", "Blue"), ("number", "text", None), ("first_call", "date", None),
    ]  # fmt: skip
    assert convert["confirm"] == "Make an account of this lead?"


def test_button_is_pressed_under_the_version(as_, lead):
    ann = as_("ann")
    assert ann.post(f"{lead}/buttons/lose", {"note": "x"}).status_code == 428
    assert press(ann, lead, "lose", {"note": "x"}, version=5).status_code == 412
    refused = press(ann, lead, "lose", {})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "note")
    done = press(ann, lead, "lose", {"note": "no money"})
    assert (done.status_code, done.json["record"]["stage"], done.json["open"]) == (200, "lost", None)
    assert done.headers["ETag"] == '"2"'
    assert ann.get(f"{lead}/history").json["history"][0]["transition"] == "lose"
    again = press(ann, lead, "lose", {"note": "y"}, version=2)
    assert (again.status_code, again.json["errors"][0]["code"]) == (422, "transition")


def test_pressed_button_leads_on_and_is_safe_to_retry(as_, lead):
    ann = as_("ann")
    done = press(ann, lead, "convert", {"title": "Blue Ltd"}, **{"Idempotency-Key": "one"})
    assert done.json["open"]["object"] == "account"
    assert press(ann, lead, "convert", {"title": "Blue Ltd"}, **{"Idempotency-Key": "one"}).json == done.json
    assert len(ann.get("records/account").json["records"]) == 1


def test_unknown_button_is_not_found(as_, lead):
    missing = press(as_("ann"), lead, "convret", {})
    assert missing.status_code == 404
    assert "convert" in missing.json["detail"]
    assert as_("nil").get(f"{lead}/buttons").status_code == 404


def test_button_of_a_list_is_pressed(as_):
    ann = as_("ann")
    assert [each["name"] for each in ann.get("records/lead/buttons").json["buttons"]] == ["sample"]
    made = ann.post("records/lead/buttons/sample", {"title": "S"}).json["open"]
    assert ann.get(f"records/lead/{made['id']}").json["name"] == "S"


def test_openapi_names_the_buttons_of_an_object(as_, lead):
    paths = as_("ann").get("openapi.json").json["paths"]
    which = paths["/records/lead/{id}/buttons/{button}"]["parameters"][1]
    assert which["schema"]["enum"] == ["win", "lose", "convert"]
    assert "/records/account/{id}/buttons" not in paths
