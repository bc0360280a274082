"""Grype: finds known vulnerabilities in container images, file systems and SBOMs."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    construct,
    each,
    epss,
    fix,
    ident,
    image_name,
    lookup,
    package,
    peek,
    rating,
    reference,
    suppression,
    template,
    vex,
    when,
)
from sluice_shared.contracts.finding import ImageRef, Kind, ObservationStatus

_SETUP = """
```sh
grype registry.acme.io/shop:1.4 -o json --file grype.json
sluice push grype.json --asset image:registry.acme.io/shop
```
Matches that a rule or a VEX document ignores are kept, as suppressed.
"""


def _kind(source_type: Any) -> Kind:
    return Kind.CONTAINER if source_type == "image" else Kind.SCA


def _image(source: Any, distribution: Any, locations: Any) -> ImageRef | None:
    target = source.get("target") if isinstance(source, dict) and source.get("type") == "image" else None
    if not isinstance(target, dict):
        return None
    system = distribution if isinstance(distribution, dict) else {}
    asked = image_name(_text(target.get("userInput")) or "")
    place = locations[0] if isinstance(locations, list) and locations else {}
    layers = [layer.get("digest") for layer in target.get("layers") or [] if isinstance(layer, dict)]
    layer = place.get("layerID") if isinstance(place, dict) else None
    return construct(
        ImageRef,
        {
            "name": asked.name or None,
            "tag": asked.tag,
            "digest": _text(target.get("manifestDigest")) or asked.digest,
            "image_id": _text(target.get("imageID")),
            "os": " ".join(str(system[key]) for key in ("name", "version") if system.get(key)) or None,
            "layer_digest": _text(layer),
            "layer_index": layers.index(layer) if layer and layer in layers else None,
        },
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _database(namespace: Any) -> str:
    """Return ``github`` of ``github:language:python``, ``redhat`` of ``redhat:distro:redhat:8``."""
    return str(namespace or "grype").split(":", 1)[0]


def _scores(path: str, namespace: str) -> Any:
    return each(
        f"{path}.cvss[]",
        rating(
            call(lambda source, space: source or _database(space), "source", namespace),
            vector="vector",
            score="metrics.baseScore",
            version="version",
        ),
    )


def _vendor(namespace: str, severity: str) -> Any:
    return rating(call(_database, namespace), severity=severity, method=None)


def _matches(path: str, *, ignored: bool) -> Map:
    return Map(
        each=path,
        kind=call(_kind, "$.source.type"),
        rule_id="vulnerability.id",
        title=template("{vulnerability.id} in {artifact.name} {artifact.version}"),
        description="vulnerability.description | relatedVulnerabilities[0].description",
        severity=by("vulnerability.severity", source=call(_database, "vulnerability.namespace")),
        status=ObservationStatus.SUPPRESSED if ignored else None,
        identifiers=(
            ident("vulnerability.id", "vendor", source="vulnerability.namespace"),
            each("relatedVulnerabilities[]", ident("id", "vendor", source="namespace")),
            each("vulnerability.advisories[]", ident("id", "vendor")),
        ),
        cwes=("vulnerability.cwes[].cwe", "relatedVulnerabilities[].cwes[].cwe"),
        location=package(
            name="artifact.name",
            version="artifact.version",
            purl="artifact.purl",
            cpe="artifact.cpes[0]",
            ecosystem="artifact.type",
            path="artifact.locations[0].path",
            fixed_versions="vulnerability.fix.versions[]",
            affected_range="matchDetails[0].found.versionConstraint",
            image=call(_image, "$.source", "$.distro", peek("artifact.locations")),
        ),
        related_locations=each(
            "artifact.locations[]",
            package(name="^.artifact.name", version="^.artifact.version", path="path"),
            where="#key",
        ),
        ratings=(
            _vendor("vulnerability.namespace", "vulnerability.severity"),
            _scores("vulnerability", "^.vulnerability.namespace"),
            each(
                "relatedVulnerabilities[]",
                rating(call(_database, "namespace"), severity="severity"),
            ),
            _scores("relatedVulnerabilities[]", "^.namespace"),
            each("vulnerability.epss[]", epss("epss", "percentile", "date")),
        ),
        fix=fix(
            fixed_versions="vulnerability.fix.versions[]",
            available=lookup("vulnerability.fix.state", {"fixed": True, "not-fixed": False, "wont-fix": False}),
            recommendation=lookup(
                "vulnerability.fix.state",
                {"wont-fix": "The vendor will not fix it", "not-fixed": "There is no fix yet"},
            ),
        ),
        references=(
            "vulnerability.dataSource",
            "vulnerability.urls[]",
            each("vulnerability.advisories[]", reference(url="link", title="id", type=const("advisory"))),
            "relatedVulnerabilities[].dataSource",
            "relatedVulnerabilities[].urls[]",
        ),
        exploit_maturity=when(peek("vulnerability.knownExploited"), const("known_exploited")),
        suppressions=each(
            "appliedIgnoreRules[]",
            suppression(kind=const("policy"), status=const("accepted"), justification="reason | vex-justification"),
        )
        if ignored
        else None,
        vex=vex(status="appliedIgnoreRules[0].vex-status", justification="appliedIgnoreRules[0].vex-justification")
        if ignored
        else None,
        ignore=(
            "artifact.cpes[]",  # all guesses of one name
            "vulnerability.cvss[].type",
            "vulnerability.cwes[].cve",
            "vulnerability.epss[].cve",
            "relatedVulnerabilities[].cvss[].type",
            "relatedVulnerabilities[].cwes[].cve",
            "artifact.locations[].layerID",
            "vulnerability.cvss[].metrics",  # they follow from the vector
            "relatedVulnerabilities[].cvss[].metrics",
        ),
    )


SPEC = ScannerSpec(
    name="anchore_grype",
    scanner="grype",
    title="Grype",
    kinds=(Kind.CONTAINER, Kind.SCA),
    homepage="https://github.com/anchore/grype",
    setup=_SETUP,
    formats=(
        Format(
            name="grype-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("matches", "source", "descriptor"),
                match={"descriptor.name": r"^grype$"},
            ),
            scan=ScanMap(name="descriptor.name", version="descriptor.version", scanned_at="descriptor.timestamp"),
            maps=(_matches("matches[]", ignored=False), _matches("ignoredMatches[]", ignored=True)),
        ),
    ),
)
