"""ImmuniWeb: penetration tests of web applications."""

from sluice_normaliser.kit import Format, Map, ScannerSpec, XmlShape, const, fix, matching, plain, rating, status, url
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*ImmuniWeb portal → project → Export → XML*:
```sh
sluice push immuniweb.xml --asset url:https://shop.acme.io
```
"""

_FOUND = Map(
    each="Vulnerability[]",
    kind=Kind.DAST,
    rule_id="Type | Name",
    title="Name",
    description=plain("Description"),
    severity="Risk",
    status=status(
        "Status",
        {
            "fixed": ObservationStatus.FIXED,
            "patched": ObservationStatus.FIXED,
            "accepted": ObservationStatus.SUPPRESSED,
        },
    ),
    identifiers=('"CVE-ID"', "Name"),
    cwes='"CWE-ID"',
    location=url(url="URL"),
    ratings=rating(
        const("vendor"),
        vector=matching("CVSSv3", r"(CVSS:[^\]\s]+)"),
        score=matching("CVSSv3", r"^([\d.]+)"),
    ),
    fix=fix(recommendation=plain("Remediation")),
    evidence={"request": "PoC"},
    fingerprints={"immuniweb": "ID"},
    first_detected_at="Date",
)

SPEC = ScannerSpec(
    name="immuniweb",
    title="ImmuniWeb",
    kinds=(Kind.DAST,),
    homepage="https://www.immuniweb.com",
    setup=_SETUP,
    formats=(
        Format(
            name="immuniweb-xml",
            container="xml",
            detect=XmlShape(
                root="Vulnerabilities",
                any_of=(
                    *("Vulnerability.CVSSv3", "Vulnerability.PoC", "Vulnerability.Remediation"),
                    *("Vulnerability.Risk", "Vulnerability.CWE-ID"),
                ),
            ),
            maps=(_FOUND,),
        ),
        Format(
            name="immuniweb-xml-nothing",
            container="xml",
            detect=XmlShape(root="Vulnerabilities", only=()),
            maps=(_FOUND,),
        ),
    ),
)
