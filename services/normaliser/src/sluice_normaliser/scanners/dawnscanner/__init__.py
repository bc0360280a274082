"""dawnscanner: known vulnerabilities and weaknesses of Ruby applications."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    code,
    const,
    fix,
    rating,
    resource,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
dawn --json --file dawn.json .
sluice push dawn.json --asset repo:github.com/acme/shop
```
"""


def _failed(said: Any) -> str | None:
    return None if said in (None, "", "OK") else f"dawn ended with status {said}"


def _map(path: str, meant: ObservationStatus) -> Map:
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id="name",
        title=template("{name}: {message}"),
        description="message",
        severity=["severity", by("cvss_score", "cvss2")],
        status=const(meant),
        identifiers=("name", "cve_link"),
        location=resource(resource="$.target", resource_type=const("application")),
        ratings=rating(const("nvd"), score="cvss_score"),
        fix=fix(recommendation="remediation"),
        references="cve_link",
    )


SPEC = ScannerSpec(
    name="dawnscanner",
    title="dawnscanner",
    kinds=(Kind.SCA, Kind.SAST),
    aliases=("dawn",),
    homepage="https://github.com/thesp0nge/dawnscanner",
    setup=_SETUP,
    formats=(
        Format(
            name="dawnscanner-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("dawn_version", "mitigated_vuln", "mitigated_vuln_count", "mvc_version"),
                lacks=("scan",),
            ),
            scan=ScanMap(version="dawn_version", scanned_at="scan_started", failure=call(_failed, "status")),
            maps=(
                _map("vulnerabilities[]", ObservationStatus.OPEN),
                _map("mitigated_vuln[]", ObservationStatus.FIXED),
                Map(
                    each="reflected_xss[]",
                    kind=Kind.SAST,
                    rule_id=const("reflected-xss"),
                    title=const("Reflected cross-site scripting"),
                    cwes=const(79),
                    location=code(path="sink_source | file", start_line="sink_line | line", snippet="sink_evidence"),
                ),
            ),
        ),
    ),
)
