"""Crashtest Security: finds problems in running web applications and their servers."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    const,
    fix,
    matching,
    package,
    peek,
    rating,
    template,
    url,
    when,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
The findings of a scan with their descriptions, from the API or a webhook of the project:
```sh
sluice push crashtest.json --asset url:https://shop.acme.io --scanner crashtest_security
```
The JUnit report does, too, when the scanner is named.
Known vulnerabilities of a recognised product are findings of their own.
"""
_V3 = (
    ("AV", "cvssAttackVector", "NALP"),
    ("AC", "cvssAttackComplexity", "LH"),
    ("PR", "cvssPrivilegesRequired", "NLH"),
    ("UI", "cvssUserInteraction", "NR"),
    ("S", "cvssScope", "UC"),
    ("C", "cvssConfidentiality", "NLH"),
    ("I", "cvssIntegrity", "NLH"),
    ("A", "cvssAvailability", "NLH"),
)
"""CVSS 3 metrics, the names Crashtest gives them, and their values in the order of its numbers, from 1."""
_V2 = (
    ("AV", "vector"),
    ("AC", "complexity"),
    ("Au", "authentication"),
    ("C", "confidentiality"),
    ("I", "integrity"),
    ("A", "availability"),
)


def _vector(description: Any) -> str | None:
    """Return the CVSS 3 vector of a description, whose metrics are numbers."""
    found: list[str] = []
    for metric, name, values in _V3:
        number = integer(obj(description).get(name)) or 0
        if not 0 < number <= len(values):
            return None
        found.append(f"{metric}:{values[number - 1]}")
    return "CVSS:3.0/" + "/".join(found)


def _old_vector(*said: Any) -> str | None:
    """Return the CVSS 2 vector of metrics that are written out: ``NETWORK``, ``PARTIAL``."""
    if not all(map(words, said)):
        return None
    return "/".join(f"{metric}:{str(value)[:1].upper()}" for (metric, _), value in zip(_V2, said, strict=True))


def _entry(name: str | None, descriptions: str, slug: str) -> Any:
    """Return an expression for a field of the description that a finding names (the whole one without a name)."""

    def find(wanted: Any, listed: Any) -> Any:
        found = next((item for item in objs(listed) if item.get("slug") == wanted), {})
        return _vector(found) if name is None else found.get(name)

    return call(find, slug, peek(descriptions))


def _maps(at: str) -> tuple[Map, Map]:
    descriptions = f"$.{at}descriptions"

    def told(name: str | None) -> Any:
        return _entry(name, descriptions, "finding_description_slug")

    finding = Map(
        each=f"{at}findings.*[]",
        kind=Kind.DAST,
        rule_id="finding_description_slug",
        rule_name=told("title"),
        title=told("title"),
        description=told("description"),
        message="information",
        severity=by(told("baseScore"), "cvss"),
        location=url(
            url=matching(
                "information", r"(?<![\w.])(https?://[^\s\"']+?|[\w-]+(?:\.[\w-]+)+/[^\s\"']*?)[.,]?(?=[\s\"']|$)"
            ),
            method=matching("information", r"(?i)(?:method \"|by using a |\()(get|post|put|delete|patch|head)\b"),
            parameter=matching("information", r"parameter [\"']?([^\s\"']+)"),
        ),
        related_locations=when(
            "product",
            package(name="product", version="version"),
        ),
        ratings=rating(const("crashtest"), vector=told(None), score=told("baseScore"), method=RatingMethod.CVSS_V3),
        fix=fix(recommendation=told("how_to_fix")),
        references=(told("reference_owasp"), told("reference_resolution")),
        evidence={
            "attack": matching("information", r"payload [\"']?(.+?)[\"']?$"),
            "request": "details.request.request",
            "response": "details.response",
        },
        tags=("service_type",),
        first_detected_at="created_at",
        ignore=("cve_findings", "details.request.has_findings"),
    )
    known = Map(
        each=f"{at}findings.*[].cve_findings[]",
        kind=Kind.DAST,
        rule_id="cve_id",
        title=template("{cve_id} in {product} {version}"),
        description="information",
        severity=by("cvss", "cvss2"),
        identifiers="cve_id",
        location=package(name="product", version="version"),
        ratings=rating(
            const("nvd"),
            vector=call(_old_vector, *(name for _, name in _V2)),
            score="cvss",
            method=RatingMethod.CVSS_V2,
        ),
        first_detected_at="^.created_at",
        tags=("^.service_type",),
    )
    return finding, known


def _failures(path: str) -> Map:
    """Return the map of the failures of the JUnit report; one of the type `error` is the scanner's own."""
    return Map(
        each=path,
        where=call(_is_finding, "@type"),
        kind=Kind.DAST,
        rule_id=matching("^.@name", r"^(.*?)(?: \(\d+\))?$"),
        title=matching("^.@name", r"^(.*?)(?: \(\d+\))?$"),
        description="@message | #text",
        severity=by("@type", "web"),
        identifiers="^.@name",
        location=url(url=matching("@message", r"(https?://[^\s\"']+?)[.,]?(?=[\s\"']|$)")),
        fingerprints={"classname": "^.@classname"},
    )


def _is_finding(kind: Any) -> bool:
    return (words(kind) or "").lower() != "error"


def _errors(suites: Any, cases: Any) -> str | None:
    """Return what the scanner could not test."""
    listed = [*(case for suite in items_of(suites) for case in items_of(obj(suite).get("testcase"))), *items_of(cases)]
    failures = [obj(each) for case in listed for each in items_of(obj(case).get("failure"))]
    told = [words(each.get("@message")) or "error" for each in failures if not _is_finding(each.get("@type"))]
    return "; ".join(told[:5]) or None


_CASES = ("testsuite[].testcase[].", "testcase[].")
_JSON = tuple(
    Format(
        name=f"crashtest-security-json{name}",
        container="json",
        detect=JsonShape(
            root="object",
            has=(f"{at}findings", f"{at}descriptions"),
            any_of=(
                f"{at}findings.ssl",
                f"{at}findings.xss",
                f"{at}findings.sqlinjection",
                f"{at}findings.portscan",
                f"{at}findings.fingerprinting",
                f"{at}descriptions[].reference_resolution",
            ),
        ),
        maps=_maps(at),
    )
    for name, at in (("", ""), ("-api", "data."))
)


SPEC = ScannerSpec(
    name="crashtest_security",
    title="Crashtest Security",
    kinds=(Kind.DAST,),
    aliases=("crashtest",),
    homepage="https://crashtest-security.com",
    setup=_SETUP,
    formats=(
        *_JSON,
        Format(
            name="crashtest-security-junit",
            container="xml",
            # any tool writes JUnit: this is for reports that are said to be Crashtest's
            detect=XmlShape(root="testsuites?", weight=-9.0),
            scan=ScanMap(failure=call(_errors, peek("testsuite"), peek("testcase"))),
            maps=tuple(_failures(f"{at}failure[]") for at in _CASES),
        ),
    ),
)
