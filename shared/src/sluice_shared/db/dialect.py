"""SQLAlchemy's asyncpg dialect, with JSON left to the driver as text.

The stock dialect teaches each asyncpg connection to decode JSON. Plain-SQL calls run on the same connections and want
the text: they pass most JSON through unread. Here SQLAlchemy's JSON types do the decoding themselves, which also saves
two catalogue queries a connection.
"""

from __future__ import annotations

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

DIALECT_URL = "postgresql+sluice_asyncpg://"


class TextJsonDialect(PGDialect_asyncpg):
    """Like `postgresql+asyncpg`, but json and jsonb are `str` to the driver."""

    supports_statement_cache = True
    supports_native_json_deserialization = False
    dialect_injects_custom_json_deserializer = False

    async def setup_asyncpg_json_codec(self, conn: object) -> None:
        """Leave asyncpg's own codec, which gives text."""

    async def setup_asyncpg_jsonb_codec(self, conn: object) -> None:
        """Leave asyncpg's own codec, which gives text."""


registry.register("postgresql.sluice_asyncpg", __name__, "TextJsonDialect")
