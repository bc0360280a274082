"""List tokens, newest first; never their text."""

from uuid import UUID

from sluice_ingest.domain.tokens import Token
from sluice_ingest.storage import tokens
from sluice_shared.db import Database


class ListTokens:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, *, before: UUID | None, limit: int, with_revoked: bool) -> tuple[list[Token], UUID | None]:
        """Return a page of at most `limit`, and the id before which the next page begins, if there is one."""
        async with self._database.transaction(read_only=True) as tx:
            found = await tokens.page(tx, before=before, limit=limit + 1, with_revoked=with_revoked)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None
