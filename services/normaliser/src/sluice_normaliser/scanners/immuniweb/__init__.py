"""ImmuniWeb: penetration tests of web applications."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Grade,
    JsonShape,
    Map,
    ScannerSpec,
    XmlShape,
    call,
    const,
    fix,
    grade,
    host,
    join,
    matching,
    plain,
    rating,
    status,
    template,
    url,
)
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
*ImmuniWeb portal → project → Export → XML*:
```sh
sluice push immuniweb.xml --asset url:https://shop.acme.io
```
The JSON of ImmuniWeb Discovery, with the assets of an organisation, does, too; they are listed as informational.
"""


def _risk(said: Any) -> Grade:
    """Return the severity of a risk; a warning is no more than information."""
    word = text(said) or ""
    return grade("info")._replace(raw=word) if word.strip().lower() == "warning" else grade(word or None)


def _is_asset(name: Any, discovered: Any, remediations: Any) -> bool:
    """Return True for an asset of a list; other entries of the report only say what it is about."""
    return text(name) is not None and (text(discovered) is not None or bool(remediations))


_FOUND = Map(
    each="Vulnerability[]",
    kind=Kind.DAST,
    rule_id="Type | Name",
    title="Name",
    description=plain("Description"),
    severity=call(_risk, "Risk"),
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

_ASSET = Map(
    each="*[]",
    where=call(_is_asset, "name", "discovered", "remediations"),
    kind=Kind.HOST,
    rule_id="^#key",
    title=template("{^#key}: {name}"),
    severity=Severity.INFO,
    location=host(host="name"),
    fix=fix(recommendation=join("remediations[]", sep="\n")),
    references="link",
    tags="tag",
    first_detected_at="discovered",
)

SPEC = ScannerSpec(
    name="immuniweb",
    title="ImmuniWeb",
    kinds=(Kind.DAST, Kind.HOST),
    homepage="https://www.immuniweb.com",
    setup=_SETUP,
    differences={"*": "one per vulnerability; the reference merges those of one title, risk and description"},
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
        Format(
            name="immuniweb-discovery-json",
            container="json",
            detect=JsonShape(
                root="object", has=("domains",), any_of=("domains[].discovered", "domains[].remediations")
            ),
            maps=(_ASSET,),
        ),
    ),
)
