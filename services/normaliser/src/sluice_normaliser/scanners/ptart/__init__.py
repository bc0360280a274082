"""PTART: reports of penetration tests, with their retests."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    first,
    fix,
    ident,
    join,
    peek,
    rating,
    resource,
    sections,
    template,
    url,
    when,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Project › Export › JSON*.
```sh
sluice push ptart.json --asset service:shop
```
A hit that a retest of the report found fixed counts as fixed; each retested hit is kept beside it. Of screenshots and
attachments only their names are kept.
"""
_RETEST = {
    "f": ObservationStatus.FIXED,
    "nf": ObservationStatus.OPEN,
    "pf": ObservationStatus.OPEN,
    "na": ObservationStatus.NOT_APPLICABLE,
    "nt": ObservationStatus.MANUAL,
}
_SAID = {"f": "Fixed", "nf": "Not fixed", "pf": "Partially fixed", "na": "Not applicable", "nt": "Not tested"}


def _retested(said: Any) -> Said:
    code = (words(said) or "").lower()
    return Said(_RETEST.get(code, ObservationStatus.OPEN), _SAID.get(code, words(said)))


def _status(hit: Any, retests: Any) -> Said:
    """Return what the last retest of a hit says that tried it, else that it is open."""
    name = words(hit)
    found = Said(ObservationStatus.OPEN)
    for retest in objs(retests):
        for again in objs(retest.get("hits")):
            if words(obj(again.get("original_hit")).get("id")) == name and (words(again.get("status")) or "") != "NT":
                found = _retested(again.get("status"))
    return found


def _is_address(value: Any) -> bool:
    return "://" in (words(value) or "")


def _reference(value: Any) -> str | None:
    """Return the address of a reference, which is a text or ``{name, url}``."""
    return words(obj(value).get("url")) if isinstance(value, dict) else words(value)


def _place(at: str) -> Any:
    return first(
        when(call(_is_address, f"{at}asset"), url(url=f"{at}asset")),
        resource(resource=f"{at}asset"),
    )


def _hit(at: str, **more: Any) -> Map:
    """Return the map of a hit whose fields are at ``at`` from the record."""
    return Map(
        kind=Kind.DAST,
        rule_id=f"{at}id",
        title=f"{at}title",
        severity=by(f"{at}severity", "5-1"),
        cwes=(f"{at}cwes[].cwe_id", f"{at}cwe"),
        location=_place(at),
        ratings=rating(const("ptart"), vector=f"{at}cvss_vector", score=f"{at}cvss_score"),
        fix=fix(recommendation=f"{at}remediation", effort=f"{at}fix_complexity"),
        references=each(f"{at}references[]", call(_reference, ".", uses=("url",))),
        evidence=(
            each(
                "screenshots[]",
                evidence(type=const("screenshot"), text=join("caption", "screenshot.filename", sep=": ")),
            ),
            each("attachments[]", evidence(type=const("attachment"), text=join("title", "filename", sep=": "))),
        ),
        tags=(f"{at}labels", "^.title | ^.name"),
        first_detected_at=f"{at}added",
        **more,
    )


_HITS = (
    _hit(
        "",
        each="assessments[].hits[]",
        description="body",
        status=call(_status, "id", peek("$.retests")),
        identifiers=(ident("id", scheme="ptart"), "labels"),
        fingerprints={"ptart": "id"},
        ignore=("screenshots", "attachments"),
    ),
    _hit(
        "original_hit.",
        each="retests[].hits[]",
        description=sections("original_hit.body", Retest="body"),
        message=template("Retest {^.name}: {status}"),
        status=call(_retested, "status"),
        identifiers=(ident("original_hit.id", scheme="ptart"), "original_hit.labels"),
        fingerprints={"ptart": "id"},
        ignore=("screenshots", "attachments"),
    ),
)


def _format(name: str, **rule: Any) -> Format:
    detect = JsonShape(root="object", **rule)
    return Format(name=name, container="json", detect=detect, scan=ScanMap(scanned_at="end_date"), maps=_HITS)


SPEC = ScannerSpec(
    name="ptart",
    title="PTART",
    kinds=(Kind.DAST,),
    homepage="https://github.com/certmichelin/PTART",
    setup=_SETUP,
    misses={"components: *": "the reference takes the assessment for a component; it is a tag"},
    formats=(
        _format("ptart-json", any_of=("assessments[].hits", "retests[].hits"), weight=2),
        _format("ptart-json-nothing", has=("assessments",), any_of=("methodologies", "pentesters", "cvss_type")),
    ),
)
