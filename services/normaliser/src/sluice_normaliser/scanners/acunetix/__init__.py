"""Acunetix: scans web applications from outside (Acunetix XML, and Acunetix 360 JSON)."""

from typing import Any
from urllib.parse import urljoin

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    call,
    code,
    const,
    each,
    fix,
    matching,
    plain,
    rating,
    reference,
    sections,
    suppression,
    timestamp,
    url,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners._invicti import KEYS, NAMES_ITSELF, SAYS_ACUNETIX, SCAN, TOLD, VULNERABILITIES
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SETUP = """
Acunetix: *Scans → a scan → Generate report → Export as XML*. Acunetix 360: *Export → Vulnerabilities List as JSON*.
```sh
sluice push acunetix.xml --asset app:shop
```
A scan that was aborted counts as a part and resolves nothing. An empty report of Acunetix 360 is taken for Invicti's
unless the scanner is named.
"""
_TIMES = ("%d/%m/%Y, %H:%M:%S",)


def _address(start: Any, crawled: Any, affects: Any) -> str | None:
    """Return the URL of a finding: what it affects, seen from where the scan began."""
    base = text(start)
    if base is None:
        return text(affects)
    base = base.strip()
    if "://" not in base:
        scheme = (text(crawled) or "").partition("://")[0]
        base = f"{scheme if scheme in ('http', 'https') else 'http'}://{base}"
    place = (text(affects) or "").strip()
    return urljoin(base, place) if place.startswith(("/", "http://", "https://")) else base


def _parameter(name: Any) -> str | None:
    found = (text(name) or "").strip()
    return None if found in {"", "<empty>"} else found


def _false_positive(word: Any) -> bool:
    return (text(word) or "").strip().lower() in {"1", "true", "yes"}


def _status(word: Any) -> ObservationStatus:
    return ObservationStatus.SUPPRESSED if _false_positive(word) else ObservationStatus.OPEN


def _ran_through(aborted: Any) -> bool:
    said = aborted if isinstance(aborted, list) else [aborted]
    return not any((text(each_) or "").strip().lower() == "true" for each_ in said)


_ITEMS = Map(
    each="Scan[].ReportItems.ReportItem[]",
    kind=Kind.DAST,
    rule_id="ModuleName | Name",
    rule_name="Name",
    title="Name",
    description=sections("Description", Impact="Impact", Detailed_information="DetailedInformation"),
    message=plain("Details"),
    severity="Severity",
    status=call(_status, "IsFalsePositive"),
    identifiers=("CVEList.CVE[]",),
    cwes=("CWEList.CWE[].@id", "CWEList.CWE[]", "CWEList.CWE[].#text"),
    location=url(
        url=call(_address, "^.StartURL", "^.Crawler.@StartUrl", "Affects"),
        method=matching("TechnicalDetails.Request", r"^\s*([A-Z]+) "),
        parameter=call(_parameter, "Parameter"),
    ),
    related_locations=code(path="AOP_SourceFile", start_line="AOP_SourceLine", snippet="AOP_Additional"),
    ratings=(
        rating(const("acunetix"), vector="CVSS3.Descriptor", score="CVSS3.Score", method=RatingMethod.CVSS_V3),
        rating(const("acunetix"), vector="CVSS.Descriptor", score="CVSS.Score", method=RatingMethod.CVSS_V2),
        rating(const("acunetix"), vector="CVSS4.Descriptor", score="CVSS4.Score", method=RatingMethod.CVSS_V4),
    ),
    fix=fix(recommendation=plain("Recommendation")),
    references=each("References.Reference[]", reference(url="URL", title="Database")),
    evidence={"request": "TechnicalDetails.Request", "response": "TechnicalDetails.Response"},
    suppressions=when(
        call(_false_positive, "IsFalsePositive"), suppression(kind=const("external"), status=const("false positive"))
    ),
    tags=("Type", "^.WebServer"),
    ignore=("@id", "@color", "CVSS", "CVSS3", "CVSS4", "References", "CWEList", "CVEList"),
)

SPEC = ScannerSpec(
    name="acunetix",
    title="Acunetix",
    kinds=(Kind.DAST,),
    aliases=("acunetix360", "acunetix-360", "wvs"),
    homepage="https://www.acunetix.com",
    setup=_SETUP,
    formats=(
        Format(
            name="acunetix-xml",
            container="xml",
            detect=XmlShape(root="ScanGroup", has=("Scan",), weight=1),
            scan=ScanMap(
                scanned_at=timestamp("Scan[0].StartTime", *_TIMES),
                category="Scan[0].StartURL",
                complete=call(_ran_through, "Scan[].Aborted"),
            ),
            maps=(_ITEMS,),
        ),
        Format(
            name="acunetix-360-json",
            container="json",
            detect=JsonShape(root="object", has=KEYS, any_of=TOLD, match={NAMES_ITSELF: SAYS_ACUNETIX}),
            scan=SCAN,
            maps=(VULNERABILITIES,),
        ),
        Format(
            name="acunetix-360-json-none",
            container="json",
            detect=JsonShape(root="object", has=KEYS, any_of=TOLD, weight=-1.0),
            scan=SCAN,
            maps=(VULNERABILITIES,),
        ),
    ),
)
