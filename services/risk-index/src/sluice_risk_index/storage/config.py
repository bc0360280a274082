"""Reads `policy.yaml`, `catalog/*.yaml` and `catalog/codeowners/` into the rules in force."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.backstage import API_VERSION, ASSET_KINDS, Entity, as_asset, as_team
from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRules, Team
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.storage import exception_files
from sluice_risk_index.storage.codeowners_files import check_codeowners, codeowners_files, load_codeowners
from sluice_risk_index.storage.config_checks import Entries, Placed, check_catalogue, check_policy
from sluice_risk_index.storage.documents import documents, yaml_files
from sluice_risk_index.storage.ownership_checks import check_ownership
from sluice_shared.config import ConfigError, Document, Problem, Watched, load_yaml, parse

POLICY = "policy.yaml"
CATALOGUE = "catalog"
_NATIVE: dict[str, type[Team] | type[Asset] | type[OwnerRules]] = {"team": Team, "asset": Asset, "rules": OwnerRules}
_DIGEST_LENGTH = 12


def load(folder: Path | None) -> Rules:
    """Return the rules of the folder, the built-in ones for what it does not have.

    Raises ConfigError with every mistake: of form, and of sense (unknown teams, doubled names, ...).
    """
    if folder is None:
        return _rules(Policy(), Catalogue())
    problems: list[Problem] = []
    policy = _policy_file(folder / POLICY, problems)
    _, catalogue = _catalogue(folder, policy or Policy(), problems)
    if problems or policy is None:
        raise ConfigError(problems)
    return _rules(policy, catalogue)


def load_policy(path: Path) -> Policy:
    """Return the policy in this file, the built-in one where there is no such file. Raises ConfigError."""
    problems: list[Problem] = []
    policy = _policy_file(path, problems)
    if problems or policy is None:
        raise ConfigError(problems)
    return policy


def propose(files: Mapping[str, str], present: Rules) -> Rules:
    """Return the rules that files make, by their names in a configuration folder.

    Without `policy.yaml` the policy stays as at present, without any file of `catalog/` the catalogue. Raises
    ConfigError, whose files are named as given.
    """
    problems: list[Problem] = []
    with TemporaryDirectory(prefix="sluice-proposed-") as place:
        folder = Path(place)
        (folder / CATALOGUE).mkdir()
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        policy = _policy_file(folder / POLICY, problems) if POLICY in files else present.policy
        if any(name.startswith(f"{CATALOGUE}/") for name in files):
            _, catalogue = _catalogue(folder, policy or present.policy, problems)
        else:
            catalogue = present.catalogue
            problems += _unsuited(catalogue, policy or present.policy)
        problems = [replace(p, file=p.file.relative_to(folder)) if p.file.is_absolute() else p for p in problems]
    if problems or policy is None:
        raise ConfigError(problems)
    return _rules(policy, catalogue)


def _unsuited(catalogue: Catalogue, policy: Policy) -> Iterator[Problem]:
    """Find what the catalogue in force names and a proposed policy lacks."""
    named = {team.tier for team in catalogue.teams.values()} | {asset.tier for asset in catalogue.assets.values()}
    calendars = {team.calendar for team in catalogue.teams.values()}
    for what, missing in (
        ("tiers", named - {None, *policy.tiers}),
        ("calendars", calendars - {None, *policy.calendars}),
    ):
        for name in sorted(filter(None, missing)):
            message = f"the catalogue in force names '{name}', which is not among these {what}"
            yield Problem(Path(POLICY), 1, 1, what, message, "keep it, or send the catalogue as it will be, too")


def watch(folder: Path | None, public_url: str) -> Watched[InForce]:
    """Return the rules in force, followed as the files change. Raises ConfigError."""
    return Watched("policy", lambda: InForce(load(folder), public_url), lambda: _paths(folder))


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the folder's policy, catalogue and exceptions, rules that never decide included."""
    problems: list[Problem] = []
    # The rest is checked by the policy that is meant, where it can be read at all.
    policy = _policy_file(folder / POLICY, problems) or Policy()
    entries, catalogue = _catalogue(folder, policy, problems)
    problems += check_ownership(entries, catalogue)
    problems += check_codeowners(folder / CATALOGUE, entries.assets, catalogue.codeowners)
    return problems + exception_files.lint(folder / exception_files.FOLDER, policy.acceptance)


