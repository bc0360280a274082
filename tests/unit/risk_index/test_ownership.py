import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRule, Team
from sluice_risk_index.domain.glob import name_matcher, path_matcher
from sluice_risk_index.domain.ownership import AssetOwnership, Place
from sluice_shared.contracts.finding import Kind

SHOP = "repo:github.com/acme/shop"
HERE = Place(Kind.SCA, path="src/pay/card.py", purl="pkg:npm/left-pad@1.3.0", package="left-pad", refs=("main",))


def owner(*rules, place=HERE, **asset):
    catalogue = Catalogue([Team(name="a"), Team(name="b")], [], rules)
    return AssetOwnership(catalogue, Asset(key=SHOP, **asset)).owner(place)


def test_nobody_owns_it_then_it_is_in_triage():
    assert owner().team == "triage"


def test_the_owner_of_the_asset_has_it_unless_a_rule_says_otherwise():
    assert owner(owner="a").team == "a"
    assert owner(OwnerRule(team="b", path="src/**"), owner="a").team == "b"
    assert owner(OwnerRule(team="b", path="docs/**"), owner="a").team == "a"


matching = st.sampled_from(
    [
        OwnerRule(team="a"),
        OwnerRule(team="a", asset="repo:github.com/acme/*"),
        OwnerRule(team="a", path="src/pay/"),
        OwnerRule(team="a", package="pkg:npm/*"),
        OwnerRule(team="a", package="left-pad"),
        OwnerRule(team="a", kind=Kind.SCA),
        OwnerRule(team="a", ref="ma*"),
        OwnerRule(team="a", tag="pci"),
    ]
)
missing = st.sampled_from(
    [
        OwnerRule(team="a", asset="repo:github.com/other/*"),
        OwnerRule(team="a", path="src/ship/**"),
        OwnerRule(team="a", package="pkg:pypi/*"),
        OwnerRule(team="a", kind=Kind.SAST),
        OwnerRule(team="a", ref="release"),
        OwnerRule(team="a", tag="web"),
        OwnerRule(team="a", kind=Kind.SCA, path="nowhere/"),
    ]
)


@given(st.lists(matching | missing, max_size=6), matching, st.lists(missing, max_size=4))
def test_the_last_match_wins(before, last, after):
    rules = [*before, last.model_copy(update={"team": "b"}), *after]
    decided = owner(*rules, tags=("pci",), owner="a")
    assert decided.team == "b"
    assert decided.reason.startswith(f"rule {len(before) + 1} ")


def test_the_reason_names_the_rule():
    assert (
        owner(OwnerRule(team="a", path="src/**", kind=Kind.SCA)).reason
        == "rule 1 of the catalogue: path src/**, kind sca"
    )


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("src/pay/**", "src/pay/deep/card.py", True),
        ("src/pay/**", "src/payroll/card.py", False),
        ("src/*/card.py", "src/pay/card.py", True),
        ("src/*/card.py", "src/pay/deep/card.py", False),
        ("src/**/card.py", "src/card.py", True),
        ("src/**/card.py", "src/a/b/card.py", True),
        ("**/payments/**", "payments/a.py", True),
        ("*.tf", "infra/net/main.tf", True),
        ("*.tf", "infra/main.tf.json", False),
        ("Dockerfile", "services/shop/Dockerfile", True),
        ("/Dockerfile", "services/shop/Dockerfile", False),
        ("/Dockerfile", "Dockerfile", True),
        ("docs/", "docs/a/b.md", True),
        ("docs/", "src/docs/b.md", True),
        ("/docs/", "src/docs/b.md", False),
        ("src/pay", "src/pay/card.py", True),
        ("file?.py", "file1.py", True),
        ("a.b", "aXb", False),
    ],
)
def test_paths_match_as_in_codeowners(pattern, path, matches):
    assert path_matcher(pattern)(path) is matches


@given(st.text(max_size=30))
def test_a_name_without_wildcards_matches_itself_alone(text):
    plain = text.replace("*", "").replace("?", "")
    assert name_matcher(plain)(plain)
    assert not name_matcher(plain)(plain + "x")
    assert name_matcher("*")(text)


def plainly(pattern, path):
    """The same as a plain expression, which takes its time for some patterns."""
    body, anchored = pattern.strip("/"), "/" in pattern.rstrip("/")
    text, at = "" if anchored else "(?:.*/)?", 0
    while at < len(body):
        token = next(t for t in ("**/", "**", "*", "?", body[at]) if body.startswith(t, at))
        known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        text += known.get(token, re.escape(token))
        at += len(token)
    beneath = "/.*" if pattern.endswith("/") else "" if body.endswith("*") else "(?:/.*)?"
    return re.fullmatch(text + beneath, path, re.DOTALL) is not None


pieces = st.lists(
    st.sampled_from(["a", "b", "ab", "*", "**", "?", "a*", "*b", "a*b*a", "*a*b", "a**b", "*b**a*"]),
    min_size=1,
    max_size=5,
)
folders = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)


@settings(max_examples=2_000)
@given(st.sampled_from(["", "/"]), pieces, st.sampled_from(["", "/"]), folders)
def test_paths_match_as_the_plain_expression_would(begin, parts, end, path):
    pattern = begin + "/".join(parts) + end
    assert path_matcher(pattern)(path) is plainly(pattern, path)


@pytest.mark.parametrize("pattern", ["*a" * 40 + "*b", "**/a/" * 40 + "b", "/" + "a*/**/" * 40 + "b", "*a*a*a*a*a*/b"])
def test_no_pattern_takes_its_time(pattern):
    began = time.perf_counter()
    for path in ("a" * 250, "/".join("a" * 250), "/".join(["a" * 20] * 20)):
        assert not path_matcher(pattern)(path)
    assert time.perf_counter() - began < 0.5
