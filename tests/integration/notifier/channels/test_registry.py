from pathlib import Path

from sluice_notifier.channels import registry


def test_every_channel_has_its_test():
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(registry()) <= tested
    assert {"slack", "webhook", "email", "jira", "log"} <= set(registry())
