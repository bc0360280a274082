import os
import subprocess
import sys

import pytest
from pydantic import Field, SecretStr

from sluice_shared.settings import ServiceSettings, SettingsError, documented_settings, load_settings

REQUIRED = {
    "SLUICE_DATABASE_URL": "postgresql://sluice@db/sluice",
    "SLUICE_REDIS_URL": "redis://redis:6379/0",
    "SLUICE_BLOB_URL": "s3://reports",
    "SLUICE_SECRET_KEY": "0123456789abcdef",
}


class RiskSettings(ServiceSettings):
    service = "risk-index"

    feed_token: SecretStr | None = Field(default=None, description="Token of the feed")
    feeds: list[str] = Field(default=[], description="URLs of feeds")


@pytest.fixture
def environment(monkeypatch):
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_each_service_has_its_own_port_and_may_be_given_another(environment):
    assert RiskSettings.read().port == 8082
    environment.setenv("SLUICE_RISK_INDEX_PORT", "9000")
    environment.setenv("SLUICE_PORT", "1")
    assert RiskSettings.read().port == 9000


def test_the_port_that_kubernetes_sets_for_a_service_of_that_name_is_no_port(environment):
    environment.setenv("SLUICE_RISK_INDEX_PORT", "tcp://10.0.0.7:8082")
    assert RiskSettings.read().port == 8082


def test_the_database_of_the_service_beats_the_one_of_all(environment):
    environment.setenv("SLUICE_RISK_INDEX_DATABASE_URL", "postgresql://own/risk")
    assert RiskSettings.read().database_url.get_secret_value() == "postgresql://own/risk"


@pytest.mark.parametrize(
    "variable", ["SLUICE_DATABASE_URL", "SLUICE_REDIS_URL", "SLUICE_SECRET_KEY", "SLUICE_FEED_TOKEN"]
)
def test_every_secret_may_come_from_a_file(environment, tmp_path, variable):
    secret = REQUIRED.get(variable, "feed secret")
    path = tmp_path / "secret"
    path.write_text(f"{secret}\n")
    environment.delenv(variable, raising=False)
    environment.setenv(f"{variable}_FILE", str(path))
    field = variable.removeprefix("SLUICE_").lower()
    assert getattr(RiskSettings.read(), field).get_secret_value() == secret


def test_a_service_s_own_file_beats_the_variable_of_all(environment, tmp_path):
    (tmp_path / "url").write_text("postgresql://own/risk")
    environment.setenv("SLUICE_RISK_INDEX_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert RiskSettings.read().database_url.get_secret_value() == "postgresql://own/risk"


def test_a_secret_and_its_file_at_once_are_refused(environment, tmp_path):
    environment.setenv("SLUICE_SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsError, match="SLUICE_SECRET_KEY and SLUICE_SECRET_KEY_FILE are both set"):
        RiskSettings.read()


def test_a_secret_file_that_cannot_be_read_is_named(environment, tmp_path):
    environment.delenv("SLUICE_SECRET_KEY")
    environment.setenv("SLUICE_SECRET_KEY_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match=r"SLUICE_SECRET_KEY_FILE: cannot read .*absent: No such file"):
        RiskSettings.read()


def test_what_is_no_secret_is_not_read_from_a_file(environment, tmp_path):
    environment.setenv("SLUICE_LOG_LEVEL_FILE", str(tmp_path / "absent"))
    assert RiskSettings.read().log_level == "INFO"


def test_an_empty_variable_is_as_good_as_none(environment):
    environment.setenv("SLUICE_PARTITIONS", "")
    assert RiskSettings.read().partitions == 1


@pytest.mark.parametrize("text", ["https://a,https://b", ' ["https://a", "https://b"]'])
def test_a_list_is_written_with_commas_or_as_json(environment, text):
    environment.setenv("SLUICE_FEEDS", text)
    assert RiskSettings.read().feeds == ["https://a", "https://b"]


def test_every_missing_variable_is_named_at_once():
    with pytest.raises(SettingsError) as caught:
        RiskSettings.read()
    message = str(caught.value)
    assert message.startswith("sluice risk-index cannot start, 4 settings are wrong:")
    assert "SLUICE_DATABASE_URL is not set (nor SLUICE_RISK_INDEX_DATABASE_URL nor SLUICE_DATABASE_URL_FILE)" in message
    for variable in REQUIRED:
        assert f"  {variable} is not set" in message


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SLUICE_PARTITIONS", "many", "SLUICE_PARTITIONS: a valid integer"),
        ("SLUICE_PARTITIONS", "0", "greater than or equal to 1"),
        ("SLUICE_LOG_LEVEL", "loud", "write DEBUG, INFO, WARNING or ERROR"),
        ("SLUICE_LOG_FORMAT", "xml", "SLUICE_LOG_FORMAT: 'json' or 'console'"),
        ("SLUICE_DATABASE_URL", "mysql://root:hunter2@db/x", "it begins with postgres"),
        ("SLUICE_SECRET_KEY", "hunter2", "shorter than 16 characters"),
        ("SLUICE_BLOB_URL", "/var/blobs", "not a URL"),
        ("SLUICE_RISK_INDEX_PORT", "70000", "SLUICE_RISK_INDEX_PORT"),
    ],
)
def test_a_wrong_value_is_named_without_giving_a_secret_away(environment, variable, value, expected):
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        RiskSettings.read()
    assert expected in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_service_with_wrong_settings_ends_with_status_2_and_no_traceback():
    program = (
        "from sluice_shared.settings import ServiceSettings, load_settings\n"
        "class S(ServiceSettings): service = 'notifier'\n"
        "load_settings(S)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "SLUICE_DATABASE_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("environment")
def test_good_settings_are_loaded():
    assert load_settings(RiskSettings).public_url == "http://127.0.0.1:8082"


def test_no_secret_shows_in_the_settings_text(environment):
    environment.setenv("SLUICE_SECRET_KEY", "hunter2-hunter2-hunter2")
    assert "hunter2" not in repr(RiskSettings.read())


@pytest.mark.usefixtures("environment")
def test_the_consumer_name_is_stable():
    assert RiskSettings.read().consumer_name == RiskSettings.read().consumer_name
    assert f"-{os.getpid()}-" in RiskSettings.read().consumer_name


def test_every_setting_is_documented_with_its_variables():
    documented = {doc.name: doc for doc in documented_settings(RiskSettings)}
    assert all(doc.description for doc in documented.values())
    assert documented["config_dir"].variable == "SLUICE_CONFIG"
    assert documented["port"].default == "8082"
    assert documented["database_url"].required
    assert documented["feed_token"].also == (
        "SLUICE_RISK_INDEX_FEED_TOKEN",
        "SLUICE_FEED_TOKEN_FILE",
        "SLUICE_RISK_INDEX_FEED_TOKEN_FILE",
    )
    assert not documented["feed_token"].required
