import pytest
from tests.unit.notifier import samples

from sluice_notifier.domain.labels import labels_of
from sluice_notifier.domain.matching import implies, matcher, matches_all

ALERT = samples.alert(
    "breached", "payments", scanners=("semgrep", "bandit"), labels={"environment": "prod", "tag:pci": "true"}
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("team = payments", True),
        ("team=payments", True),
        ('team = "payments"', True),
        ("team = pay", False),
        ("team != payments", False),
        ("team != platform", True),
        ('level =~ "warned|breached"', True),
        ("level =~ warned|breached", True),
        ("level =~ breach", False),
        ("level !~ warned|breached", False),
        ("severity =~ critical|high", True),
        ("class = act", True),
        ("kind = sast", True),
        ("tier = standard", True),
        ("asset =~ repo:github\\.com/acme/.*", True),
        ('asset =~ "repo:github\\.com/acme/.*"', True),
        ("rule = sql-injection", True),
        ("identifier = CWE-89", True),
        ("environment = prod", True),
        ("tag:pci = true", True),
        # of several values one is enough, and the negation is the contrary of that
        ("scanner = bandit", True),
        ("scanner != bandit", False),
        ("scanner !~ trivy.*", True),
        # what is absent counts as empty
        ("nowhere = x", False),
        ("nowhere != x", True),
        ('nowhere = ""', True),
        ("nowhere =", True),
        ("team != ", True),
        ("nowhere =~ .+", False),
        ("nowhere =~ .*", True),
    ],
)
def test_a_matcher_holds_as_in_alertmanager(text, holds):
    assert matcher(text).matches(labels_of(ALERT)) is holds


@pytest.mark.parametrize("text", ["team", "team payments", "= x", '"team" = x', 'team =~ "("', "a b = c", ""])
def test_what_is_no_matcher_is_told_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"; (write|escape)"):
        matcher(text)


def test_quotes_and_backslashes_can_be_written():
    assert matcher(r'rule = "a \"b\" \\c"').value == r'a "b" \c'
    assert matcher(r'rule =~ "a\.b"').matches({"rule": ("a.b",)})
    assert not matcher(r'rule =~ "a\.b"').matches({"rule": ("axb",)})


def test_all_matchers_have_to_hold():
    labels = labels_of(ALERT)
    assert matches_all([], labels)
    assert matches_all(["team = payments", "level = breached"], labels)
    assert not matches_all(["team = payments", "level = warned"], labels)


def test_an_alert_s_own_labels_cannot_pretend_to_be_another_team():
    labels = labels_of(samples.alert(team="payments", labels={"team": "platform", "level": "opened"}))
    assert (labels["team"], labels["level"]) == (("payments",), ("breached",))


def test_narrower_conditions_imply_wider_ones():
    assert implies(["team = a", "level = x"], ["level=x"])
    assert implies(["team = a"], [])
    assert not implies(["level = x"], ["team = a", "level = x"])
