"""NeuVector: vulnerabilities, secrets and compliance of images, containers and hosts."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    code,
    compliance,
    const,
    fix,
    ident,
    image,
    package,
    peek,
    rating,
    secret,
    status,
)
from sluice_normaliser.kit.coerce import is_empty
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
curl -H "X-Auth-Token: $TOKEN" "https://neuvector.acme.io:10443/v1/scan/image/$ID" -o image.json
sluice push image.json --asset image:registry.acme.io/shop
```
Images, workloads, hosts and platforms (`/v1/scan/…`) and the standalone scanner give the same report.
"""

_CHECKS = {
    "PASS": ObservationStatus.PASSED,
    "INFO": ObservationStatus.INFORMATIONAL,
    "NOTE": ObservationStatus.INFORMATIONAL,
    "MANUAL": ObservationStatus.MANUAL,
    "ERROR": ObservationStatus.MANUAL,
}


def _filled(record: Any) -> bool:
    """Return False for the empty records that the scanner writes where it found none."""
    return any(not is_empty(value) and value != [""] for value in obj(record).values())


SPEC = ScannerSpec(
    name="neuvector",
    title="NeuVector",
    kinds=(Kind.CONTAINER, Kind.SECRET, Kind.COMPLIANCE),
    homepage="https://open-docs.neuvector.com",
    setup=_SETUP,
    differences={"*": "checks, secrets and set-id files are kept, too; the reference reads vulnerabilities only"},
    formats=(
        Format(
            name="neuvector-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("report.vulnerabilities",),
                any_of=(
                    *("report.modules", "report.checks", "report.setid_perms", "report.cmds", "report.image_id"),
                    *("report.base_os", "report.vulnerabilities[].package_name", "report.vulnerabilities[].score_v3"),
                ),
            ),
            maps=(
                Map(
                    each="report.vulnerabilities[]",
                    kind=Kind.CONTAINER,
                    rule_id="name",
                    title="name",
                    description="description",
                    severity=["severity", "feed_rating", by("score_v3", "cvss")],
                    identifiers=(ident("name", "vendor"), "cves[]"),
                    location=package(
                        name="package_name",
                        version="package_version",
                        cpe="cpes[0]",
                        fixed_versions="fixed_version",
                        path="file_name",
                        image=image(
                            name="$.report.repository",
                            tag="$.report.tag",
                            digest="$.report.digest",
                            image_id="$.report.image_id",
                            os="$.report.base_os",
                        ),
                    ),
                    ratings=(
                        rating(const("neuvector"), vector="vectors_v3", score="score_v3", version=const("3.1")),
                        rating(const("neuvector"), vector="vectors", score="score", version=const("2.0")),
                    ),
                    references=("link",),
                    tags=("tags[]",),
                    published_at="published_timestamp",
                ),
                Map(
                    each="report.checks[]",
                    where=call(_filled, "."),
                    kind=Kind.COMPLIANCE,
                    rule_id="test_number",
                    title="description",
                    message="message",
                    severity=by("level", "verdict"),
                    status=status("level", _CHECKS),
                    fix=fix(recommendation="remediation"),
                    compliance=compliance(standard="catalog", control="test_number", title="profile"),
                    tags=("group", "type"),
                ),
                Map(
                    each="report.secrets[]",
                    where=call(_filled, "."),
                    kind=Kind.SECRET,
                    rule_id="type",
                    title="type",
                    location=code(path="path"),
                    severity=Severity.HIGH,
                    fix=fix(recommendation="suggestion"),
                    secret=secret(type="type", match="evidence"),
                ),
                Map(
                    each="report.setid_perms[]",
                    where=call(_filled, "."),
                    kind=Kind.CONTAINER,
                    rule_id="type",
                    title=peek("evidence | type"),
                    status=ObservationStatus.INFORMATIONAL,
                    location=code(path="path"),
                    evidence={"output": "evidence"},
                ),
            ),
        ),
    ),
)
