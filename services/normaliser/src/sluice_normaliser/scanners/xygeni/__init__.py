"""Xygeni: weaknesses and leaked secrets in code."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, call, code, secret, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
xygeni scan --run="sast,secrets" --format=json --output=xygeni.json
sluice push xygeni.sast.json --asset repo:github.com/acme/shop
sluice push xygeni.secrets.json --asset repo:github.com/acme/shop
```
"""
_PLACE = {
    "path": "location.filepath",
    "start_line": "location.beginLine",
    "end_line": "location.endLine",
    "start_column": "location.beginColumn",
    "end_column": "location.endColumn",
    "snippet": "location.code",
}


def _errors(listed: Any) -> str | None:
    told = [str(one.get("description")) for one in listed or [] if isinstance(one, dict) and one.get("fatal") is True]
    return "; ".join(told) or None


SPEC = ScannerSpec(
    name="xygeni",
    title="Xygeni",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://docs.xygeni.io",
    setup=_SETUP,
    differences={"secrets_many_findings.json": "the report has 61 secrets; the reference merges those of one place"},
    misses={
        "cwes: 0": "Xygeni writes 0 where a problem has no weakness",
    },
    formats=(
        Format(
            name="xygeni-sast-json",
            container="json",
            detect=JsonShape(root="object", has=("vulnerabilities",), match={"metadata.format": "^sast-xygeni$"}),
            scan=ScanMap(
                version='metadata.reportProperties."tool.version"',
                scanned_at="metadata.timestamp",
                ref="metadata.scm.branch | currentBranch",
                failure=call(_errors, "errors"),
            ),
            maps=(
                Map(
                    each="vulnerabilities[]",
                    kind=Kind.SAST,
                    rule_id="detector",
                    title="explanation | detector",
                    description="explanation",
                    severity="severity",
                    confidence="confidence",
                    cwes=("cwes[]", "cwe"),
                    identifiers="tags[]",
                    location=code(**_PLACE),
                    fingerprints={"xygeni_hash": "uniqueHash", "xygeni_issue": "issueId"},
                    tags=("tags[]", "kind", "language"),
                ),
            ),
        ),
        Format(
            name="xygeni-secrets-json",
            container="json",
            detect=JsonShape(root="object", has=("secrets",), match={"metadata.format": "^secrets-xygeni$"}),
            scan=ScanMap(
                version='metadata.reportProperties."tool.version"',
                scanned_at="metadata.timestamp",
                ref="metadata.scm.branch | currentBranch",
                failure=call(_errors, "errors"),
            ),
            maps=(
                Map(
                    each="secrets[]",
                    kind=Kind.SECRET,
                    rule_id="detector | type",
                    title=template("{description|type} in {location.filepath}"),
                    severity="severity",
                    confidence="confidence",
                    location=code(**_PLACE),
                    secret=secret(value="secret", type="type"),
                    fingerprints={"xygeni_hash": "uniqueHash", "xygeni_secret": "hash", "xygeni_issue": "issueId"},
                    tags="tags[]",
                    ignore=("description",),
                ),
            ),
        ),
    ),
)
