"""The simple JSON of JFrog's command line: vulnerable packages, and what its scanners found in code."""

from typing import Any

from sluice_normaliser.kit import Map, call, code, const, each, fix, ident, licence, package, rating, secret
from sluice_normaliser.scanners import _jfrog
from sluice_shared.contracts.finding import Kind, RatingMethod


def _chain(paths: Any) -> list[str]:
    """Return the names of the first way from the project to the package."""
    first = paths[0] if isinstance(paths, list) and paths and isinstance(paths[0], list) else []
    return [f"{one['name']}:{one.get('version') or ''}" for one in first if isinstance(one, dict) and one.get("name")]


def _packages(path: str, kind: Kind) -> Map:
    return Map(
        each=path,
        kind=kind,
        rule_id="issueId | licenseKey | cves[0].id",
        title="summary | jfrogResearchInformation.summary | riskReason | licenseKey | issueId",
        description="jfrogResearchInformation.details | summary",
        severity="severity",
        identifiers=("cves[].id", ident("issueId", "vendor", source=const("jfrog"))),
        cwes="cves[].cwe[]",
        location=package(
            name="impactedPackageName",
            version="impactedPackageVersion",
            ecosystem="impactedPackageType",
            path="components[0].location.file",
            fixed_versions=call(_jfrog.fixed, "fixedVersions[]"),
            dependency_path=call(_chain, "impactPaths"),
        ),
        ratings=(
            each("cves[]", rating(const("nvd"), score="cvssV3", method=RatingMethod.CVSS_V31)),
            each("cves[]", rating(const("nvd"), score="cvssV2", method=RatingMethod.CVSS_V2)),
        ),
        fix=fix(recommendation="jfrogResearchInformation.remediation"),
        licence=licence(spdx_id="licenseKey", name="licenseName | licenseKey"),
        references="references[]",
        tags=("applicable", "watch"),
    )


def _places(path: str, kind: Kind, **more: Any) -> Map:
    return Map(
        each=path,
        kind=kind,
        rule_id="ruleId | finding | scannerDescription",
        title="finding | scannerShortDescription | ruleId",
        message="finding",
        description="scannerDescription",
        severity="severity",
        cwes="cwe",
        location=code(
            path="file | location.file",
            start_line="startLine | location.startLine",
            start_column="startColumn | location.startColumn",
            end_line="endLine | location.endLine",
            end_column="endColumn | location.endColumn",
            **({} if kind is Kind.SECRET else {"snippet": "snippet | location.snippet"}),
        ),
        fingerprints={"jfrog": "fingerprint"},
        tags="applicability.status",
        **more,
    )


_SECRET = {"secret": secret(match="snippet | location.snippet", type="ruleId | finding")}

SIMPLE = (
    _packages("vulnerabilities[]", Kind.SCA),
    _packages("securityViolations[]", Kind.SCA),
    _packages("licensesViolations[]", Kind.LICENCE),
    _packages("operationalRiskViolations[]", Kind.QUALITY),
    _places("secrets[]", Kind.SECRET, **_SECRET),
    _places("secretsViolations[]", Kind.SECRET, **_SECRET),
    *(_places(path, Kind.IAC) for path in ("iacs[]", "iac[]", "iacViolations[]")),
    *(_places(path, Kind.SAST) for path in ("sast[]", "sastViolations[]")),
)
