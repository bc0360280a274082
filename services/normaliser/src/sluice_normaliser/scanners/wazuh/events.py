"""Alerts of Wazuh's rules about anything but vulnerabilities: what an integration posts, or ``alerts.json`` holds."""

import re
from typing import Any

from sluice_normaliser.kit import Map, Said, by, call, compliance, const, each, host, ident, template
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners.wazuh.maps import asset_of
from sluice_shared.contracts.finding import Kind, ObservationStatus

_QUIET = 7
"""Below this level Wazuh itself raises no alarm by default (rules of level 3 to 6 are records)."""

_TOLD = {
    "rule": re.compile(r"^Rule ID (\S+)", re.MULTILINE),
    "level": re.compile(r"^Level (\d+)", re.MULTILINE),
    "agent": re.compile(r"^Agent Name (.+)", re.MULTILINE),
    "log": re.compile(r"^Full Log (.+)", re.MULTILINE | re.DOTALL),
}


def _status(level: Any) -> Said:
    said = words(level) or ""
    quiet = said.isdigit() and int(said) < _QUIET
    return Said(ObservationStatus.INFORMATIONAL if quiet else ObservationStatus.OPEN, None)


def _found(name: str) -> call:
    """Return a part of the text that Keep's integration makes of an alert."""

    def find(text: Any) -> str | None:
        match = _TOLD[name].search(words(text) or "")
        return match[1].strip() if match else None

    return call(find, "description")


EVENTS = Map(
    each="[]",
    kind=Kind.RUNTIME,
    rule_id="rule.id",
    rule_name="rule.description",
    title="rule.description",
    message=template("{rule.description} on {agent.name | agent.id}"),
    severity=by("rule.level", "wazuh"),
    status=call(_status, "rule.level"),
    identifiers=ident("rule.mitre.id[]", scheme="mitre"),
    location=host(host="agent.name | agent.id", ip="agent.ip"),
    evidence={"log": "full_log", "source": "location", "file": "syscheck.path"},
    compliance=(
        each("rule.pci_dss[]", compliance(standard=const("PCI DSS"), control=".")),
        each("rule.gdpr[]", compliance(standard=const("GDPR"), control=".")),
        each("rule.hipaa[]", compliance(standard=const("HIPAA"), control=".")),
        each("rule.nist_800_53[]", compliance(standard=const("NIST SP 800-53"), control=".")),
        each("rule.tsc[]", compliance(standard=const("TSC"), control=".")),
    ),
    asset=call(asset_of, "agent.name", "agent.ip"),
    tags="rule.groups[]",
    last_detected_at="timestamp",
    ignore=("id", "rule.firedtimes", "manager", "decoder", "input"),
)

KEEP = Map(
    each="[]",
    kind=Kind.RUNTIME,
    rule_id=_found("rule"),
    title="message",
    message="message",
    severity=[by(_found("level"), "wazuh"), "severity"],
    status=call(_status, _found("level")),
    location=host(host=_found("agent")),
    evidence={"log": _found("log")},
    asset=call(asset_of, _found("agent")),
    last_detected_at="created_at",
)
