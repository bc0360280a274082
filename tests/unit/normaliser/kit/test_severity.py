"""Severities and confidences: every table, and the words of the trade in all of them."""

import pytest

from sluice_normaliser.kit.severity import TABLES, confidence, grade
from sluice_shared.contracts.finding import Confidence, Severity

VERBATIM = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.INFO,
}


@pytest.mark.parametrize("word", VERBATIM)
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.capitalize, lambda word: f"  {word}\n"])
def test_the_five_words_mean_themselves(word, spell):
    assert grade(spell(word)) == (VERBATIM[word], spell(word), None)


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"sonarqube", "syslog"}))
def test_the_five_words_mean_themselves_in_every_table(table):
    assert {word: grade(word, table).severity for word in VERBATIM} == VERBATIM


@pytest.mark.parametrize("word", ["purple", "42", "", None, "unknown", "n/a"])
def test_what_no_table_knows_is_unknown_and_kept(word):
    found = grade(word)
    assert found.severity is Severity.UNKNOWN
    assert found.raw == (word or None)


@pytest.mark.parametrize(
    ("raw", "table", "expected"),
    [
        ("error", "levels", Severity.HIGH),
        ("note", "levels", Severity.LOW),
        ("error", "lint", Severity.MEDIUM),
        (5, "1-5", Severity.CRITICAL),
        ("2", "eslint", Severity.HIGH),
        (4.0, "0-4", Severity.CRITICAL),
        ("9.0", "cvss", Severity.CRITICAL),
        (8.9, "cvss", Severity.HIGH),
        ("4", "cvss", Severity.MEDIUM),
        (0.1, "cvss", Severity.LOW),
        (0, "cvss", Severity.INFO),
        ("High", "cvss", Severity.HIGH),
        ("SEVERITY_HIGH", "words", Severity.HIGH),
        ("Very High", "words", Severity.CRITICAL),
        ("P1", "priority", Severity.CRITICAL),
        ("CRITICAL", "sonarqube", Severity.HIGH),
    ],
)
def test_tables_place_what_their_tools_say(raw, table, expected):
    assert grade(raw, table).severity is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("HIGH", Confidence.HIGH),
        ("Certain", Confidence.CONFIRMED),
        (0.85, Confidence.HIGH),
        ("60%", Confidence.MEDIUM),
        (12, Confidence.LOW),
        ("?", Confidence.UNKNOWN),
        (None, Confidence.UNKNOWN),
    ],
)
def test_confidence_is_read_in_words_and_numbers(raw, expected):
    assert confidence(raw) is expected
