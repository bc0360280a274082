"""What masscan prints, its lists (``-oL``), its grepable lines (``-oG``), and the JSON of versions before 1.0.4."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus, Severity

_KINDS = (
    re.compile(r"^Discovered (?P<status>open) port (?P<port>\d+)/(?P<proto>\w+) on (?P<ip>[\da-fA-F.:]+)"),
    re.compile(r"^(?P<status>open|closed) (?P<proto>\w+) (?P<port>\d+) (?P<ip>[\da-fA-F.:]+)(?: (?P<time>\d+))?"),
    re.compile(
        r"^banner (?P<proto>\w+) (?P<port>\d+) (?P<ip>[\da-fA-F.:]+) (?P<time>\d+) (?P<service>\S+) ?(?P<banner>.*)$"
    ),
    re.compile(
        r"^(?:Timestamp: (?P<time>\d+)\s+)?Host: (?P<ip>[\da-fA-F.:]+) [^\t]*\tPorts: "
        r"(?P<port>\d+)/(?P<status>\w+)/(?P<proto>\w+)//(?P<service>[^/]*)/"
    ),
    re.compile(
        r'^\{\s*"ip": "(?P<ip>[^"]+)",(?:\s*"timestamp": "(?P<time>\d+)",)?\s*"ports": \[\s*\{"port": (?P<port>\d+), '
        r'"proto": "(?P<proto>\w+)"(?:, "status": "(?P<status>\w+)")?'
        r'(?:.*"service": \{"name": "(?P<service>[^"]*)", "banner": "(?P<banner>[^"]*)")?'
    ),
)
FIRST = (
    r"^(?:Discovered open port \d+/\w+ on |#masscan|# Masscan "
    r"|(?:open|banner) (?:tcp|udp|sctp|icmp) \d+ [\da-fA-F.:]+ \d+"
    r'|\{\s*"ip": "[^"]+",[^\n]*"ports": \[)'
)
"""What tells such lines from any others."""


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each line that tells of a port."""
    for line in str(document).splitlines():
        found = next((match for kind in _KINDS if (match := kind.match(line.strip()))), None)
        if found is not None:
            yield _port({name: said for name, said in found.groupdict().items() if said}, reading)


def _port(said: dict[str, str], reading: Reading) -> Observation:
    closed = said.get("status") == "closed"
    place = {"host": said["ip"], "ip": said["ip"], "port": said["port"], "protocol": said["proto"]}
    return reading.observe(
        kind=Kind.HOST,
        rule_id=f"{said['proto']}/{said['port']}",
        title=f"Open port {said['port']}/{said['proto']}",
        severity=Severity.INFO,
        status=ObservationStatus.PASSED if closed else ObservationStatus.INFORMATIONAL,
        location=construct(HostLocation, {**place, "service": said.get("service")}),
        evidence={"banner": said.get("banner")},
        last_detected_at=parse_time(said.get("time")),
    )
