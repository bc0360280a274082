"""Times: any common way of writing them, to UTC."""

from datetime import UTC, datetime

import pytest

from sluice_normaliser.kit.times import parse_time

NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-03T12:00:00Z",
        "2026-02-03T12:00:00",
        "2026-02-03 12:00:00 UTC",
        "2026-02-03 13:00:00 +0100",
        "2026-02-03T13:00:00+01:00",
        "2026-02-03T12:00:00.000000000Z",
        "2026-02-03 12:00:00.123456789 +0000 UTC m=+0.1",
        "Tue, 03 Feb 2026 12:00:00 GMT",
        "Tue Feb  3 12:00:00 2026",
        "Feb 03, 2026 12:00:00",
        "2026/02/03 12:00:00",
        "02/03/2026 12:00:00",
        "20260203T120000Z",
        1770120000,
        1770120000000,
        "1770120000",
        NOON,
    ],
)
def test_noon_is_noon_however_it_is_written(value):
    assert parse_time(value).replace(microsecond=0) == NOON


@pytest.mark.parametrize("value", [None, "", "soon", 5, True, "0001-01-01T00:00:00Z", "N/A", [], "99/99/9999"])
def test_what_is_no_time_is_none(value):
    assert parse_time(value) is None


def test_a_date_is_its_midnight():
    assert parse_time("2026-02-03") == NOON.replace(hour=0)
    assert parse_time("03 Feb 2026") == NOON.replace(hour=0)


def test_the_american_order_gives_way_where_it_cannot_be():
    assert parse_time("25/12/2025").month == 12


def test_a_format_of_the_scanners_own_comes_first():
    assert parse_time("03/02/2026", "%d/%m/%Y") == NOON.replace(hour=0)
