"""Reports of one family: Netsparker, Invicti (its new name) and Acunetix 360 write the same JSON."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    ScanMap,
    call,
    const,
    construct,
    each,
    first,
    fix,
    ident,
    join,
    lookup,
    peek,
    plain,
    rating,
    sections,
    suppression,
    template,
    timestamp,
    url,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj, objs
from sluice_shared.contracts.finding import Compliance, Kind, ObservationStatus, RatingMethod

TIMES = ("%d/%m/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S (UTC%z)", "%m/%d/%Y %I:%M:%S %p (UTC%z)", "%d/%m/%Y %H:%M")
"""How its dates are written: day first in the cloud, month first with an offset on the desktop."""

KEYS = ("Vulnerabilities",)
TOLD = (
    *("Generated", "Target.ScanId", "Target.Initiated"),
    *(f"Vulnerabilities[].{name}" for name in ("LookupId", "Classification", "Certainty", "RemedialProcedure")),
)
"""What every one of its reports has, and of what it has a part."""

WHERE = {
    "querystring": "query",
    "get": "query",
    "post": "body",
    "json": "body",
    "xml": "body",
    "header": "header",
    "cookie": "cookie",
    "rawurlinjection": "path",
    "urlrewrite": "path",
}
"""Where a parameter stands, by what Invicti calls its type."""
_STANDARDS = {
    "Owasp": "OWASP Top 10 2013",
    "Owasp2017": "OWASP Top 10 2017",
    "Owasp2021": "OWASP Top 10 2021",
    "OwaspProactiveControls": "OWASP Proactive Controls",
    "OwaspApiTop10": "OWASP API Top 10",
    "OwaspApiTop102023": "OWASP API Top 10 2023",
    "Pci31": "PCI DSS 3.1",
    "Pci32": "PCI DSS 3.2",
    "Pci40": "PCI DSS 4.0",
    "Hipaa": "HIPAA",
    "Iso27001": "ISO 27001",
    "Asvs40": "OWASP ASVS 4.0",
    "Nistsp80053": "NIST SP 800-53",
    "DisaStig": "DISA STIG",
}


def _standards(classification: Any) -> list[Compliance]:
    found = obj(classification)
    return [
        construct(Compliance, {"standard": name, "control": control.strip()})
        for key, name in _STANDARDS.items()
        if (control := text(found.get(key))) is not None
    ]


def status_of(state: Any) -> Said:
    """Return the status of a state such as ``Present``, ``Revived`` or ``Present, AcceptedRisk``."""
    said = text(state)
    words = {word.strip().lower() for word in (said or "").split(",")}
    if words & {"acceptedrisk", "falsepositive", "ignored", "accepted risk", "false positive"}:
        return Said(ObservationStatus.SUPPRESSED, said)
    if any(word.startswith("fixed") for word in words):
        return Said(ObservationStatus.FIXED, said)
    return Said(ObservationStatus.OPEN, said)


def suppressed(state: Any) -> bool:
    """Return True for a state that says that the result should not count."""
    return status_of(state).status is ObservationStatus.SUPPRESSED


def confidence_of(confirmed: Any, certainty: Any) -> str | None:
    """Return ``confirmed``, or the certainty in per cent, which at 100 is not yet a confirmation."""
    if confirmed is True:
        return "confirmed"
    sure = text(certainty)
    return None if sure is None else "high" if sure == "100" else f"{sure}%"


def _known(listed: Any) -> str | None:
    """Return what is known of the software that was found, a line each."""
    told = (f"{text(each_.get('Title')) or ''} ({text(each_.get('Severity')) or '?'})" for each_ in objs(listed))
    return "\n".join(told) or None


def _vulnerable(parameters: Any, part: str) -> str | None:
    listed = objs(parameters)
    chosen = next((each_ for each_ in listed if each_.get("Vulnerable") is True), None)
    return None if chosen is None else text(chosen.get(part))


_PARAMETERS = peek("HttpRequest.Parameters")
_C = "Classification"

VULNERABILITIES = Map(
    each="Vulnerabilities[] | List[]",
    kind=Kind.DAST,
    rule_id="Type | Name",
    rule_name="Name",
    title="Name | Title",
    description=sections("Description", Impact="Impact", Exploitation_skills="ExploitationSkills"),
    severity="Severity",
    confidence=call(confidence_of, "Confirmed", "Certainty"),
    status=call(status_of, "State"),
    identifiers=(
        ident(template(f"CAPEC-{{{_C}.Capec}}")),
        ident(template(f"WASC-{{{_C}.Wasc}}")),
        ident(call(_known, peek("KnownVulnerabilities"))),
    ),
    cwes=f"{_C}.Cwe",
    location=url(
        url="Url",
        method="HttpRequest.Method",
        parameter=call(lambda found: _vulnerable(found, "Name"), _PARAMETERS),
        parameter_in=lookup(call(lambda found: _vulnerable(found, "Type"), _PARAMETERS), WHERE),
        status_code="HttpResponse.StatusCode",
    ),
    ratings=(
        rating(
            const("invicti"),
            vector=f"{_C}.Cvss.Vector",
            score=f"{_C}.Cvss.BaseScore.Value",
            method=RatingMethod.CVSS_V3,
        ),
        rating(
            const("invicti"),
            vector=f"{_C}.Cvss31.Vector",
            score=f"{_C}.Cvss31.BaseScore.Value",
            method=RatingMethod.CVSS_V31,
        ),
        rating(
            const("invicti"),
            vector=f"{_C}.Cvss40.Vector",
            score=f"{_C}.Cvss40.BaseScore.Value",
            method=RatingMethod.CVSS_V4,
        ),
    ),
    fix=fix(recommendation=sections("RemedialProcedure", Actions="RemedialActions")),
    references=("ExternalReferences", "RemedyReferences"),
    evidence={
        "request": "HttpRequest.Content",
        "response": "HttpResponse.Content",
        "known_vulnerabilities": call(_known, "KnownVulnerabilities"),
        "proof": plain("ProofOfConcept"),
        "output": join(each("ExtraInformation[]", template("{Name}: {Value}"))),
    },
    compliance=call(_standards, peek(_C)),
    suppressions=when(call(suppressed, "State"), suppression(kind=const("external"), status="State")),
    fingerprints={"invicti_lookup": "LookupId"},
    first_detected_at=timestamp("FirstSeenDate", *TIMES),
    last_detected_at=timestamp("LastSeenDate", *TIMES),
    ignore=("HttpRequest.Parameters",),
)
"""Every vulnerability of a report."""

SCAN = ScanMap(
    scanned_at=first(timestamp("Target.Initiated", *TIMES), timestamp("Generated", *TIMES)), category="Target.Url"
)
"""What a report says about its scan."""

SAYS_ACUNETIX = r"Acunetix"
SAYS_NETSPARKER = r"Netsparker"
NAMES_ITSELF = "Vulnerabilities[].Description"
"""Where the product that found it is named."""
