"""Settings are documented, and every refusal has an answer."""

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.errors import ANSWERS, problem_of
from sluice_ingest.metrics import OTHER, UNKNOWN, scanner_label
from sluice_ingest.settings import Settings
from sluice_shared.settings import documented_settings


def test_every_setting_says_what_it_does() -> None:
    assert all(len(setting.description) > 10 for setting in documented_settings(Settings))


def test_every_refusal_has_a_status_and_a_title() -> None:
    assert set(ANSWERS) == set(Refusal)
    for reason in Refusal:
        problem = problem_of(Refused(reason, "What is wrong; what to do"))
        assert 400 <= problem.status < 600
        assert problem.code == reason.value


def test_scanners_that_clients_make_up_do_not_flood_the_metrics() -> None:
    assert scanner_label(None) == UNKNOWN
    assert scanner_label("Trivy") == scanner_label("trivy") == "trivy"
    labels = {scanner_label(f"scanner-{number}") for number in range(500)}
    assert len(labels) <= 201
    assert OTHER in labels
