"""When a token is good."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sluice_ingest.domain.refusal import Refused
from sluice_ingest.domain.tokens import MAX_LIFETIME, Token, TokenState, expiry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "state"),
    [
        (None, None, TokenState.ACTIVE),
        (NOW + HOUR, None, TokenState.ACTIVE),
        (NOW, None, TokenState.EXPIRED),
        (NOW - HOUR, None, TokenState.EXPIRED),
        (None, NOW - HOUR, TokenState.REVOKED),
        (NOW - HOUR, NOW - HOUR, TokenState.REVOKED),
    ],
)
def test_what_a_token_is_worth(expires_at: datetime | None, revoked_at: datetime | None, state: TokenState) -> None:
    token = Token(UUID(int=1), "ci", ("push",), (), NOW - HOUR, expires_at=expires_at, revoked_at=revoked_at)
    assert token.state(NOW) is state


def test_when_a_new_token_ends() -> None:
    assert expiry(NOW, expires_in_days=None, expires_at=None) is None
    assert expiry(NOW, expires_in_days=0.5, expires_at=None) == NOW + timedelta(hours=12)
    assert expiry(NOW, expires_in_days=None, expires_at=NOW + HOUR) == NOW + HOUR


@pytest.mark.parametrize(
    ("days", "moment"),
    [(1.0, NOW + HOUR), (None, NOW), (None, NOW - HOUR), (None, NOW + 2 * MAX_LIFETIME), (1e300, None)],
)
def test_an_end_that_makes_no_sense_is_refused(days: float | None, moment: datetime | None) -> None:
    with pytest.raises(Refused):
        expiry(NOW, expires_in_days=days, expires_at=moment)
