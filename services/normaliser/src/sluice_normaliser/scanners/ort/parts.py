"""What both reports of ORT share: violations, vulnerabilities, issues of the run, and what settles them."""

from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.shapes import objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import (
    Fix,
    Kind,
    LicenceDetail,
    Location,
    Observation,
    ObservationStatus,
    PackageLocation,
    ResourceLocation,
    Suppression,
)

_ID_PARTS = 4


class Package(NamedTuple):
    """A package or a project, as the report describes it."""

    id: str
    purl: str | None = None
    path: str | None = None
    excluded: bool = False

    @property
    def location(self) -> Location:
        """The package, by its purl where that is one, else by ORT's own id: ``Maven:org.acme:shop:1.0``."""
        parts = self.id.split(":")
        values: dict[str, Any] = {"purl": self.purl, "path": self.path}
        if len(parts) == _ID_PARTS:
            values |= {"namespace": parts[1] or None, "name": parts[2], "version": parts[3] or None}
            values["ecosystem"] = parts[0].lower()
        done = complete(values) if self.purl or values.get("name") else None
        return construct(PackageLocation, done) if done else construct(ResourceLocation, {"resource": self.id})


def read_package(given: dict[str, Any]) -> Package:
    """Return the package of its object."""
    return Package(
        words(given.get("id")) or "?",
        words(given.get("purl")),
        words(given.get("definition_file_path")),
        given.get("is_excluded") is True,
    )


def violation(
    given: dict[str, Any],
    package: Package | None,
    licence: str | None,
    resolutions: list[dict[str, Any]],
    reading: Reading,
) -> Observation:
    """Return the violation of a rule."""
    rule = words(given.get("rule"))
    source = words(given.get("license_source"))
    how = words(given.get("how_to_fix"))
    return reading.observe(
        kind=Kind.LICENCE if licence else Kind.COMPLIANCE,
        rule_id=rule,
        rule_name=rule,
        title=words(given.get("message")) or rule,
        message=words(given.get("message")),
        severity=grade(given.get("severity"), "levels"),
        status=_status(resolutions),
        location=package.location if package else None,
        fix=construct(Fix, {"recommendation": how}) if how else None,
        licence=construct(LicenceDetail, {"name": licence, "spdx_id": licence}) if licence else None,
        suppressions=_suppressions(resolutions),
        tags=[tag for tag in (source, "excluded" if package and package.excluded else None) if tag],
    )


def vulnerability(
    given: dict[str, Any],
    package: Package | None,
    source: str | None,
    resolutions: list[dict[str, Any]],
    reading: Reading,
) -> Observation:
    """Return a vulnerability of a package, with the ratings of all its references."""
    name = words(given.get("id"))
    references = objs(given.get("references"))
    ratings = [
        made
        for each in references
        if (
            made := rating(
                source or "ort",
                vector=each.get("vector"),
                score=each.get("score"),
                severity=each.get("severity"),
                version=(words(each.get("scoring_system")) or "").upper().removeprefix("CVSS").strip(":V "),
            )
        )
    ]
    said = [text for each in references if (text := words(each.get("severity")))]
    summary = words(given.get("summary"))
    return reading.observe(
        kind=Kind.SCA,
        rule_id=name,
        title=f"{name}: {summary}" if summary else name,
        description=words(given.get("description")) or summary,
        severity=_worst(said, [each.score for each in ratings if each.score is not None]),
        status=_status(resolutions),
        identifiers=[name],
        location=package.location if package else None,
        ratings=ratings,
        references=[url for each in references if (url := words(each.get("url")))],
        suppressions=_suppressions(resolutions),
        tags=["excluded"] if package and package.excluded else [],
    )


def issue(
    given: dict[str, Any], package: Package | None, resolutions: list[dict[str, Any]], reading: Reading
) -> Observation:
    """Return an issue of the run itself: something that could not be found out."""
    source = words(given.get("source"))
    how = words(given.get("how_to_fix"))
    return reading.observe(
        kind=Kind.OTHER,
        rule_id=f"issue/{source}" if source else "issue",
        rule_name=source,
        title=next(iter((words(given.get("message")) or "").splitlines()), None),
        message=words(given.get("message")),
        severity=grade(given.get("severity"), "levels"),
        status=ObservationStatus.SUPPRESSED if resolutions else ObservationStatus.INFORMATIONAL,
        location=package.location if package else None,
        fix=construct(Fix, {"recommendation": how}) if how else None,
        suppressions=_suppressions(resolutions),
        tags=[tag for tag in ("issue", words(given.get("type"))) if tag],
        last_detected_at=parse_time(given.get("timestamp")),
    )


def _worst(said: list[str], scores: list[float]) -> Any:
    """Return the severity: the worst word of the references, else the highest score."""
    placed = [grade(each) for each in said]
    best = max(placed, key=lambda each: each.severity.rank, default=None)
    if best is not None and best.severity.rank:
        return best
    return grade(max(scores), "cvss") if scores else best


def _status(resolutions: list[dict[str, Any]]) -> ObservationStatus:
    return ObservationStatus.SUPPRESSED if resolutions else ObservationStatus.OPEN


def _suppressions(resolutions: list[dict[str, Any]]) -> list[Suppression]:
    return [
        construct(
            Suppression,
            {
                "kind": "policy",
                "status": "accepted",
                "justification": ": ".join(
                    text for text in (words(each.get("reason")), words(each.get("comment"))) if text
                ),
            },
        )
        for each in resolutions
    ]
