"""PostgreSQL URLs as users write them."""

import pytest

from sluice_shared.db import Database
from sluice_shared.db.tx import lock_key
from sluice_shared.db.url import driver_url


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("postgresql://u:p@db:5432/sluice", "postgresql://u:p@db:5432/sluice"),
        ("postgres://u:p@db/sluice", "postgresql://u:p@db/sluice"),
        ("postgresql+asyncpg://u:p@db/sluice", "postgresql://u:p@db/sluice"),
        ("postgresql://db/sluice?sslmode=verify-full", "postgresql://db/sluice?sslmode=verify-full"),
        ("postgresql+asyncpg://db/sluice?ssl=require", "postgresql://db/sluice?sslmode=require"),
        ("postgresql://db/s?sslmode=require&channel_binding=require", "postgresql://db/s?sslmode=require"),
        ("postgresql://db/s?connect_timeout=3", "postgresql://db/s"),
        ("postgresql:///s?host=/run/postgresql&user=u", "postgresql:///s?host=/run/postgresql&user=u"),
        (
            "postgresql://a:1,b:2/s?target_session_attrs=read-write",
            "postgresql://a:1,b:2/s?target_session_attrs=read-write",
        ),
        ("postgresql://u:p%40ss%2Fword@db/s", "postgresql://u:p%40ss%2Fword@db/s"),
        ("postgresql://db/s?options=-c%20geqo%3Doff", "postgresql://db/s?options=-c%20geqo%3Doff"),
    ],
)
def test_a_url_for_libpq_is_understood(written: str, understood: str) -> None:
    assert driver_url(written) == understood


@pytest.mark.parametrize("url", ["mysql://u:hunter2@db/s", "db:5432/hunter2", "", "/hunter2"])
def test_what_is_no_postgresql_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql://user:password@host:5432/name") as refused:
        Database(url, "ingest")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("schema", ["", "risk-index", 'a"; drop schema public; --', "Ingest", "x" * 64])
def test_a_schema_name_that_would_need_quoting_is_refused(schema: str) -> None:
    with pytest.raises(ValueError, match="schema name"):
        Database("postgresql://db/s", schema)


def test_lock_names_are_told_apart_by_their_parts() -> None:
    names = [("a", "bc"), ("ab", "c"), ("abc",), ("abc", ""), ("", "abc"), ()]
    keys = {lock_key(*name) for name in names}
    assert len(keys) == len(names)
    assert all(-(2**63) <= key < 2**63 for key in keys)
