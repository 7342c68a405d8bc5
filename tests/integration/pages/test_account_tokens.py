"""a person sees and revokes the tokens of their programs"""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.features.accounts import tokens
from dougong.features.accounts.work import work


@pytest.fixture
def made(shop, window):
    """Give a window, and the tokens of its user and of another."""
    opened = window("ann")
    other = window("eve")
    with work(shop, login="ann") as ctx:
        holding, secret = tokens.create(ctx, ctx.actor.id, name="nightly <export>", scope=["read", "customer:update"])
        over, _ = tokens.create(ctx, ctx.actor.id, name="old", expires_at=ctx.now() - dt.timedelta(days=1))
    return opened, other, holding, over, secret


def test_own_tokens_are_shown_and_revoked(made, app):
    ann, eve, holding, over, secret = made
    page = ann.text("/account")
    assert "nightly &lt;export&gt;" in page
    assert "read, customer:update" in page
    assert "Expired" in page
    assert f"/account/tokens/{holding.id}/revoke" in page
    assert over.id not in page
    assert "Tokens for programs" not in eve.text("/account")
    call = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/objects", headers=call).status_code == 200
    assert "Last used" in page
    answer = ann.post(f"/account/tokens/{holding.id}/revoke", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = ann.text("/account")
    assert "Revoked" in page
    assert holding.id not in page
    refused = app.test_client().get("/api/v1/objects", headers={**call, "Accept-Language": "zh-CN"})
    assert (refused.status_code, refused.json["code"]) == (401, "token_revoked")
    assert "已被吊销" in refused.json["detail"]


def test_nobody_revokes_the_token_of_another(made, app):
    _, eve, holding, _, secret = made
    assert eve.post(f"/account/tokens/{holding.id}/revoke", {}).status_code == 404
    assert app.test_client().get("/api/v1/objects", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_token_that_is_over_may_still_see_the_sign_in_page(made, app, shop):
    ann, _, holding, _, secret = made
    ann.post(f"/account/tokens/{holding.id}/revoke", {})
    assert app.test_client().get("/sign-in", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_token_with_a_scope_sees_no_others(made, app):
    secret = made[-1]
    answer = app.test_client().get("/account", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert "Tokens for programs" not in answer.text
