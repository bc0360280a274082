"""Advisories as the npm registry's audit endpoint gives them: what npm 6, Yarn and pnpm pass on."""

import re
from typing import Any

from sluice_normaliser.kit import Map, call, const, each, fix, ident, package, rating, split
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind

_GHSA = re.compile(r"GHSA(?:-[0-9a-z]{4}){3}", re.IGNORECASE)
_FROM = re.compile(r">=\s*v?(\d[^\s|,<>]*)")


def ghsa_of(*values: Any) -> str | None:
    """Return the GitHub advisory that texts or URLs name, else the first value as text."""
    texts = [found for found in map(words, values) if found]
    named = (_GHSA.search(found) for found in texts)
    found = next((match.group() for match in named if match), None)
    if found:
        return "GHSA" + found[4:].lower()
    return next((text for text in texts if "://" not in text), texts[0] if texts else None)


def fixed_from(patched: Any) -> list[str]:
    """Return the versions that ``>=1.1.1 <2.0.0 || >=2.0.1`` begins with; ``<0.0.0`` is none."""
    return list(dict.fromkeys(_FROM.findall(words(patched) or "")))


def _has_fix(patched: Any) -> bool | None:
    said = words(patched)
    return None if said is None else bool(_FROM.search(said))


def _chain(path: Any) -> list[str]:
    return [part.strip() for part in (words(path) or "").split(">") if part.strip()]


def _is_direct(path: Any) -> bool | None:
    """Return whether the project itself asks for the package; pnpm writes the project as the first part."""
    chain = [part for part in _chain(path) if part != "."]
    return len(chain) == 1 if chain else None


def _scope(*told: Any) -> str | None:
    return "dev" if any(each_ is True for each_ in told) else None


def given_score(score: Any) -> Any:
    """Return a score; the registry writes 0 where there is none."""
    return score or None


def _is_other(finding: Any, path: Any) -> bool:
    return bool(finding or path)


def _version(findings: Any, path: Any) -> str | None:
    """Return the version of the finding that a path belongs to, else of the first."""
    listed = [obj(each_) for each_ in findings] if isinstance(findings, list) else []
    own = [each_ for each_ in listed if path in items_of(each_.get("paths"))]
    return next((found for found in (words(each_.get("version")) for each_ in [*own, *listed]) if found), None)


def advisories(records: str, *, path: str = "findings[0].paths[0]", dev: str = "findings[0].dev", manifest: str) -> Map:
    """Return the map of the advisories at ``records``.

    ``path`` is the way from the project to the package, ``dev`` whether it is for development only, ``manifest`` the
    lock file.
    """
    return Map(
        each=records,
        kind=Kind.SCA,
        rule_id=call(ghsa_of, "github_advisory_id", "url", "id"),
        title="title",
        description="overview",
        severity="severity",
        identifiers=("github_advisory_id", "url", "cves[]", ident("id", scheme="npm")),
        cwes=("cwe", "cwe[]"),
        location=package(
            name="module_name",
            version=call(_version, "findings", path),
            ecosystem=const("npm"),
            affected_range="vulnerable_versions",
            fixed_versions=call(fixed_from, "patched_versions"),
            path=const(manifest),
            dependency_path=call(_chain, path),
            direct=call(_is_direct, path),
            scope=call(_scope, dev),
        ),
        related_locations=each(
            "findings[]",
            each(
                "paths[]",
                package(
                    name="^^.module_name",
                    version="^.version",
                    ecosystem=const("npm"),
                    path=const(manifest),
                    dependency_path=call(_chain, "."),
                    direct=call(_is_direct, "."),
                    scope=call(_scope, "^.dev"),
                ),
                where=call(_is_other, "^#key", "#key"),
            ),
        ),
        ratings=rating(const("github"), vector="cvss.vectorString", score=call(given_score, "cvss.score")),
        fix=fix(recommendation="recommendation", available=call(_has_fix, "patched_versions")),
        references=("url", "references"),
        tags=(split("metadata.module_type"),),
        published_at="created",
    )
