"""The newer format, in which packages, vulnerabilities and layers refer to one another."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.sysdig_cli.image import about_image, ecosystem, image, kind, version
from sluice_shared.contracts.finding import (
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    Suppression,
)

_USED = frozenset({"name", "severity", "cvssScore", "fixVersion", "disclosureDate", "packageRef", "riskAcceptRefs"})


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each vulnerability, and for each failure of a policy about the image itself."""
    result = obj(obj(document).get("result"))
    packages = obj(result.get("packages"))
    owners = {ref: key for key, each in packages.items() for ref in strings(obj(each).get("vulnerabilitiesRefs"))}
    for key, each in obj(result.get("vulnerabilities")).items():
        vulnerability = obj(each)
        owner = words(vulnerability.get("packageRef")) or owners.get(key)
        yield _vulnerability(vulnerability, obj(packages.get(owner or "")), result, reading)
    for policy in objs(obj(result.get("policies")).get("evaluations")):
        for bundle in objs(policy.get("bundles")):
            for rule in objs(bundle.get("rules")):
                if about_image(rule.get("failureType")):
                    yield from _failures(rule, bundle, policy, reading)


def _vulnerability(
    each: dict[str, Any], package: dict[str, Any], result: dict[str, Any], reading: Reading
) -> Observation:
    name, score = words(each.get("name")), obj(each.get("cvssScore"))
    provider, fixed = words(each.get("mainProvider")) or "sysdig", version(each.get("fixVersion"), package.get("type"))
    rated = rating(provider, vector=score.get("vector"), score=score.get("score"), version=score.get("version"))
    accepted = [obj(obj(result.get("riskAccepts")).get(ref)) for ref in strings(each.get("riskAcceptRefs"))]
    return reading.observe(
        kind=kind(result.get("assetType")),
        rule_id=name,
        title=f"{name} in {words(package.get('name'))} {words(package.get('version')) or ''}".strip(),
        severity=grade(words(each.get("severity")), "words", provider),
        status=ObservationStatus.SUPPRESSED if accepted else None,
        identifiers=identifiers(name, otherwise="vendor"),
        location=_location(package, fixed, result),
        ratings=[rated] if rated else None,
        exploit_maturity="exploitable" if each.get("exploitable") is True else None,
        suppressions=[
            construct(
                Suppression,
                {
                    "kind": "external",
                    "status": words(risk.get("status")) or "accepted",
                    "justification": words(risk.get("reason")) or words(risk.get("description")),
                },
            )
            for risk in accepted
        ],
        published_at=parse_time(each.get("disclosureDate")),
        unmapped={key: value for key, value in each.items() if key not in _USED and value not in (None, "", [], {})},
    )


def _location(package: dict[str, Any], fixed: str | None, result: dict[str, Any]) -> PackageLocation | None:
    metadata, layers = obj(result.get("metadata")), obj(result.get("layers"))
    layer = words(obj(layers.get(words(package.get("layerRef")) or "")).get("digest"))
    given = {
        "name": words(package.get("name")),
        "version": words(package.get("version")),
        "ecosystem": ecosystem(package.get("type"), metadata.get("baseOs")),
        "fixed_versions": [fixed] if fixed else [],
        "path": words(package.get("path")),
        "image": image(metadata, layer, layers),
    }
    done = complete({key: value for key, value in given.items() if value})
    return construct(PackageLocation, done) if done else None


def _failures(
    rule: dict[str, Any], bundle: dict[str, Any], policy: dict[str, Any], reading: Reading
) -> Iterator[Observation]:
    for failure in objs(rule.get("failures")):
        remedy = words(failure.get("remediation"))
        yield reading.observe(
            kind=Kind.IAC,
            rule_id=f"{words(bundle.get('identifier'))}/{words(rule.get('ruleType'))}",
            title=rule.get("description"),
            message=failure.get("description") or remedy,
            fix=construct(Fix, {"recommendation": remedy}) if remedy else None,
            tags=[tag for tag in (words(bundle.get("name")), words(policy.get("name"))) if tag],
            unmapped={"arguments": found} if (found := failure.get("arguments")) else None,
        )
