"""Anchore Engine: known vulnerabilities of an image's packages."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    each,
    first,
    fix,
    ident,
    image,
    package,
    rating,
    template,
)
from sluice_normaliser.kit.coerce import number
from sluice_normaliser.scanners._anchore import ecosystem, said
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
```sh
anchore-cli --json image vuln registry.acme.io/shop:1.4 all > anchore.json
sluice push anchore.json --asset image:registry.acme.io/shop --scanner anchore_engine
```
"""


def _scores(records: str, source: Any) -> tuple[Any, ...]:
    return tuple(
        each(
            f"{records}[]",
            rating(
                source, vector=f"{version}.vector_string", score=call(_score, f"{version}.base_score"), method=method
            ),
        )
        for version, method in (("cvss_v3", RatingMethod.CVSS_V31), ("cvss_v2", RatingMethod.CVSS_V2))
    )


def _score(value: Any) -> Any:
    """Return a score; -1 and ``N/A`` say that there is none."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def _fixes(value: Any) -> list[str]:
    return [part.strip() for part in (said(value) or "").split(",") if part.strip()]


_VULNERABILITIES = Map(
    each="vulnerabilities[]",
    kind=Kind.CONTAINER,
    rule_id="vuln",
    title=template("{vuln} in {package | package_name}"),
    description="description",
    severity="severity",
    identifiers=(
        ident("vuln", "vendor", source="feed_group"),
        each("nvd_data[]", ident("id")),
        each("vendor_data[]", ident("id")),
    ),
    location=package(
        name=first("package_name", "package"),
        version="package_version",
        ecosystem=call(ecosystem, "package_type", "feed_group"),
        cpe=call(said, "package_cpe23 | package_cpe"),
        path=call(said, "package_path"),
        fixed_versions=call(said, "fix"),
        image=image(digest="^.imageDigest | ^.image_digest"),
    ),
    ratings=(
        rating(first("feed_group", const("anchore")), severity="severity", method=RatingMethod.VENDOR),
        *_scores("nvd_data", const("nvd")),
        *_scores("vendor_data", first("^.feed_group", const("vendor"))),
    ),
    fix=fix(available=call(lambda version: said(version) is not None, "fix")),
    references="url",
    first_detected_at="detected_at",
    ignore=("package",),
)

_EVALUATION = Map(
    each="securityEvaluation[]",
    kind=Kind.CONTAINER,
    rule_id="vulnerabilityId | cves",
    title=template("{vulnerabilityId | cves} in {package}"),
    description="description",
    severity=[by("severity"), by("nvdCvssBaseScore", "cvss")],
    identifiers=(ident("vulnerabilityId", "vendor"), "cves"),
    location=package(
        name="packageName | package",
        version="packageVersion | version",
        ecosystem=call(ecosystem, "packageType | type", "feedGroup"),
        path=call(said, "path | packagePath"),
        fixed_versions=call(_fixes, "fixAvailable | fix"),
        image=image(digest="^.metadata.imageDigest | ^.metadata.image_digest"),
    ),
    ratings=(
        rating(const("nvd"), score=call(_score, "nvdCvssBaseScore")),
        rating(const("vendor"), score=call(_score, "vendorCvssBaseScore"), severity="severity"),
    ),
    fix=fix(available=call(lambda version: said(version) is not None, "fixAvailable | fix")),
    references="link",
    first_detected_at="detectedAt",
)

SPEC = ScannerSpec(
    name="anchore_engine",
    title="Anchore Engine",
    kinds=(Kind.CONTAINER,),
    homepage="https://engine.anchore.io",
    setup=_SETUP,
    misses={
        "paths: None": "Anchore writes the word None where a package has no path",
    },
    formats=(
        Format(
            name="anchore-engine-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("imageDigest", "image_digest", "vulnerabilities[].feed_group"),
                match={"vulnerability_type": "^(os|non-os|all|[a-z]+)$"},
                weight=4,
            ),
            maps=(_VULNERABILITIES,),
        ),
        Format(
            name="anchore-engine-json-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].vuln",),
                any_of=tuple(f"vulnerabilities[].{name}" for name in ("feed_group", "package", "package_name")),
            ),
            maps=(_VULNERABILITIES,),
        ),
        Format(
            name="anchore-engine-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("imageDigest", "image_digest"),
                lacks=("vulnerabilities[]",),
            ),
            maps=(_VULNERABILITIES,),
        ),
        Format(
            name="anchore-evaluation-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("securityEvaluation",),
                any_of=("metadata", "securityEvaluation[].vulnerabilityId"),
            ),
            maps=(_EVALUATION,),
        ),
    ),
)
