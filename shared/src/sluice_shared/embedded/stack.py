"""Both embedded servers over one data folder."""

from pathlib import Path
from typing import Self

from sluice_shared.embedded.postgres import EmbeddedPostgres
from sluice_shared.embedded.redis import EmbeddedRedis


class EmbeddedStack:
    """PostgreSQL and Redis that start and stop together; usable as a context manager."""

    def __init__(
        self, data_dir: Path, *, postgres: EmbeddedPostgres | None = None, redis: EmbeddedRedis | None = None
    ) -> None:
        """Make both servers for ``data_dir``, except one that is given (with settings of its own)."""
        self.postgres = postgres or EmbeddedPostgres(data_dir)
        self.redis = redis or EmbeddedRedis(data_dir)

    def start(self) -> None:
        """Start both, or none: raises EmbeddedError after stopping what had started."""
        self.postgres.start()
        try:
            self.redis.start()
        except BaseException:
            self.postgres.stop()
            raise

    def stop(self) -> None:
        """Stop both, in the reverse order; a second call does nothing."""
        try:
            self.redis.stop()
        finally:
            self.postgres.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
