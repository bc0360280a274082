"""A real PostgreSQL and a real Redis as child processes, for machines that have neither.

Needs the extra ``sluice-shared[embedded]``. Nothing outside the given data folder is touched, and the servers end with
the process that started them.
"""

from sluice_shared.embedded.errors import EmbeddedError
from sluice_shared.embedded.ports import free_port
from sluice_shared.embedded.postgres import EmbeddedPostgres
from sluice_shared.embedded.redis import EmbeddedRedis
from sluice_shared.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedError", "EmbeddedPostgres", "EmbeddedRedis", "EmbeddedStack", "free_port"]
