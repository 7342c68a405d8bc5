from pathlib import Path

import pytest

from dougong.base import settings as settings_module
from dougong.base.errors import BadRequest, NotFound

ROOT = Path(__file__).parents[3]


def fact(settings, variable):
    return next(each for each in settings.facts if each.setting.variable == variable)


def test_everything_has_a_default_below_home(tmp_path):
    settings = settings_module.read({"DOUGONG_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/dougong.db"
    assert settings.files_url == f"file://{tmp_path}/files"
    assert (settings.locale, settings.timezone, settings.base_currency) == ("zh-CN", "Asia/Shanghai", "CNY")
    assert settings.definitions == ROOT / "metadata"
    assert settings.templates == ROOT / "ui_templates"


def test_each_setting_tells_where_it_came_from(tmp_path):
    settings = settings_module.read({"DOUGONG_HOME": str(tmp_path), "DOUGONG_LOCALE": "en"})
    assert fact(settings, "DOUGONG_LOCALE").source == "environment"
    assert fact(settings, "DOUGONG_TIMEZONE").source == "default"
    assert [each.setting.variable for each in settings.facts] == [each.variable for each in settings_module.SETTINGS]


def test_secrets_and_passwords_are_masked(tmp_path):
    url = "postgresql+psycopg://dougong:hidden@db/x"
    settings = settings_module.read(
        {"DOUGONG_HOME": str(tmp_path), "DOUGONG_SECRET_KEY": "hidden", "DOUGONG_DATABASE_URL": url}
    )
    assert "hidden" not in str([each.as_data() for each in settings.facts])
    assert fact(settings, "DOUGONG_DATABASE_URL").shown == "postgresql+psycopg://dougong:•••@db/x"
    assert settings.secret_key == "hidden"


def test_secret_key_is_made_once_and_only_for_its_owner(tmp_path):
    settings = settings_module.read({"DOUGONG_HOME": str(tmp_path / "home")})
    with pytest.raises(NotFound):
        _ = settings.secret_key
    settings_module.make_secret_key(settings)
    first = settings.secret_key
    settings_module.make_secret_key(settings)
    assert settings.secret_key == first
    assert len(first) > 40
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600
    assert (
        fact(settings_module.read({"DOUGONG_HOME": str(tmp_path / "home")}), "DOUGONG_SECRET_KEY").source == "instance"
    )


def test_sister_folders_stand_beside_the_definitions(tmp_path):
    (tmp_path / "seed").mkdir()
    settings = settings_module.read({"DOUGONG_DEFINITIONS": str(tmp_path / "metadata")})
    assert settings.seed == tmp_path / "seed"
    assert settings.templates == ROOT / "ui_templates"


def test_installed_engine_uses_what_it_was_shipped_with(monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "dougong"
    monkeypatch.setattr(settings_module, "PACKAGE", package)
    assert settings_module.checkout() is None
    assert settings_module.default_folder("metadata") == package / "_bundled" / "metadata"
    assert settings_module.read({}).tripwire == "log"


@pytest.mark.parametrize(("variable", "value"), [("DOUGONG_POOL_SIZE", "many"), ("DOUGONG_TRIPWIRE", "maybe")])
def test_nonsense_is_refused_with_the_variable(variable, value):
    with pytest.raises(BadRequest, match=variable):
        settings_module.read({variable: value})


def test_reference_page_is_what_the_source_says(matches_golden):
    matches_golden(settings_module.page(), ROOT / "docs" / "reference" / "settings.md")


@pytest.mark.parametrize(
    ("variable", "text"),
    [("DOUGONG_LOCALE", "xx"), ("DOUGONG_LOCALE", "no language"), ("DOUGONG_TIMEZONE", "Mars/Olympus")],
)
def test_language_or_zone_that_is_not_there_is_refused(tmp_path, variable, text):
    with pytest.raises(BadRequest, match=f"{variable} is '{text}'"):
        settings_module.read({"DOUGONG_HOME": str(tmp_path), variable: text})


def test_mail_server_without_a_sender_is_refused() -> None:
    with pytest.raises(BadRequest, match="DOUGONG_MAIL_FROM"):
        settings_module.read({"DOUGONG_SMTP_URL": "smtp://localhost"})
    given = {"DOUGONG_SMTP_URL": "smtp://localhost", "DOUGONG_MAIL_FROM": "a@b.cn", "DOUGONG_URL": "https://x/"}
    read = settings_module.read(given)
    assert (read.mail_from, read.url) == ("a@b.cn", "https://x")
