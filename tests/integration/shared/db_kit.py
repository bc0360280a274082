"""A larder with jars in it: what the tests of the database write and read."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Column, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sluice_shared.db import Database, Tx

R = TypeVar("R")

SCHEMA = "larder"
TABLES = "CREATE TABLE jar (id int PRIMARY KEY, label text NOT NULL, details jsonb NOT NULL DEFAULT '{}')"


class Base(SQLModel):
    metadata = MetaData(schema=SCHEMA)


class Jar(Base, table=True):
    id: int = Field(primary_key=True)
    label: str
    details: dict[str, object] = Field(default_factory=dict, sa_column=Column(JSONB))


class Spoilt(Exception):  # noqa: N818
    """The work's own reason to fail."""


async def within(database: Database, work: Callable[[Tx], Awaitable[R]], *, read_only: bool = False) -> R:
    async with database.transaction(read_only=read_only) as tx:
        return await work(tx)


async def add(tx: Tx, number: int, label: str = "plum") -> None:
    await tx.execute("INSERT INTO jar (id, label) VALUES ($1, $2)", number, label)


async def labels(database: Database) -> list[str]:
    async with database.transaction(read_only=True) as tx:
        return [row["label"] for row in await tx.fetch("SELECT label FROM jar ORDER BY id")]


async def end_own_backend(database: Database, tx: Tx) -> None:
    """Have the server end the connection of `tx`, and wait until it has."""
    pid = await tx.fetchval("SELECT pg_backend_pid()")
    async with database.transaction() as other:
        assert await other.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
