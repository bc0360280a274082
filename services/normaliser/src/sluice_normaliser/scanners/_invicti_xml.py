"""The XML of the same family: the vulnerabilities list of Netsparker and Invicti, of the desktop and of the cloud."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Map,
    ScanMap,
    XmlShape,
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
from sluice_normaliser.kit.coerce import boolean, text
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners._invicti import TIMES, WHERE, confidence_of, status_of, suppressed
from sluice_shared.contracts.finding import Compliance, Kind

_STANDARDS = {
    "owasp": "OWASP Top 10 2013",
    "owasp2010": "OWASP Top 10 2010",
    "owasp2013": "OWASP Top 10 2013",
    "owasp2017": "OWASP Top 10 2017",
    "owasp2021": "OWASP Top 10 2021",
    "owaspproactivecontrols": "OWASP Proactive Controls",
    "owasppc": "OWASP Proactive Controls",
    "pci31": "PCI DSS 3.1",
    "pci32": "PCI DSS 3.2",
    "pci40": "PCI DSS 4.0",
    "hipaa": "HIPAA",
    "iso27001": "ISO 27001",
    "asvs40": "OWASP ASVS 4.0",
    "nistsp80053": "NIST SP 800-53",
    "disastig": "DISA STIG",
}

_MONTH_FIRST = "%m/%d/%Y %I:%M %p"


def _standards(classification: Any) -> list[Compliance]:
    """Return the requirements of a classification; the desktop writes its names in capitals."""
    found = ((_STANDARDS.get(key.lower()), text(value)) for key, value in obj(classification).items())
    return [construct(Compliance, {"standard": name, "control": said.strip()}) for name, said in found if name and said]


def _sure(attribute: Any, element: Any, certainty: Any) -> str | None:
    return confidence_of(boolean(attribute) is True or boolean(element) is True, certainty)


def _cvss(name: str) -> Any:
    return rating(const("invicti"), vector=f"{_C}.{name}.vector", score=f"{_C}.{name}.score.value")


_C = "classification"


def _vulnerability(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id="type | name",
        rule_name="name",
        title="name | type",
        description=sections("description", Impact="impact", Exploitation_skills="exploitation-skills"),
        severity="severity",
        confidence=call(_sure, "@confirmed", "confirmed", "certainty"),
        status=call(status_of, "state"),
        identifiers=(
            ident(template(f"CAPEC-{{{_C}.capec | {_C}.CAPEC}}")),
            ident(template(f"WASC-{{{_C}.wasc | {_C}.WASC}}")),
            "knownvulnerabilities.knownvulnerability[].title",
        ),
        cwes=f"{_C}.cwe | {_C}.CWE",
        location=url(
            url="url",
            method="http-request.method",
            parameter="vulnerableparameter | http-request.parameters.parameter[0].@name",
            parameter_in=lookup(
                call(
                    lambda said: (text(said) or "").lower(),
                    "vulnerableparametertype | http-request.parameters.parameter[0].@type",
                ),
                WHERE,
            ),
            status_code="http-response.status-code",
        ),
        ratings=(_cvss("cvss"), _cvss("cvss31"), _cvss("CVSS"), _cvss("CVSS31")),
        fix=fix(recommendation=sections("remedial-procedure", "remedy", Actions="remedial-actions")),
        references=("external-references", "remedy-references"),
        evidence={
            "request": "http-request.content | rawrequest",
            "response": "http-response.content | rawresponse",
            "proof": plain("proof-of-concept"),
            "output": join(
                each("extrainformation.info[]", join("@name", "#text | value", sep=": ")),
                each("extra-information.info[]", join("@name | name", "#text | value", sep=": ")),
            ),
            "known_vulnerabilities": join("knownvulnerabilities.knownvulnerability[].title"),
        },
        compliance=call(_standards, peek(_C)),
        suppressions=when(call(suppressed, "state"), suppression(kind=const("external"), status="state")),
        fingerprints={"invicti_lookup": "LookupId"},
        first_detected_at=timestamp("FirstSeenDate", *TIMES),
        last_detected_at=timestamp("LastSeenDate", *TIMES),
    )


def xml_formats(product: str) -> tuple[Format, Format]:
    """Return the formats of one product's XML, which its root element names: that of the desktop, that of the cloud."""
    desktop = Format(
        name=f"{product}-xml",
        container="xml",
        detect=XmlShape(root=product, any_of=("target", "vulnerability", "vulnerabilities")),
        scan=ScanMap(scanned_at=timestamp("@generated", _MONTH_FIRST, *TIMES), category="target.url"),
        maps=(_vulnerability("vulnerability[]"), _vulnerability("vulnerabilities.vulnerability[]")),
    )
    cloud = Format(
        name=f"{product}-xml-cloud",
        container="xml",
        detect=XmlShape(root=rf"{product}-\w+", any_of=("target", "vulnerabilities")),
        scan=ScanMap(
            scanned_at=first(timestamp("target.initiated", *TIMES), timestamp("@generated", *TIMES)),
            category="target.url",
        ),
        maps=(_vulnerability("vulnerabilities.vulnerability[]"),),
    )
    return desktop, cloud
