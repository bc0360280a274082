"""The labels of an alert: what routes, silences and groups can ask about it."""

from collections.abc import Mapping

from sluice_shared.contracts.events import AlertRaised

Labels = Mapping[str, tuple[str, ...]]
"""Values by name; most labels have one value, an absent label has none."""


def labels_of(alert: AlertRaised) -> Labels:
    """Return the alert's labels. Those that it carries itself never hide the ones that every alert has."""
    finding = alert.finding
    own = {name: (value,) for name, value in alert.labels.items() if value}
    return own | {
        "level": (alert.level.value,),
        "team": _one(alert.team),
        "tier": _one(alert.tier),
        "severity": (finding.severity.value,),
        "class": _one(finding.risk_class),
        "kind": (finding.kind.value,),
        "asset": _one(finding.asset),
        "scanner": tuple(finding.scanners),
        "rule": _one(finding.rule_id),
        "package": _one(finding.package),
        "identifier": tuple(finding.identifiers),
        "ref": tuple(finding.refs),
        "finding": (str(finding.finding_id),),
        "fix_action": _one(finding.fix_action),
    }


def shown(labels: Labels, name: str) -> str:
    """Return the label as text, several values between commas; empty when it is absent."""
    return ",".join(labels.get(name, ()))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
