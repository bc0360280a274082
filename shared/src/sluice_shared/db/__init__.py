"""PostgreSQL as every service uses it: one pool, one schema, one kind of transaction, one way to migrate."""

from sluice_shared.db.engine import Database
from sluice_shared.db.retry import retry_transient
from sluice_shared.db.tx import Record, Tx

__all__ = ["Database", "Record", "Tx", "retry_transient"]
