"""Kiuwan Insights (SCA): vulnerable components of an application."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    epss,
    ident,
    package,
    rating,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SETUP = """
```sh
curl -u "$USER:$TOKEN" "https://api.kiuwan.com/insights/analysis/vulnerabilities?analysisCode=$CODE" > kiuwan.json
sluice push kiuwan.json --asset app:shop --scanner kiuwan_sca
```
One finding for each component of a vulnerability. Muted vulnerabilities count as suppressed.
"""


def _is_true(value: Any) -> bool:
    return boolean(value) is True


def _status(muted: Any) -> ObservationStatus:
    return ObservationStatus.SUPPRESSED if _is_true(muted) else ObservationStatus.OPEN


def _group(artifact: Any) -> str | None:
    """Return the group of ``org.acme:shop``."""
    group, colon, _ = (words(artifact) or "").rpartition(":")
    return group if colon else None


def _name(artifact: Any) -> str | None:
    return (words(artifact) or "").rpartition(":")[2] or None


def _ecosystem(artifact: Any) -> str | None:
    return "maven" if _group(artifact) else None


def _vulnerability(at: str, **more: Any) -> Map:
    """Return the map of a vulnerability whose fields are at ``at`` from the record."""
    return Map(
        kind=Kind.SCA,
        rule_id=f"{at}cve | {at}id",
        title=f"{at}cve | {at}id",
        description=f"{at}description",
        severity=f"{at}securityRisk",
        status=call(_status, f"{at}muted"),
        identifiers=(f"{at}cve", ident(f"{at}id", scheme="kiuwan")),
        cwes=f"{at}cwe",
        ratings=(
            rating(const("kiuwan"), score=f"{at}cVSSv2BaseScore", method=RatingMethod.CVSS_V2),
            rating(const("kiuwan"), score=f"{at}cVSSv3BaseScore", method=RatingMethod.CVSS_V3),
            epss(f"{at}epss_score", f"{at}epss_percentile"),
        ),
        suppressions=when(call(_is_true, f"{at}muted"), suppression(kind=const("external"), status=const("accepted"))),
        **more,
    )


SPEC = ScannerSpec(
    name="kiuwan_sca",
    title="Kiuwan Insights (SCA)",
    kinds=(Kind.SCA,),
    aliases=("kiuwan_insights",),
    homepage="https://www.kiuwan.com/insights-open-source",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="kiuwan-sca-json",
            container="json",
            detect=JsonShape(
                root="array",
                any_of=("[].securityRisk", "[].privateVulnerability", "[].cVSSv3BaseScore", "[].cVSSv2BaseScore"),
                weight=2,
            ),
            maps=(
                _vulnerability(
                    "^.",
                    each="[].components[]",
                    location=package(
                        namespace=call(_group, "artifact"),
                        name=call(_name, "artifact"),
                        version="version",
                        ecosystem=call(_ecosystem, "artifact"),
                    ),
                ),
                _vulnerability("", each="[]", where=call(lambda components: not components, "components")),
            ),
        ),
    ),
)
