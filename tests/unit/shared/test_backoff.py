"""The law of the pauses between attempts."""

from hypothesis import given
from hypothesis import strategies as st

from sluice_shared.sweeper import backoff

seconds = st.floats(min_value=0.001, max_value=1e6)
shares = st.floats(min_value=0.0, max_value=1.0)


@given(attempt=st.integers(min_value=-10, max_value=10**9), base=seconds, cap=seconds, jitter=shares)
def test_a_pause_is_never_negative_nor_beyond_the_cap_and_its_jitter(
    attempt: int, base: float, cap: float, jitter: float
) -> None:
    assert 0 <= backoff(attempt, base=base, cap=cap, jitter=jitter) <= cap * (1 + jitter) * 1.000001


@given(attempt=st.integers(min_value=1, max_value=1000), base=seconds, cap=seconds)
def test_without_jitter_pauses_never_shrink(attempt: int, base: float, cap: float) -> None:
    now, then = (backoff(n, base=base, cap=cap, jitter=0.0) for n in (attempt, attempt + 1))
    assert now <= then <= cap


@given(attempt=st.integers(min_value=1, max_value=60), jitter=shares)
def test_jitter_moves_a_pause_by_its_share_at_most(attempt: int, jitter: float) -> None:
    exact = backoff(attempt, jitter=0.0)
    rounding = 1e-9
    assert abs(backoff(attempt, jitter=jitter) - exact) <= exact * (jitter + rounding)


def test_the_pause_doubles_from_the_base_to_the_cap() -> None:
    pauses = [backoff(attempt, base=5, cap=60, jitter=0.0) for attempt in (1, 2, 3, 4, 5, 6)]
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_those_that_failed_together_come_back_apart() -> None:
    assert len({backoff(3) for _ in range(20)}) > 1
