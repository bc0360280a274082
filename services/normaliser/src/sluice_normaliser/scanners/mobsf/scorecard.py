"""MobSF's scorecard: the most telling findings of a static analysis, by how bad they are."""

from sluice_normaliser.kit import Map, by, const, plain, resource, status, when
from sluice_shared.contracts.finding import Kind, ObservationStatus

_APP = resource(resource="$.app_name | $.file_name", name="$.file_name", resource_type=const("app"))


def _bucket(level: str, meant: ObservationStatus) -> Map:
    return Map(
        each=f"{level}[]",
        kind=Kind.MOBILE,
        title=plain("title"),
        description=plain("description"),
        severity=by(const(level), "mobsf"),
        status=status(const(level), {}, default=meant),
        location=_APP,
        tags="section",
    )


SCORECARD_MAPS = (
    _bucket("high", ObservationStatus.OPEN),
    _bucket("warning", ObservationStatus.OPEN),
    _bucket("hotspot", ObservationStatus.MANUAL),
    _bucket("info", ObservationStatus.INFORMATIONAL),
    _bucket("secure", ObservationStatus.PASSED),
    Map(
        each=".",
        where="trackers",
        kind=Kind.MOBILE,
        rule_id=const("trackers"),
        title=when("trackers", const("The app holds trackers")),
        status=ObservationStatus.INFORMATIONAL,
        location=_APP,
        occurrence_count="trackers",
        ignore=(
            "high",
            "warning",
            "hotspot",
            "info",
            "secure",
            "security_score",
            "total_trackers",
            "hash",
            "file_name",
        ),
    ),
)
