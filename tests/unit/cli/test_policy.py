"""`sluice policy plan`: which files are sent, and what is said of the answer."""

import pytest

from sluice_cli.commands import policy
from sluice_cli.errors import UsageError

NOTHING = {"earlier": 0, "later": 0, "gained": 0, "lost": 0, "stopped": 0}
ANSWER = {
    "present": "spring+1",
    "proposed": "summer+2",
    "findings": 120,
    "changed": 12,
    "breached": 5,
    "due": {**NOTHING, "earlier": 12},
    "due_by_team": {"checkout": {**NOTHING, "earlier": 12}},
    "due_by_class": {"act": {**NOTHING, "earlier": 12}},
    "due_by_tier": {"standard": {**NOTHING, "earlier": 12}},
    "classes": [{"was": "attend", "now": "act", "findings": 7}],
    "bands": [],
    "owners": [],
    "told": [
        {
            "team": "checkout",
            "contact": {"slack": "#shop", "email": None},
            "breached": 5,
            "reclassed": 7,
            **NOTHING,
            "earlier": 12,
        }
    ],
}


def test_a_policy_alone_is_sent_as_the_policy(tmp_path):
    (tmp_path / "new.yaml").write_text("version: summer\n")
    assert policy._read(tmp_path / "new.yaml") == {"policy.yaml": "version: summer\n"}


def test_of_a_folder_policy_and_catalogue_are_sent(tmp_path):
    owners = "catalog/codeowners/repo/github.com/acme/shop"
    (tmp_path / owners).parent.mkdir(parents=True)
    for name in (
        "policy.yaml",
        "routes.yaml",
        "catalog/teams.yaml",
        "catalog/notes.txt",
        owners,
        "catalog/codeowners/repo/.old",
    ):
        (tmp_path / name).write_text(name)
    assert policy._read(tmp_path) == {name: name for name in ("catalog/teams.yaml", owners, "policy.yaml")}


def test_what_cannot_be_sent_is_told(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"version: \xe9t\xe9\n")
    for path, words in (
        (tmp_path / "gone", "does not exist"),
        (tmp_path, "neither"),
        (tmp_path / "latin.yaml", "read"),
    ):
        with pytest.raises(UsageError, match=words):
            policy._read(path)


def test_the_answer_says_who_would_be_told_and_of_what(capsys):
    policy._show(ANSWER)
    shown = capsys.readouterr().out
    assert "spring+1 -> summer+2: nothing has been changed" in shown
    assert "5 would be overdue at once" in shown
    assert "class: attend -> act: 7" in shown
    (told,) = [line.split() for line in shown.splitlines() if "#shop" in line]
    assert told == ["checkout", "5", "12", "0", "0", "7", "#shop"]
    policy._show({**ANSWER, "told": []})
    assert "nobody would be told" in capsys.readouterr().out
