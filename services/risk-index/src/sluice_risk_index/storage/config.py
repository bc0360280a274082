"""Reads `policy.yaml` and `catalog/*.yaml` into the rules in force."""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.backstage import API_VERSION, ASSET_KINDS, Entity, as_asset, as_team
from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRules, Team
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.storage.config_checks import Entries, Placed, check_catalogue, check_policy
from sluice_shared.config import ConfigError, Document, Problem, Watched, load_yaml, parse, parse_yaml

POLICY = "policy.yaml"
CATALOGUE = "catalog"
_NATIVE: dict[str, type[Team] | type[Asset] | type[OwnerRules]] = {"team": Team, "asset": Asset, "rules": OwnerRules}
_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
_DIGEST_LENGTH = 12


def load(folder: Path | None) -> Rules:
    """Return the rules of the folder, the built-in ones for what it does not have.

    Raises ConfigError with every mistake: of form, and of sense (unknown teams, doubled names, ...).
    """
    if folder is None:
        return _rules(Policy(), Catalogue())
    problems: list[Problem] = []
    policy = _policy(folder, problems)
    entries = _entries(folder, problems)
    problems += check_catalogue(entries, policy or Policy())
    if problems or policy is None:
        raise ConfigError(problems)
    rules = [rule for placed in entries.rules for rule in placed.entry.rules]
    catalogue = Catalogue([t.entry for t in entries.teams], [a.entry for a in entries.assets], rules)
    return _rules(policy, catalogue)


def watch(folder: Path | None, public_url: str) -> Watched[InForce]:
    """Return the rules in force, followed as the files change. Raises ConfigError."""
    return Watched("policy", lambda: InForce(load(folder), public_url), lambda: _paths(folder))


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the folder's policy and catalogue."""
    try:
        load(folder)
    except ConfigError as error:
        return error.problems
    return []


def _paths(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    return [folder / POLICY, *_catalogue_files(folder)]


def _catalogue_files(folder: Path) -> list[Path]:
    return sorted(path for pattern in ("*.yaml", "*.yml") for path in (folder / CATALOGUE).glob(pattern))


def _policy(folder: Path, problems: list[Problem]) -> Policy | None:
    """Return the policy, or None when it cannot be had; adds to ``problems``."""
    if not (folder / POLICY).exists():
        return Policy()
    try:
        document = load_yaml(folder / POLICY)
        policy = parse(document, Policy)
    except ConfigError as error:
        problems += error.problems
        return None
    problems += check_policy(document, policy)
    return policy


def _entries(folder: Path, problems: list[Problem]) -> Entries:
    entries = Entries()
    for path in _catalogue_files(folder):
        for document in _documents(path, problems):
            try:
                _add(document, entries)
            except ConfigError as error:
                problems += error.problems
    return entries


def _documents(path: Path, problems: list[Problem]) -> Iterator[Document]:
    """Read each of the documents of a file, which `---` separates; lines are counted from the file's first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(path, 1, 1, "", f"cannot be read: {why}", "check its permissions and its encoding"))
        return
    line = 0
    for part in _SEPARATOR.split(text):
        try:
            document = parse_yaml("\n" * line + part, path)
        except ConfigError as error:
            problems += error.problems
        else:
            if document.value is not None:
                yield document
        line += part.count("\n")


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
