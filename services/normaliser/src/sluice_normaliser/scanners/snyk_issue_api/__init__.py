"""Snyk: issues of an organisation or a project, as its REST API gives them."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    each,
    first,
    ident,
    package,
    peek,
    rating,
)
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: token $SNYK_TOKEN" \\
    "https://api.snyk.io/rest/orgs/$ORG/issues?version=2024-10-15&limit=100" > snyk-issues.json
sluice push snyk-issues.json --asset repo:github.com/acme/shop
```
One page of several counts as a part of the issues only: it closes nothing.
"""
_KINDS = {"code": Kind.SAST, "cloud": Kind.CSPM, "config": Kind.IAC, "custom": Kind.OTHER, "license": Kind.LICENCE}


def _kind(issue: Any) -> Kind:
    return _KINDS.get(str(issue), Kind.SCA)


def _status(status: Any, ignored: Any) -> Said:
    if str(status) == "resolved":
        return Said(ObservationStatus.FIXED, "resolved")
    return Said(ObservationStatus.SUPPRESSED, "ignored") if ignored is True else Said(ObservationStatus.OPEN, status)


def _whole(following: Any, previous: Any) -> bool:
    """Return whether this is the only page; one that is the first may still link to nothing before it."""
    return not following and (not previous or str(previous).endswith("ending_before="))


_A = "attributes"
_C = f"{_A}.coordinates[0]"
_DETECT = ("jsonapi.version", "data[].attributes.effective_severity_level", "data[].attributes.coordinates")

SPEC = ScannerSpec(
    name="snyk_issue_api",
    scanner="snyk",
    title="Snyk (REST API)",
    kinds=(Kind.SCA, Kind.SAST, Kind.IAC, Kind.CSPM, Kind.LICENCE),
    homepage="https://docs.snyk.io/snyk-api",
    setup=_SETUP,
    formats=(
        Format(
            name="snyk-issues-api",
            container="json",
            detect=JsonShape(root="object", has=_DETECT),
            scan=ScanMap(complete=call(_whole, "links.next", "links.prev")),
            maps=(
                Map(
                    each="data[]",
                    kind=call(_kind, f"{_A}.type"),
                    rule_id=f"{_A}.key",
                    title=f"{_A}.title",
                    description=f"{_A}.description",
                    severity=f"{_A}.effective_severity_level",
                    status=call(_status, f"{_A}.status", f"{_A}.ignored"),
                    identifiers=(f"{_A}.problems[].id", ident(f"{_A}.key", "snyk")),
                    cwes=(f"{_A}.classes[].id",),
                    location=first(
                        package(
                            name=f"{_C}.representations[].dependency.package_name",
                            version=f"{_C}.representations[].dependency.package_version",
                        ),
                        code(
                            path=f"{_C}.representations[].sourceLocation.file",
                            start_line=f"{_C}.representations[].sourceLocation.region.start.line",
                            start_column=f"{_C}.representations[].sourceLocation.region.start.column",
                            end_line=f"{_C}.representations[].sourceLocation.region.end.line",
                            end_column=f"{_C}.representations[].sourceLocation.region.end.column",
                        ),
                    ),
                    ratings=each(
                        f"{_A}.severities[]",
                        rating("source", vector="vector", score="score", severity="level", as_of="modification_time"),
                    ),
                    references=(f"{_A}.problems[].url",),
                    exploit_maturity=f"{_A}.exploit_details.maturity_levels[0].level",
                    fingerprints={"snyk": peek("id")},
                    tags=(f"{_A}.tool",),
                    first_detected_at=f"{_A}.created_at",
                    last_detected_at=f"{_A}.updated_at",
                ),
            ),
        ),
        Format(
            name="snyk-issues-api-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("jsonapi.version", "data"), lacks=("data[]",), only=("jsonapi", "data", "links")
            ),
            scan=ScanMap(complete=call(_whole, "links.next", "links.prev")),
            maps=(Map(each="data[]", kind=Kind.SCA, rule_id="id"),),
        ),
    ),
)
