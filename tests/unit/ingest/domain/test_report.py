"""Lanes, final statuses, and the waits between publications."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.report import Lane, ReportStatus, body_key, lane_for, settles
from sluice_ingest.domain.schedule import Patience, republish_delay, unpublished_delay
from sluice_shared.contracts.events import ReportReceipt
from sluice_shared.contracts.topics import REPORTS, REPORTS_BULK

PATIENCE = Patience(first=30, longest=3600, max_attempts=12)
spreads = st.floats(0, 1)


@pytest.mark.parametrize(
    ("current", "receipt", "changes"),
    [
        (ReportStatus.ACCEPTED, "indexed", True),
        (ReportStatus.ACCEPTED, "rejected", True),
        (ReportStatus.STUCK, "indexed", True),
        (ReportStatus.STUCK, "rejected", True),
        (ReportStatus.REJECTED, "indexed", True),
        (ReportStatus.REJECTED, "rejected", False),
        (ReportStatus.INDEXED, "indexed", False),
        (ReportStatus.INDEXED, "rejected", False),
    ],
)
def test_what_a_receipt_changes(current: ReportStatus, receipt: Literal["indexed", "rejected"], changes: bool) -> None:
    assert settles(current, ReportReceipt(report_id=UUID(int=1), status=receipt, at=datetime.now(UTC))) is changes


def test_large_reports_take_the_bulk_lane() -> None:
    assert lane_for(100, 100) is Lane.INTERACTIVE
    assert lane_for(101, 100) is Lane.BULK
    assert (Lane.INTERACTIVE.topic, Lane.BULK.topic) == (REPORTS, REPORTS_BULK)


def test_bodies_lie_by_their_content() -> None:
    assert body_key("abcdef") == "bodies/ab/abcdef.zst"


@given(st.integers(1, 100), st.integers(0, 1 << 30), spreads)
def test_waits_grow_and_are_bounded(attempts: int, body_bytes: int, spread: float) -> None:
    wait = republish_delay(attempts, body_bytes, PATIENCE, spread=spread)
    extra = body_bytes / (512 * 1024)
    assert PATIENCE.first <= wait <= (PATIENCE.longest + extra) * 1.2
    assert wait <= republish_delay(attempts + 1, body_bytes, PATIENCE, spread=spread)
    assert wait <= republish_delay(attempts, body_bytes + 1_000_000, PATIENCE, spread=spread)


def test_the_first_waits_double() -> None:
    assert [republish_delay(n, 0, PATIENCE, spread=0) for n in (1, 2, 3, 4)] == [30, 60, 120, 240]


@given(spreads)
def test_what_could_not_be_published_is_tried_again_soon(spread: float) -> None:
    assert 1 <= unpublished_delay(spread=spread) <= 2
