import subprocess
import sys

import pytest
from click.testing import CliRunner

from dougong.base.errors import Conflict
from dougong.cli import main as main_module
from dougong.cli.main import cli


def test_help_names_every_command_and_imports_none():
    code = (
        "import sys; from dougong.cli.main import cli; cli.main(['--help'], standalone_mode=False);"
        "assert 'sqlalchemy' not in sys.modules and 'flask' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in ("init", "plan", "apply", "history", "serve", "user", "token", "doctor", "config", "check"):
        assert f"\n  {name} " in done.stdout
    assert "demo" not in done.stdout


def test_every_command_has_help_with_an_example():
    runner = CliRunner()
    for name in cli.list_commands(None):
        done = runner.invoke(cli, [name, "--help"])
        assert done.exit_code == 0, name
        assert "Example" in done.output, name


def test_wrong_use_is_two_and_names_the_nearest_command():
    done = CliRunner().invoke(cli, ["aply"])
    assert done.exit_code == 2
    assert "did you mean 'apply'?" in done.output
    assert CliRunner().invoke(cli, ["plan", "--nonsense"]).exit_code == 2


def test_refusal_is_one_plain_line(monkeypatch, capsys):
    def refuse(*arguments, **options):
        raise Conflict("someone else was faster")

    monkeypatch.setattr(main_module.cli, "main", refuse)
    with pytest.raises(SystemExit) as ended:
        main_module.main([])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "dougong: someone else was faster\n"


def test_config_prints_every_setting(monkeypatch):
    done = CliRunner().invoke(cli, ["config", "--json"], env={"DOUGONG_LOCALE": "en"})
    assert done.exit_code == 0
    assert '"variable": "DOUGONG_LOCALE"' in done.output


def test_path_that_cannot_be_written_is_one_plain_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main_module.main(["schema", "--all", str(tmp_path / "file" / "schemas")])
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"dougong: {tmp_path / 'file' / 'schemas'}: Not a directory\n"


def test_export_refuses_an_ending_it_does_not_know():
    done = CliRunner().invoke(cli, ["export", "customer", "--out", "customers.pdf"])
    assert done.exit_code == 2
    assert "'customers.pdf' ends in none of .csv, .xlsx, .json" in done.output
