import pytest

from sluice_notifier.settings import Settings
from sluice_shared.settings import documented_settings

BASE = {
    "database_url": "postgresql://x@y/z",
    "redis_url": "redis://y/0",
    "blob_url": "file:///nowhere",
    "secret_key": "a key for tests only",
}


def test_every_setting_is_described():
    assert all(setting.description for setting in documented_settings(Settings))


def test_the_notifier_listens_where_it_is_expected():
    settings = Settings(**BASE)
    assert (settings.port, settings.allow_private_targets) == (8083, False)
    assert settings.delivery_max_age.total_seconds() == 24 * 3600


def test_private_targets_are_allowed_by_the_documented_variable(monkeypatch):
    monkeypatch.setenv("SLUICE_ALLOW_PRIVATE_TARGETS", "true")
    assert Settings(**BASE).allow_private_targets


@pytest.mark.parametrize("name", ["delivery_max_age_hours", "deliveries_at_once", "delivery_timeout"])
def test_what_cannot_be_is_refused(name):
    with pytest.raises(ValueError, match=name):
        Settings(**BASE, **{name: 0})