def _paths(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    return [folder / POLICY, *yaml_files(folder / CATALOGUE), *codeowners_files(folder / CATALOGUE)]


def _policy_file(path: Path, problems: list[Problem]) -> Policy | None:
    """Return the policy, or None when it cannot be had; adds to ``problems``."""
    if not path.exists():
        return Policy()
    try:
        document = load_yaml(path)
        policy = parse(document, Policy)
    except ConfigError as error:
        problems += error.problems
        return None
    problems += check_policy(document, policy)
    return policy


def _catalogue(folder: Path, policy: Policy, problems: list[Problem]) -> tuple[Entries, Catalogue]:
    """Return the catalogue and the entries that it is made of; adds to ``problems``."""
    entries = _entries(folder, problems)
    problems += check_catalogue(entries, policy)
    rules = [rule for placed in entries.rules for rule in placed.entry.rules]
    owned = load_codeowners(folder / CATALOGUE, entries.assets, problems)
    return entries, Catalogue([t.entry for t in entries.teams], [a.entry for a in entries.assets], rules, owned)


def _entries(folder: Path, problems: list[Problem]) -> Entries:
    entries = Entries()
    for path in yaml_files(folder / CATALOGUE):
        for document in documents(path, problems):
            try:
                _add(document, entries)
            except ConfigError as error:
                problems += error.problems
    return entries


def _add(document: Document, entries: Entries) -> None:
    value = document.value
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(value, dict) and str(value.get("apiVersion", "")).startswith(API_VERSION):
        _add_entity(document, parse(document, Entity), entries)
        return
    if kind not in _NATIVE:
        hint = "write `kind: team`, `kind: asset` or `kind: rules`, or a Backstage entity with apiVersion"
        where = ("kind",) if kind is not None else ()
        raise ConfigError([document.problem(where, "not a document of the catalogue", hint)])
    entry = parse(document, _NATIVE[kind])
    if isinstance(entry, Team):
        entries.teams.append(Placed(entry, document))
    elif isinstance(entry, Asset):
        entries.assets.append(Placed(entry, document))
    else:
        entries.rules.append(Placed(entry, document))


def _add_entity(document: Document, entity: Entity, entries: Entries) -> None:
    if entity.kind == "Group":
        team = parse(_converted(document, as_team(entity)), Team)
        entries.teams.append(Placed(team, document))
    elif entity.kind in ASSET_KINDS and (fields := as_asset(entity)) is not None:
        asset = parse(_converted(document, fields), Asset)
        entries.assets.append(Placed(asset, document))


def _converted(document: Document, value: dict[str, Any]) -> Document:
    """Return what was made of a document; its mistakes are shown where the document begins."""
    begin = document.mark()
    return Document(document.file, value, values={(): begin})


def _rules(policy: Policy, catalogue: Catalogue) -> Rules:
    content = {
        "policy": policy.model_dump(),
        "teams": [team.model_dump() for team in catalogue.teams.values()],
        "assets": [asset.model_dump() for asset in catalogue.assets.values()],
        "rules": [rule.model_dump() for rule in catalogue.rules],
    }
    if catalogue.codeowners:
        content["codeowners"] = dict(catalogue.codeowners)
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    digest = hashlib.sha256(orjson.dumps(content, default=_plain, option=options)).hexdigest()[:_DIGEST_LENGTH]
    return Rules(policy, catalogue, f"{policy.version}+{digest}")


def _plain(value: Any) -> Any:
    """Make JSON of what orjson does not know; sets in one order, so that the digest is the same in every process."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"a {type(value).__name__} in the configuration")
