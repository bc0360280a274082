"""CODEOWNERS as GitHub and GitLab write them, and what becomes of them in the catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRule, Team
from sluice_risk_index.domain.codeowners import OwnedPaths, read_codeowners
from sluice_risk_index.domain.ownership import AssetOwnership, Place
from sluice_risk_index.storage import config
from sluice_shared.config import ConfigError
from sluice_shared.contracts.finding import Kind

SHOP = "repo:github.com/acme/shop"
TEAMS = {"@acme/shop": "shop", "@acme/pay": "pay", "@acme/docs": "docs", "ops@acme.io": "ops"}


def claim(text, path):
    return OwnedPaths(read_codeowners(text), TEAMS.get).claim(path)


def team(text, path):
    found = claim(text, path)
    return found.team if found else None


GITHUB = """\
# who looks after what
*                @acme/shop        # everybody else
/src/pay/        @acme/pay @acme/shop
docs/*           @acme/docs
*.tf             ops@acme.io
/src/pay/legacy/
/a\\ b/           @acme/pay
"""


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("README.md", "shop"),
        ("src/pay/card.py", "pay"),
        ("/src/pay/card.py", "pay"),
        ("lib/src/pay/card.py", "shop"),
        ("docs/a.md", "docs"),
        ("docs/deep/a.md", "shop"),
        ("infra/net/main.tf", "ops"),
        ("src/pay/legacy/old.py", None),
        ("a b/c.py", "pay"),
    ],
)
def test_githubs_form(path, owner):
    assert team(GITHUB, path) == owner


def test_the_reason_names_the_line():
    assert claim(GITHUB, "src/pay/card.py").reason == "CODEOWNERS:3 /src/pay/ @acme/pay @acme/shop"


def test_owners_that_no_team_goes_by_leave_it_to_the_line_before():
    text = "* @acme/shop\n/src/ @acme/nobody\n/src/pay/ @someone @acme/pay\n"
    assert team(text, "src/pay/a.py") == "pay"
    found = claim(text, "src/a.py")
    assert found.team == "shop"
    assert found.reason == "CODEOWNERS:1 * @acme/shop (no team goes by the owners in line 2)"
    assert OwnedPaths(read_codeowners(text), TEAMS.get).unknown == ("@acme/nobody", "@someone")


GITLAB = """\
* @acme/shop

[Pay][2] @acme/pay
/src/pay/
/src/shared/ @acme/docs
!/src/pay/generated/

^[Docs]
*.md @acme/docs
/only/ @acme/docs
"""


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("src/pay/a.py", "pay"),
        ("src/shared/a.py", "docs"),
        ("src/pay/generated/a.py", "shop"),
        ("src/pay/a.md", "pay"),
        ("other/a.md", "shop"),
        ("only/a.py", "shop"),
    ],
)
def test_gitlabs_form(path, owner):
    assert team(GITLAB, path) == owner


def test_an_optional_section_counts_where_nothing_else_does():
    assert team("^[Docs]\n*.md @acme/docs\n[Pay]\n/src/ @acme/pay\n", "a.md") == "docs"


def test_sections_of_one_name_are_one_section():
    text = "[Pay] @acme/pay\n/src/\n[PAY]\n!/src/gen/\n"
    assert team(text, "src/a.py") == "pay"
    assert team(text, "src/gen/a.py") is None


def test_what_nobody_could_read_is_passed_over_and_told():
    read = read_codeowners("/src/ acme/pay\n[Mm]akefile @acme/pay\n/ @acme/pay\n/ok/ @acme/pay nonsense\n\n")
    assert [(bad.number, bad.problem.split(":")[0]) for bad in read.bad] == [
        (1, "'acme/pay' is no owner"),
        (2, "'[Mm]akefile'"),
        (3, "the pattern names nothing"),
        (4, "'nonsense' is no owner"),
    ]
    assert [str(line) for line in read.lines] == ["CODEOWNERS:4 /ok/ @acme/pay"]


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_can_be_read(text, path):
    read = read_codeowners(text)
    lines = len(text.splitlines())
    assert all(1 <= line.number <= lines for line in (*read.lines, *read.bad))
    OwnedPaths(read, TEAMS.get).claim(path)


def place(path):
    return Place(Kind.SAST, path=path)


def test_they_come_after_the_assets_owner_and_before_the_rules():
    catalogue = Catalogue(
        [Team(name="shop"), Team(name="pay", aliases=("@acme/Pay",)), Team(name="sec", contact={"email": "s@acme.io"})],
        [],
        [OwnerRule(team="shop", path="src/pay/special/**")],
        {SHOP: read_codeowners("/src/pay/ @acme/pay\n/ci/ S@acme.io\n/x/ @acme/x\n")},
    )
    owned = AssetOwnership(catalogue, Asset(key=SHOP, owner="shop"), read_codeowners("* @acme/pay"))
    assert owned.owner(place("src/pay/a.py")).team == "pay"
    assert owned.owner(place("ci/a.yaml")).team == "sec"
    assert owned.owner(place("src/pay/special/a.py")).reason.startswith("rule 1 ")
    for path in ("x/a.py", "other.py", None):
        assert owned.owner(place(path)).reason == "owner of the asset in the catalogue"
    other = AssetOwnership(catalogue, Asset(key="repo:x/y"), read_codeowners("* @acme/pay"))
    assert other.owner(place("a.py")).reason == "CODEOWNERS:1 * @acme/pay"


CATALOGUE = f"""\
kind: team
name: shop
---
kind: team
name: pay
aliases: ["@acme/pay"]
---
kind: asset
key: {SHOP}
owner: shop
tags: [pci]
codeowners: shop.txt
"""


@pytest.fixture
def folder(tmp_path):
    def write(rules="", catalogue=CATALOGUE, **files):
        owners = tmp_path / "catalog" / "codeowners"
        owners.mkdir(parents=True, exist_ok=True)
        (owners / "shop.txt").write_text("/src/pay/ @acme/pay\n")
        (tmp_path / "catalog" / "a.yaml").write_text(catalogue)
        (tmp_path / "catalog" / "rules.yaml").write_text(rules)
        for name, text in files.items():
            path = owners / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_a_file_is_found_by_its_name_or_by_its_place(folder):
    root = folder(**{"repo__github.com__acme__other": "* @acme/pay\n", "repo:github.com__acme__third": "* @acme/pay\n"})
    assert config.check(root) == []
    known = config.load(root).catalogue.codeowners
    assert set(known) == {SHOP, "repo:github.com/acme/other", "repo:github.com/acme/third"}
    assert {path.name for path in config._paths(root)} >= {"shop.txt", "other", "third"}


def test_mistakes_in_the_folder_are_named_with_file_and_line(folder):
    root = folder(**{"nobody.txt": "* @acme/pay\n", "repo__github.com__acme__other": "*\n/src/ oops\n"})
    assert [(p.file.name, p.line) for p in config.check(root)] == [("nobody.txt", 1), ("other", 2)]
    # What the hosts of code would pass over keeps no configuration from being loaded.
    assert len(config.load(root).catalogue.codeowners) == 2
    root = folder(catalogue=CATALOGUE.replace("shop.txt", "gone.txt"))
    with pytest.raises(ConfigError, match=r"a.yaml:12:.*no file 'gone.txt'"):
        config.load(root)


@pytest.mark.parametrize(
    ("rules", "line", "said"),
    [
        ("rules:\n- {team: pay, asset: 'github.com/acme/*'}", 3, "asset keys begin with"),
        ("rules:\n- {team: pay, tag: gone}", 3, "no asset of the catalogue has the tag 'gone'"),
        ("rules:\n- {team: pay, tag: pci, asset: 'image:*'}", 3, "no asset with the tag 'pci'"),
        ("rules:\n- {team: pay, path: 'src/pay/**'}\n- {team: shop, path: 'src/**'}", 3, "rules.yaml, line 4"),
        ("rules:\n- {team: pay, asset: 'repo:x/*', kind: sca}\n- {team: shop, asset: 'repo:*'}", 3, "never decides"),
        ("rules:\n- {team: pay, kind: sca}\ntests:\n- {asset: 'repo:x/y', owner: pay}", 5, "belongs to 'triage'"),
        ("rules:\n- {team: pay, kind: sca}\ntests:\n- {asset: 'x/y', owner: pay}", 5, "no asset key"),
    ],
)
def test_rules_that_cannot_be_meant_are_named_with_their_line(folder, rules, line, said):
    found = config.check(folder("kind: rules\n" + rules + "\n"))
    assert [(p.file.name, p.line) for p in found] == [("rules.yaml", line)], found
    assert said in str(found[0])


def test_tests_of_rules_that_hold_are_silent(folder):
    rules = f"""\
kind: rules
rules:
- {{team: pay, package: "pkg:npm/*"}}
- {{team: shop, package: "left-pad"}}
- {{team: pay, path: "ci/**"}}
- {{team: shop, path: "ci/*.yaml"}}
tests:
- {{asset: "{SHOP}", path: src/pay/a.py, owner: pay}}
- {{asset: "{SHOP}", owner: shop}}
- {{asset: "{SHOP}", package: "pkg:npm/left-pad@1.0.0", owner: shop}}
- {{asset: "{SHOP}", package: "pkg:npm/other@1.0.0", owner: pay}}
- {{asset: "{SHOP}", path: ci/a.yaml, kind: iac, owner: shop}}
"""
    assert config.check(folder(rules)) == []


def test_two_teams_with_one_name_are_a_mistake(folder):
    twice = CATALOGUE.replace("name: shop\n", "name: shop\naliases: ['@ACME/pay']\n")
    (found,) = config.check(folder(catalogue=twice))
    assert "'@acme/pay' is a name of the team 'shop', too" in str(found)
