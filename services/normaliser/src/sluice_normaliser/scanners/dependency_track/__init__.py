"""OWASP Dependency-Track: vulnerable components of projects, exported, asked for, or pushed as notifications."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScanMap, ScannerSpec, const
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners._notices import notice
from sluice_normaliser.scanners.dependency_track.maps import findings, violations
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -H "X-Api-Key: $KEY" https://dtrack.acme.io/api/v1/finding/project/$PROJECT/export > findings.json
sluice push findings.json --asset repo:github.com/acme/shop
```
Dependency-Track can also push by itself: an alert with an outbound webhook for `NEW_VULNERABILITY`,
`NEW_VULNERABLE_DEPENDENCY` and `POLICY_VIOLATION`. A notification tells what is new only, so it closes nothing; push an
export from time to time. Suppressed findings and those analysed as false or not affected are kept as such.
"""

_SUBJECT = "$.notification.subject"


def _notification(group: str) -> JsonShape:
    return JsonShape(
        root="object",
        has=("notification.subject",),
        match={"notification.group": f"^(?:GROUP_)?{group}$"},
        weight=2,
    )


_WITH_FINDINGS = (
    "NEW_VULNERABILITY|NEW_VULNERABILITIES_SUMMARY|NEW_VULNERABLE_DEPENDENCY|PROJECT_AUDIT_CHANGE|GLOBAL_AUDIT_CHANGE|"
    "POLICY_VIOLATION|NEW_POLICY_VIOLATIONS_SUMMARY"
)


def _other(document: Any) -> str:
    group = words(obj(obj(document).get("notification")).get("group"))
    return (
        f"this is Dependency-Track's notification {group}, which carries no findings; subscribe the alert to "
        "NEW_VULNERABILITY, NEW_VULNERABLE_DEPENDENCY and POLICY_VIOLATION, or push an export of the project's findings"
    )


_PART = ScanMap(scanned_at="notification.timestamp", complete=const(value=False))

SPEC = ScannerSpec(
    name="dependency_track",
    title="Dependency-Track",
    kinds=(Kind.SCA, Kind.LICENCE, Kind.COMPLIANCE),
    homepage="https://dependencytrack.org",
    setup=_SETUP,
    aliases=("dependencytrack", "dtrack"),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="dependency-track-fpf",
            container="json",
            detect=JsonShape(root="object", match={"meta.application": r"^(?:OWASP )?Dependency-Track"}),
            scan=ScanMap(version="meta.version", scanned_at="meta.timestamp"),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="dependency-track-findings",
            container="json",
            detect=JsonShape(root="array", has=("[].component", "[].vulnerability.vulnId"), weight=2),
            maps=(findings("[]"),),
        ),
        Format(
            name="dependency-track-fpf-cut",
            container="json",
            detect=JsonShape(root="object", has=("findings[].component", "findings[].vulnerability")),
            scan=ScanMap(version="meta.version", scanned_at="meta.timestamp"),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="dependency-track-violations",
            container="json",
            detect=JsonShape(root="array", has=("[].component", "[].policyCondition"), weight=2),
            maps=(violations("[]"),),
        ),
        Format(
            name="dependency-track-new-vulnerability",
            container="json",
            detect=_notification("NEW_VULNERABILITY"),
            scan=_PART,
            maps=(findings("notification.subject"),),
        ),
        Format(
            name="dependency-track-new-vulnerable-dependency",
            container="json",
            detect=_notification("NEW_VULNERABLE_DEPENDENCY"),
            scan=_PART,
            maps=(findings("notification.subject.vulnerabilities[]", component=f"{_SUBJECT}.component.", own=""),),
        ),
        Format(
            name="dependency-track-new-vulnerabilities-summary",
            container="json",
            detect=_notification("NEW_VULNERABILITIES_SUMMARY"),
            scan=_PART,
            maps=(findings("notification.subject.details.findingsByProject[].findings[]"),),
        ),
        Format(
            name="dependency-track-audit-change",
            container="json",
            detect=_notification("(?:PROJECT|GLOBAL)_AUDIT_CHANGE"),
            scan=_PART,
            maps=(findings("notification.subject"),),
        ),
        Format(
            name="dependency-track-policy-violation",
            container="json",
            detect=_notification("POLICY_VIOLATION"),
            scan=_PART,
            maps=(violations("notification.subject", own="policyViolation."),),
        ),
        Format(
            name="dependency-track-new-policy-violations-summary",
            container="json",
            detect=_notification("NEW_POLICY_VIOLATIONS_SUMMARY"),
            scan=_PART,
            maps=(violations("notification.subject.details.violationsByProject[].violations[]"),),
        ),
        notice(
            "dependency-track-other-notification",
            JsonShape(
                root="object",
                has=("notification.group", "notification.scope", "notification.level"),
                match={"notification.group": f"^(?:GROUP_)?(?!(?:{_WITH_FINDINGS})$)"},
                weight=-1,
            ),
            _other,
        ),
    ),
)
