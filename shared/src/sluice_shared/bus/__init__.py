"""The bus: events on Redis Streams, delivered at least once, through FastStream."""

from sluice_shared.bus.bus import Bus
from sluice_shared.bus.dead_letters import DeadLetterMissingError, StoredDeadLetter
from sluice_shared.bus.delivery import Delivery, Handler
from sluice_shared.bus.lag import StreamLag

__all__ = ["Bus", "DeadLetterMissingError", "Delivery", "Handler", "StoredDeadLetter", "StreamLag"]
