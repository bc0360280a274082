"""What Clair's reports say, version by version; each record is a vulnerability of a package."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Reading,
    Said,
    by,
    call,
    const,
    construct,
    each,
    fix,
    ident,
    image_name,
    package,
    peek,
    rating,
    template,
)
from sluice_normaliser.kit.severity import grade
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import ImageRef, Kind, Observation, ObservationStatus, RatingMethod


def _image(reference: Any, digest: Any = None, layer: Any = None, system: Any = None) -> ImageRef:
    asked = image_name(words(reference) or "")
    return construct(
        ImageRef,
        {
            "name": asked.name or None,
            "tag": asked.tag,
            "digest": words(digest) or asked.digest,
            "layer_digest": words(layer),
            "os": words(system),
        },
    )


def _system(namespace: Any) -> str | None:
    """Return ``ubuntu`` of ``ubuntu:18.04``."""
    return (words(namespace) or "").split(":", 1)[0] or None


def _status(name: Any, severity: Any, document: Any) -> Said:
    """Return suppressed for what the whitelist approves.

    ``unapproved`` lacks what is approved and what is below the threshold; the latter is open all the same. Whatever is
    as bad as something unapproved is above the threshold, so that only the whitelist can have left it out.
    """
    unapproved = {str(name_) for name_ in arr(obj(document).get("unapproved"))}
    if not unapproved or str(name) in unapproved:
        return Said(ObservationStatus.OPEN)
    ranks = [
        grade(found.get("severity")).severity.rank
        for found in objs(obj(document).get("vulnerabilities"))
        if found.get("vulnerability") in unapproved
    ]
    approved = bool(ranks) and grade(severity).severity.rank >= min(ranks)
    return Said(ObservationStatus.SUPPRESSED, "approved") if approved else Said(ObservationStatus.OPEN)


SCANNER = Map(
    each="vulnerabilities[]",
    kind=Kind.CONTAINER,
    rule_id="vulnerability",
    title=template("{vulnerability} in {featurename} {featureversion}"),
    description="description",
    severity=by("severity", source="namespace"),
    status=call(_status, "vulnerability", "severity", peek("$")),
    identifiers=ident("vulnerability", "vendor", source="namespace"),
    location=package(
        name="featurename",
        version="featureversion",
        ecosystem=call(_system, "namespace"),
        fixed_versions="fixedby",
        image=call(_image, "$.image", const(None), const(None), "namespace"),
    ),
    ratings=rating("namespace", severity="severity", method=RatingMethod.VENDOR),
    fix=fix(available=call(lambda version: words(version) is not None, "fixedby")),
    references="link",
)

_METADATA = "Metadata.NVD.CVSSv{0}.{1} | Metadata.nvd.cvssv{0}.{2}"


def _feature(records: str, name: str, version: str, digest: Any) -> Map:
    return Map(
        each=records,
        kind=Kind.CONTAINER,
        rule_id="Name",
        title=template(f"{{Name}} in {{{name}}} {{{version}}}"),
        description="Description",
        severity=by("Severity", source="NamespaceName"),
        identifiers=ident("Name", "vendor", source="NamespaceName"),
        location=package(
            name=name,
            version=version,
            ecosystem=call(_system, "NamespaceName"),
            fixed_versions="FixedBy",
            image=digest,
        ),
        ratings=(
            rating("NamespaceName", severity="Severity", method=RatingMethod.VENDOR),
            *(
                rating(
                    const("nvd"),
                    vector=_METADATA.format(major, "Vectors", "vectors"),
                    score=_METADATA.format(major, "Score", "score"),
                )
                for major in ("2", "3")
            ),
        ),
        fix=fix(available=call(lambda fixed: words(fixed) is not None, "FixedBy")),
        references="Link",
    )


KLAR = _feature("Vulnerabilities.*[]", "FeatureName", "FeatureVersion", None)

FEATURES = _feature(
    "Features[].Vulnerabilities[]",
    "^.Name",
    "^.Version",
    call(_image, const(None), const(None), "^.AddedBy", "^^.NamespaceName"),
)

_MATCH = Map(
    each="[]",
    kind=Kind.CONTAINER,
    rule_id="vulnerability.name",
    title=template("{vulnerability.name} in {package.name} {package.version}"),
    description="vulnerability.description",
    severity=[
        by("vulnerability.normalized_severity", source="vulnerability.updater"),
        by("vulnerability.severity", source="vulnerability.updater"),
        by("scores[0].baseScore", "cvss", source=const("nvd")),
    ],
    identifiers=(ident("vulnerability.name", "vendor", source="vulnerability.updater"), "vulnerability.links"),
    location=package(
        name="package.name",
        version="package.version",
        ecosystem="distribution.did | vulnerability.distribution.did | vulnerability.repository.name | package.kind",
        cpe="package.cpe",
        path="environment.package_db",
        fixed_versions="vulnerability.fixed_in_version",
        image=call(_image, const(None), "manifest", "environment.introduced_in", "distribution.pretty_name"),
    ),
    ratings=(
        rating("vulnerability.updater", severity="vulnerability.severity", method=RatingMethod.VENDOR),
        each("scores[]", rating(const("nvd"), vector="vectorString", score="baseScore", version="version")),
    ),
    fix=fix(available=call(lambda fixed: words(fixed) is not None, "vulnerability.fixed_in_version")),
    references="vulnerability.links",
    published_at="vulnerability.issued",
    ignore=(
        "manifest",
        "vulnerability.package",
        "vulnerability.distribution",
        "vulnerability.id",
        "package.id",
        "scores",
    ),
).compile()


def _scores(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the scores that enrichers added, by the number of the vulnerability."""
    found: dict[str, list[dict[str, Any]]] = {}
    for listed in obj(document.get("enrichments")).values():
        for number, scores in (pair for enriched in objs(listed) for pair in enriched.items()):
            found[number] = [*found.get(number, []), *objs(scores)]
    return found


def matched(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the matches of a Clair 4 report, whose packages and vulnerabilities stand in tables of their own."""
    packages, found = obj(document.get("packages")), obj(document.get("vulnerabilities"))
    places, systems = obj(document.get("environments")), obj(document.get("distributions"))
    scores = _scores(document)
    matches = []
    for package_id, listed in obj(document.get("package_vulnerabilities")).items():
        environment = next(iter(objs(places.get(package_id))), {})
        for vulnerability_id in arr(listed):
            match = {
                "package": obj(packages.get(package_id)),
                "vulnerability": obj(found.get(str(vulnerability_id))),
                "environment": environment,
                "distribution": obj(systems.get(str(environment.get("distribution_id")))),
                "manifest": document.get("manifest_hash"),
                "scores": scores.get(str(vulnerability_id)),
            }
            matches.append(match)
    return _MATCH.run((None, matches), reading)
