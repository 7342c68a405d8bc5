"""`dougong report` on the command line"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dougong import engine as engines
from dougong.cli import report


@pytest.fixture
def run(trade, monkeypatch):
    """Run the command on the instance of the test."""
    monkeypatch.setattr(engines, "open_engine", lambda: trade)

    def run_(*arguments: str):
        return CliRunner().invoke(report.command, list(arguments), catch_exceptions=False)

    return run_


def test_table_lines_up_with_chinese_labels(run):
    shown = run("revenue_by_month").stdout.splitlines()
    assert shown == [
        "月份       销售收入  订单数",
        "---------  --------  ------",
        "2026年1月    180.09       2",
        "2026年4月     13.50       1",
        "---------  --------  ------",
        "             193.59       3",
    ]


def test_json_holds_exact_numbers(run):
    assert json.loads(run("revenue", "--json").stdout)["rows"] == [{"revenue": "193.59"}]


def test_rights_of_a_user_hold(run):
    data = json.loads(run("births", "--user", "vera", "--json").stdout)
    assert data["rows"] == [{"employees": 1}]


def test_file_is_written(run, tmp_path):
    to = tmp_path / "revenue.csv"
    assert run("revenue_by_month", "--format", "csv", "--out", str(to)).stdout == ""
    assert to.read_text(encoding="utf-8").splitlines()[-1] == "合计,193.59,3"


def test_condition_narrows(run):
    assert run("unshipped", "--where", 'ship_country == "Sweden"').stdout.splitlines()[-1].strip() == "0"
