"""Xygeni: weaknesses and leaked secrets in code, and vulnerable dependencies."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    each,
    first,
    ident,
    package,
    rating,
    secret,
    step,
    template,
)
from sluice_normaliser.kit.coerce import number
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
xygeni scan --run="sast,secrets,deps" --format=json --output=xygeni.json
sluice push xygeni.sast.json --asset repo:github.com/acme/shop
sluice push xygeni.secrets.json --asset repo:github.com/acme/shop
sluice push xygeni.deps.json --asset repo:github.com/acme/shop
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


_STEP = {
    "path": "location.filepath",
    "start_line": "location.beginLine",
    "end_line": "location.endLine",
    "start_column": "location.beginColumn",
    "end_column": "location.endColumn",
    "snippet": "location.code",
    "message": "injectionPoint | variableName | kind",
}


def _errors(listed: Any) -> str | None:
    told = [words(one.get("description")) or "a fatal error" for one in objs(listed) if one.get("fatal") is True]
    return "; ".join(told) or None


_SAST = Map(
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
    code_flows=first(
        each("codeFlows[]", each("dataPaths[]", step(**_STEP))),
        each("codeFlows[]", each("frames[]", step(**_STEP))),
    ),
    fingerprints={"xygeni_hash": "uniqueHash", "xygeni_issue": "issueId"},
    tags=("tags[]", "kind", "language"),
)
_SECRET = Map(
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
)


def _score(value: Any) -> float | None:
    """Return a score; -1 stands for none."""
    found = number(value)
    return found if found is not None and found >= 0 else None


_DEPENDENCY = Map(
    each="dependencies[].vulnerabilities[]",
    kind=Kind.SCA,
    rule_id="cve | id",
    title=template("{^.name} {^.version}: {cve|id}"),
    description="description",
    severity="severity",
    confidence="confidence",
    identifiers=("cve", "aliases[]", ident("id", "xygeni")),
    cwes=("cwes[]", "cwe"),
    location=package(
        purl="^.purl",
        namespace="^.group",
        name="^.name",
        version="^.version",
        ecosystem="^.ecosystem | ^.repositoryType | ^.language",
        path="location.filepath | ^.location.filepath | ^.fileName | ^.paths[0]",
        fixed_versions="fixedVersion | fixedVersions[]",
        direct="^.direct",
    ),
    ratings=rating(const("xygeni"), score=call(_score, "overallCvssScore"), vector="cvssVector"),
    references="references[]",
    fingerprints={"xygeni_hash": "uniqueHash", "xygeni_issue": "issueId"},
    tags="tags[]",
    published_at="publicationDate | published",
)


def _formats(kind: str, listed: str, map_: Map) -> tuple[Format, ...]:
    """Return the formats of a kind of scan, which the report names in two places."""
    scan = ScanMap(
        version='metadata.reportProperties."tool.version"',
        scanned_at="metadata.timestamp",
        ref="metadata.scm.branch | currentBranch",
        failure=call(_errors, "errors"),
    )
    named = {"metadata.format": rf"^({kind})-xygeni$"}, {"metadata.scanType": rf"^({kind})$"}
    name = f"xygeni-{kind.partition('|')[0]}-json"
    rules = [JsonShape(root="object", has=(listed,), match=match) for match in named]
    return (
        Format(name=name, container="json", detect=rules[0], scan=scan, maps=(map_,)),
        Format(name=f"{name}-by-type", container="json", detect=rules[1], scan=scan, maps=(map_,)),
    )


SPEC = ScannerSpec(
    name="xygeni",
    title="Xygeni",
    kinds=(Kind.SAST, Kind.SECRET, Kind.SCA),
    homepage="https://docs.xygeni.io",
    setup=_SETUP,
    differences={"secrets_many_findings.json": "the report has 61 secrets; the reference merges those of one place"},
    misses={
        "cwes: 0": "Xygeni writes 0 where a problem has no weakness",
    },
    formats=(
        *_formats("sast", "vulnerabilities", _SAST),
        *_formats("secrets", "secrets", _SECRET),
        *_formats("deps|sca|dependencies", "dependencies", _DEPENDENCY),
    ),
)
