from pathlib import Path

import pytest

from sluice_notifier.domain.receivers import RoutesFile
from sluice_notifier.storage.config import FILE, check, load, warnings
from sluice_shared.config import ConfigError

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[2] / "deploy" / "config"
BAD = sorted((HERE / "bad_routes").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_each_mistake_is_found_at_its_place_with_what_to_do(path, tmp_path):
    text = path.read_text()
    expected = text.splitlines()[0].removeprefix("# expect: ")
    (tmp_path / FILE).write_text(text)
    problems = [str(problem) for problem in check(tmp_path)]
    assert any(expected in problem for problem in problems), problems
    assert not any("abcdefgh" in problem for problem in problems)
    with pytest.raises(ConfigError):
        load(tmp_path)


def test_the_example_has_no_mistake_and_uses_what_there_is():
    assert check(EXAMPLE) == []
    routes = load(EXAMPLE)
    assert {receiver.channel for receiver in routes.receivers.values()} == {"log", "email", "slack", "webhook", "jira"}
    assert routes.quiet_hours
    assert routes.inhibit


def test_what_the_environment_lacks_is_a_warning_and_no_mistake(monkeypatch):
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    monkeypatch.setenv("PAYMENTS_SLACK_WEBHOOK", "https://hooks.slack.com/services/x")
    said = [str(problem) for problem in warnings(EXAMPLE)]
    assert any("SMTP_PASSWORD is not set" in line for line in said)
    assert any("no file /run/secrets/sluice-webhook" in line for line in said)
    assert not any("PAYMENTS_SLACK_WEBHOOK" in line for line in said)


@pytest.mark.parametrize("folder", [None, HERE])
def test_without_a_file_everything_goes_to_the_log(folder):
    routes = load(folder)
    assert routes.root.receiver == "log"
    assert routes.receivers["log"].channel == "log"
    assert warnings(folder) == []


def test_a_channel_may_be_given_without_options(tmp_path):
    (tmp_path / FILE).write_text("receivers:\n- name: l\n  log:\nroute: {receiver: l}\n")
    assert load(tmp_path).receivers["l"].channel == "log"


def test_every_field_is_told_about_or_named_for_what_it_is():
    assert RoutesFile.model_fields.keys() == {"receivers", "route", "quiet_hours", "inhibit"}
