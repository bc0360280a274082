import pytest
from tests.integration.notifier.channels.kit import EVERY_KIND, ChannelKit
from tests.unit.notifier import samples

from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import Tools


class TestLog(ChannelKit):
    channel = "log"

    @pytest.mark.parametrize("message", EVERY_KIND)
    async def test_every_kind_of_message_is_taken(self, http, message, capsys):
        await registry()["log"].deliver(message, registry()["log"].options(), Tools(http, samples.NOW))
        assert str(message.id) in capsys.readouterr().out
