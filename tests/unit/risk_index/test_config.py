"""Policy and catalogue as files: what they may say, and what is said about mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.storage import config
from sluice_shared.config import ConfigError

EXAMPLE = Path(__file__).parents[3] / "deploy" / "config"

TEAM = "kind: team\nname: checkout\n"
RULES = TEAM + "---\nkind: rules\nrules:\n"
ASSET = "kind: asset\nkey: repo:github.com/acme/shop\nowner: checkout\n"


@pytest.fixture
def folder(tmp_path):
    def write(policy=None, **catalogue):
        (tmp_path / "catalog").mkdir(exist_ok=True)
        if policy is not None:
            (tmp_path / "policy.yaml").write_text(policy)
        for name, text in catalogue.items():
            (tmp_path / "catalog" / f"{name}.yaml").write_text(text)
        return tmp_path

    return write


def test_the_example_policy_is_the_built_in_one():
    assert config.load(EXAMPLE).policy == Policy() == config.load(None).policy


def test_the_example_has_nothing_wrong_and_owners_for_every_asset():
    assert config.check(EXAMPLE) == []
    catalogue = config.load(EXAMPLE).catalogue
    assert {"checkout", "payments", "platform", "legacy", "security"} == set(catalogue.teams)
    assert all(asset.owner in catalogue.teams for asset in catalogue.assets.values())
    assert catalogue.assets["image:registry.acme.io/shop"].owner == "checkout"
    assert catalogue.contact("payments").pager == "payments-oncall"


def test_without_files_the_built_in_rules_hold(tmp_path):
    rules = config.load(tmp_path)
    assert (rules.policy, rules.catalogue.teams) == (Policy(), {})


def test_what_a_policy_leaves_out_is_as_built_in(folder):
    rules = config.load(folder("sla:\n  requirements:\n    - {class: attend, within: 15m}\n"))
    assert rules.policy.gate == Policy().gate
    assert rules.policy.sla.requirements[0].within.total_seconds() == 900


def test_the_version_tells_different_rules_apart_and_is_the_same_in_every_process(folder):
    path = folder("version: spring\n", teams=TEAM)
    here = config.load(path).version
    assert here.startswith("spring+")
    script = (
        "import sys, pathlib; from sluice_risk_index.storage.config import load;"
        "print(load(pathlib.Path(sys.argv[1])).version)"
    )
    elsewhere = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == here
    assert config.load(folder("version: spring\n", assets=ASSET)).version != here


BACKSTAGE = """
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: checkout, annotations: {sluice.dev/tier: advanced, sluice.dev/slack: "#shop"}}
spec: {type: team, profile: {displayName: Checkout, email: shop@acme.io}, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {sluice.dev/asset: "image:registry.acme.io/shop", sluice.dev/exposure: internet}
  tags: [pci]
spec: {type: service, lifecycle: production, owner: "group:default/checkout"}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: shop-api, annotations: {github.com/project-slug: acme/shop}}
spec: {type: openapi, owner: checkout}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: webshop}
spec: {owner: checkout}
"""


def test_backstage_entities_are_teams_and_assets(folder):
    catalogue = config.load(folder(all=BACKSTAGE)).catalogue
    team = catalogue.teams["checkout"]
    assert (team.tier, team.title, team.contact.email, team.contact.slack) == (
        "advanced",
        "Checkout",
        "shop@acme.io",
        "#shop",
    )
    image = catalogue.assets["image:registry.acme.io/shop"]
    assert (image.owner, image.exposure, image.tags) == ("checkout", "internet", ("pci",))
    assert catalogue.assets["repo:github.com/acme/shop"].owner == "checkout"
    assert len(catalogue.assets) == 2


def test_a_backstage_mistake_is_shown_where_the_entity_begins(folder):
    wrong = BACKSTAGE.replace("sluice.dev/exposure: internet", "sluice.dev/exposure: moon")
    (problem,) = config.check(folder(all=wrong))
    assert problem.line == 7
    assert "exposure" in str(problem)


@pytest.mark.parametrize(
    ("policy", "line", "words"),
    [
        ("sla:\n  warn: [0.5, 1.0]\n", 2, "less than 1"),
        ("sla:\n  warn: [0.8, 0.5]\n", 1, "must grow"),
        ("sla:\n  escalate: [{at: 0.9, to: x}]\n", 2, "greater than 1"),
        ("sla:\n  warn: [0, 0.5]\n", 2, "greater than 0"),
        (
            "sla:\n  escalate:\n  - {at: 1.2, to: lead}\n  - {at: 1.5, to: head}\n  - {at: 2, to: lead}\n",
            5,
            "a cycle: the escalation goes back to 'lead', who heard of it at 1.2",
        ),
        ("sla:\n  requirements:\n    - {within: 1d}\n", 3, "class"),
        ("sla:\n  requirements:\n    - {class: act, within: 0bd}\n", 3, "such as 5bd"),
        ("sla:\n  burn_down: {panic: 1d}\n", 2, "panic"),
        ("sla:\n  pause: {no_fix: [panic]}\n", 2, "panic"),
        ("default_calendar: berlin\n", 1, "no calendar is called 'berlin'; add it under `calendars`"),
        ("calendars:\n  berlin:\n    timezone: Europe/Berlim\n", 3, "no time zone is called 'Europe/Berlim'"),
        ("calendars:\n  berlin:\n    holidays:\n      - 2026-12-25\n      - 2026-13-01\n", 5, "is no day"),
        ("calendars:\n  berlin: {week: [mon, noday]}\n", 2, "noday"),
        ("calendars:\n  berlin: {hours: 17:00-09:00}\n", 2, "begin before they end"),
        ("sla:\n  requirements:\n    - {class: panic, within: 1d}\n", 3, "panic"),
        ("sla:\n  requirements:\n    - {class: act, within: soon}\n", 3, "write a number and a unit"),
        ("sla:\n  requirements:\n    - {class: act, within: 1d, from_tier: gold}\n", 3, "no tier is called 'gold'"),
        (
            "sla:\n  requirements:\n    - {class: act, within: 1d}\n    - {class: act, within: 2d}\n",
            4,
            "the same of the same findings",
        ),
        (
            (
                "sla:\n  requirements:\n"
                "    - {class: act, within: 1d}\n    - {class: act, within: 2d, from_tier: advanced}\n"
            ),
            4,
            "never binds",
        ),
        ("tiers: [a, b]\n", 1, "no tier is called 'standard'"),
        ("tiers: [onboarding, standard, standard, advanced]\n", 1, "a tier is there twice"),
        ("gate:\n  tiers:\n    gold: {fail: [critical]}\n", 3, "no tier is called 'gold'"),
        (
            "classes:\n  - {class: act, because: all}\n  - {class: track, because: rest}\n",
            2,
            "the rows after it never decide",
        ),
        ("index:\n  weights: {act: 8}\n", 2, "no weight for attend, track, track_star"),
        ("score:\n  exposure: {internet: 1.0}\n", 1, "score.exposure has no value for isolated"),
        ("score:\n  weights: {severity: -1}\n", 2, "greater than or equal to 0"),
        ("scoer: {}\n", 1, "score"),
        ("version: [\n", 2, "not valid YAML"),
    ],
)
def test_mistakes_in_the_policy_are_shown_with_their_line(folder, policy, line, words):
    (problem, *_) = config.check(folder(policy))
    assert problem.line == line, str(problem)
    assert words in str(problem)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (TEAM + "---\n" + TEAM, 5, "already in all.yaml, line 2"),
        (TEAM + "---\n" + ASSET + "---\n" + ASSET, 9, "the asset 'repo:github.com/acme/shop' is already"),
        (TEAM + "tier: gold\n", 3, "no tier is called 'gold'"),
        (ASSET, 3, "no team is called 'checkout'"),
        (
            TEAM + "---\nkind: rules\nrules:\n  - {team: checkout}\n  - {team: nobody}\n",
            7,
            "no team is called 'nobody'",
        ),
        (TEAM + "---\nkind: asset\nkey: shop\n", 5, "is no asset key"),
        (TEAM + "---\nkind: castle\n", 4, "not a document of the catalogue"),
        (TEAM + "---\n- kind: team\n", 4, "not a document of the catalogue"),
        (TEAM + "calendar: mars\n", 3, "no calendar is called 'mars'"),
        (TEAM + "burn_down: {act: 2026-01-31}\n", 1, "add `onboarded`"),
        (TEAM + "onboarded: 2026-02-01\nburn_down: {act: 2026-01-31}\n", 1, "write a later day"),
        (RULES + "  - {team: checkout, path: a/}\n  - {team: checkout}\n", 6, "goes to the one in all.yaml, line 7"),
        (
            RULES + "  - {team: checkout, asset: 'repo:a/b'}\n  - {team: checkout, asset: 'repo:a/*'}\n",
            6,
            "the last match wins",
        ),
        (RULES + "  - {team: checkout, tag: gone}\n", 6, "no asset of the catalogue has the tag 'gone'"),
        (RULES + "  - {team: checkout, asset: github.com/acme/shop}\n", 6, "the rule can never match"),
        (TEAM + "colour: red\n", 3, "'colour' is not known here"),
        (TEAM + "---\nkind: team\nname: [\n", 6, "not valid YAML"),
    ],
)
def test_mistakes_in_the_catalogue_are_shown_with_their_line(folder, text, line, words):
    problems = config.check(folder(all=text))
    assert any(words in str(problem) and problem.line == line for problem in problems), [str(p) for p in problems]


def test_triage_needs_no_entry(folder):
    assert config.check(folder(all="kind: rules\nrules:\n  - {path: docs/, team: triage}\n")) == []


def test_all_mistakes_are_shown_at_once(folder):
    path = folder("tiers: []\n", a="kind: castle\n", b=ASSET)
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    "rules",
    [
        "  - {team: checkout}\n  - {team: checkout, path: a/}\n",
        "  - {team: checkout, path: a/}\n  - {team: checkout, package: '*'}\n",
        "  - {team: checkout, asset: 'repo:*'}\n  - {team: checkout, asset: 'repo:a/*'}\n",
        "  - {team: checkout, asset: 'repo:a/*'}\n  - {team: checkout, asset: 'repo:a/?'}\n",
        "  - {team: checkout, kind: sca}\n  - {team: checkout, kind: sast}\n",
    ],
)
def test_rules_that_may_still_decide_are_let_be(folder, rules):
    assert config.check(folder(all=RULES + rules)) == []
