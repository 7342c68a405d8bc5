"""the fixtures that all tests share"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dougong.testing.instances import CHECKOUT, Instances, read_bundles

POSTGRES = os.environ.get("DOUGONG_TEST_POSTGRES_URL", "")
IS_CI = os.environ.get("CI", "") not in ("", "0", "false")


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    if request.param == "postgresql" and not POSTGRES:
        if IS_CI:
            pytest.fail("DOUGONG_TEST_POSTGRES_URL is not set, and CI skips nothing")
        pytest.skip("set DOUGONG_TEST_POSTGRES_URL to test on PostgreSQL too")
    return str(request.param)


@pytest.fixture(scope="session")
def instances(tmp_path_factory: pytest.TempPathFactory):
    """Makes throw-away instances."""
    made = Instances(tmp_path_factory.mktemp("instances"), POSTGRES)
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def system_layer() -> dict[str, dict[str, str]]:
    """The platform's own bundle."""
    return {"system": read_bundles(CHECKOUT / "metadata")["system"]}


@pytest.fixture
def here(request: pytest.FixtureRequest) -> Path:
    """The folder of the test that asks."""
    return Path(request.path).parent
