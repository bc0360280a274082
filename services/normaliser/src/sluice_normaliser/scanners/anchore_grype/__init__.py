"""Grype: finds known vulnerabilities in container images, file systems and SBOMs."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    Reading,
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
    image_key,
    image_name,
    lookup,
    matching,
    package,
    peek,
    rating,
    reference,
    suppression,
    template,
    vex,
    when,
)
from sluice_normaliser.kit.shapes import objs
from sluice_shared.contracts.finding import ImageRef, Kind, Observation, ObservationStatus

_SETUP = """
```sh
grype registry.acme.io/shop:1.4 -o json --file grype.json
sluice push grype.json --asset image:registry.acme.io/shop
```
Matches that a rule or a VEX document ignores are kept, as suppressed. `-o jsonl` and `-o csv` are read, too, but do
not say what was scanned, and an empty file is no clean run.
"""


def _kind(source_type: Any, package_type: Any) -> Kind:
    """Return the kind; where the report does not say what was scanned, packages of a system are of an image."""
    in_image = source_type == "image" if source_type else package_type in {"deb", "rpm", "apk"}
    return Kind.CONTAINER if in_image else Kind.SCA


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


_FIXED = "vulnerability.fix.versions[] | vulnerability.fixedInVersion | vulnerability.fixed-in-version"


def _old_scores(version: str) -> Any:
    """Return the one rating of a CVSS version that Grype wrote before 0.14, with dashes before 0.8."""
    dashed = f"cvss-{version.lower()}"
    return rating(
        const("grype"),
        vector=f"vulnerability.cvss{version}.vector | vulnerability.{dashed}.vector",
        score=f"vulnerability.cvss{version}.baseScore | vulnerability.{dashed}.base-score",
    )


def _matches(path: str, *, ignored: bool) -> Map:
    return Map(
        each=path,
        kind=call(_kind, "$.source.type", "artifact.type"),
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
            fixed_versions=_FIXED,
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
            _old_scores("V3"),
            _old_scores("V2"),
            each("vulnerability.epss[]", epss("epss", "percentile", "date")),
        ),
        fix=fix(
            fixed_versions=_FIXED,
            available=lookup("vulnerability.fix.state", {"fixed": True, "not-fixed": False, "wont-fix": False}),
            recommendation=lookup(
                "vulnerability.fix.state",
                {"wont-fix": "The vendor will not fix it", "not-fixed": "There is no fix yet"},
            ),
        ),
        references=(
            "vulnerability.dataSource",
            "vulnerability.urls[]",
            "vulnerability.links[]",
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


def _fixed(told: Any) -> list[str]:
    """Return the versions of ``1.2.3, 2.0.1, ...``; ``(won't fix)`` is none."""
    return [part.strip() for part in str(told or "").split(",") if part.strip()[:1].isalnum()]


_ROW = Map(
    kind=call(lambda sort: _kind(None, sort), "Type"),
    rule_id="Vulnerability",
    title=template("{Vulnerability} in {Name} {Installed}"),
    severity="Severity",
    status=call(
        lambda told: ObservationStatus.SUPPRESSED if "suppressed" in str(told).lower() else None, "Annotations"
    ),
    identifiers=ident("Vulnerability", "vendor"),
    location=package(
        name="Name", version="Installed", ecosystem="Type", fixed_versions=call(_fixed, "Fixed-In | Fixed in")
    ),
    exploit_maturity=matching("Annotations", r"\b(kev)\b"),
)
_SCAN = ScanMap(name="descriptor.name", version="descriptor.version", scanned_at="descriptor.timestamp")
_MAPS = (_matches("matches[]", ignored=False), _matches("ignoredMatches[]", ignored=True))
_COMPILED = tuple(each_.compile() for each_ in _MAPS)


def _several(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of reports one after the other; where they are of several images, each is an asset."""
    reports = objs(document)
    several = len(reports) > 1
    for report in reports:
        for inner in _COMPILED:
            for observation in inner.run((None, report), reading):
                if several and observation.asset is None:
                    observation.asset = image_key(observation)
                yield observation


_DETAILS = ("[].matchDetails", "[].match-details", "[].relatedVulnerabilities")

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
                has=("matches",),
                match={"descriptor.name": r"^grype$"},
                weight=1,
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="grype-json-unnamed",
            container="json",
            detect=JsonShape(
                root="object",
                has=("matches",),
                any_of=("matches[].vulnerability.id", "ignoredMatches[].vulnerability.id", "source.target"),
                lacks=("matches[].Cycle",),
                weight=1,
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="grype-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].matches", "[].source"), match={"[].descriptor.name": "^grype$"}),
            parse=_several,
        ),
        Format(
            name="grype-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].vulnerability.id", "[].artifact.name"), any_of=_DETAILS, weight=1),
            maps=(_matches("[]", ignored=False),),
        ),
        Format(
            name="grype-csv",
            container="csv",
            detect=CsvShape(columns=("Name", "Installed", "Fixed-In", "Type", "Vulnerability", "Severity")),
            maps=(_ROW,),
        ),
    ),
)
