"""MobSF's scorecard: the most telling findings of a static analysis, by how bad they are."""

from sluice_normaliser.kit import Map, by, const, plain, resource, status, when
from sluice_shared.contracts.finding import Kind, ObservationStatus

_APP = resource(resource="$.app_name | $.file_name", name="$.file_name", resource_type=const("app"))


def _bucket(within: str, level: str, meant: ObservationStatus) -> Map:
    return Map(
        each=f"{within}{level}[]",
        kind=Kind.MOBILE,
        title=plain("title"),
        description=plain("description"),
        severity=by(const(level), "mobsf"),
        status=status(const(level), {}, default=meant),
        location=_APP,
        tags="section",
    )


def _maps(within: str) -> tuple[Map, ...]:
    """Return the maps of a scorecard; ``within`` leads to it."""
    return (
        _bucket(within, "high", ObservationStatus.OPEN),
        _bucket(within, "warning", ObservationStatus.OPEN),
        _bucket(within, "hotspot", ObservationStatus.MANUAL),
        _bucket(within, "info", ObservationStatus.INFORMATIONAL),
        _bucket(within, "secure", ObservationStatus.PASSED),
        Map(
            each=within.rstrip(".") or ".",
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


SCORECARD_MAPS = _maps("")
APPSEC_MAPS = _maps("appsec.")
