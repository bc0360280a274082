from datetime import timedelta

import pytest
from pydantic import Field, ValidationError
from tests.unit.notifier import samples

from sluice_notifier import channels
from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import Channel, ChannelOptions, Secret, read_url, retry_after, scrub
from sluice_notifier.channels.slack import escape
from sluice_notifier.channels.webhook import sign
from sluice_notifier.domain.outcome import Retryable


class Options(ChannelOptions):
    url: str = ""
    port: int = 25
    to: list[str] = Field(default_factory=list)
    secret: Secret | None = None


def test_a_secret_is_read_from_the_environment_or_a_file_at_every_use(monkeypatch, tmp_path):
    monkeypatch.setenv("A_SECRET", "one")
    by_variable = Options.model_validate({"secret_env": "A_SECRET"}).secret
    in_text = Options.model_validate({"secret": "x-${A_SECRET}"}).secret
    assert (by_variable.read(), in_text.read()) == ("one", "x-one")
    monkeypatch.setenv("A_SECRET", "two")
    assert by_variable.read() == "two"
    path = tmp_path / "secret"
    path.write_text("three\n")
    assert Options.model_validate({"secret_file": str(path)}).secret.read() == "three"


@pytest.mark.parametrize(
    "given", [{"secret_env": "NOT_SET"}, {"secret": "${NOT_SET}"}, {"secret_file": "/no/such/file"}]
)
def test_a_secret_that_is_not_there_yet_is_waited_for(given):
    with pytest.raises(Retryable) as raised:
        Options.model_validate(given).secret.read()
    assert raised.value.reason == "auth"


@pytest.mark.parametrize(
    "given",
    [
        {"secret": "hunter2"},
        {"secret": 7},
        {"secret_env": "not a name"},
        {"secret_file": "relative"},
        {"secret_env": "A", "secret_file": "/b"},
        {"secret": "${A}", "secret_env": "A"},
    ],
)
def test_a_secret_in_the_file_itself_is_refused(given):
    with pytest.raises(ValidationError) as raised:
        Options.model_validate(given)
    assert "hunter2" not in raised.value.errors(include_input=False, include_url=False)[0]["msg"]


def test_a_secret_does_not_show_itself(monkeypatch):
    monkeypatch.setenv("A_SECRET", "hunter2")
    options = Options.model_validate({"secret_env": "A_SECRET"})
    assert "hunter2" not in repr(options) + str(options) + str(options.model_dump())


def test_variables_in_other_options_are_put_in_when_they_are_set(monkeypatch):
    monkeypatch.setenv("HOST", "x.io")
    monkeypatch.setenv("PORT", "2525")
    given = {"url": "https://${HOST}/a", "port": "${PORT}", "to": ["a@${HOST}", "b@y.io"]}
    options = Options.model_validate(given)
    assert (options.url, options.port, options.to) == ("https://x.io/a", 2525, ["a@x.io", "b@y.io"])
    monkeypatch.delenv("HOST")
    monkeypatch.delenv("PORT")
    later = Options.model_validate(given)
    assert (later.port, later.to) == (25, ["b@y.io"])
    with pytest.raises(Retryable, match="HOST is not set"):
        read_url(later.url)


def test_secrets_are_taken_out_of_texts(monkeypatch):
    monkeypatch.setenv("HOOK", "https://hooks.x.io/services/T0/B0/abcdefgh")
    options = Options.model_validate({"secret_env": "HOOK"})
    text = scrub(
        "POST /services/T0/B0/abcdefgh at https://hooks.x.io/services/T0/B0/abcdefgh; Bearer abcdefghijkl", options
    )
    assert "abcdefgh" not in text
    assert "POST" in text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("-5", 0),
        ("1.5", 1.5),
        ("999999", 6 * 3600),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, samples.NOW) == expected


def test_the_signature_is_the_one_of_the_specification():
    # From the test data of standardwebhooks.com's own libraries.
    key, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_an_escape_is_never_cut_in_two():
    for longest in range(2, 30):
        text = escape("a<b>&c" * 5, longest)
        assert len(text) <= longest
        assert not text.removesuffix("…").endswith(("&", "&l", "&lt", "&g", "&gt", "&a", "&am", "&amp"))


def test_every_channel_describes_its_options():
    for name, channel in registry().items():
        assert isinstance(channel, Channel)
        assert issubclass(channel.options, ChannelOptions), name
        assert channel.options.__doc__


def test_a_file_that_is_no_channel_stops_the_start(monkeypatch, tmp_path):
    (tmp_path / "broken.py").write_text("x = 1\n")
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    registry.cache_clear()
    with pytest.raises(TypeError, match=r"channels/broken\.py has no CHANNEL"):
        registry()
    monkeypatch.undo()
    registry.cache_clear()
    assert "broken" not in registry()
