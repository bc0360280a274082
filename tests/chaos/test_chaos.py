import pytest
from tests.chaos.run import chaos


@pytest.mark.timeout(240)
def test_given_everything_breaks_in_turn_when_it_is_quiet_again_then_all_is_as_the_ledger_says():
    result = chaos(seconds=35, seed=7, pause=0.3, interval=2.0, durable=False)
    assert result.differences == [], result.figures
    assert result.figures["faults"] >= 6
    assert result.figures["reports"]["indexed"] >= 30
