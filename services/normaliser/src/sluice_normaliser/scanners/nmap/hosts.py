"""Hosts, their ports, and what scripts say about both."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.reading import evidence_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.nmap.scripts import Vulnerability, vulnerabilities
from sluice_shared.contracts.finding import (
    Confidence,
    HostLocation,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    Severity,
)

_OPEN = {"open": ObservationStatus.OPEN, "open|filtered": ObservationStatus.INFORMATIONAL}


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each open port and for each vulnerability that a script found."""
    root = obj(document)
    total = words(obj(obj(root.get("runstats")).get("hosts")).get("@total"))
    hosts = [obj(host) for host in items_of(root.get("host"))]
    several = len(hosts) > 1 or (total is not None and total != "1")
    for host in hosts:
        yield from _Host(host, several=several).observations(reading)


class _Host:
    """One host; ``several`` tells that the report is about more than one."""

    def __init__(self, host: dict[str, Any], *, several: bool) -> None:
        self._host = host
        addresses = [obj(address) for address in items_of(host.get("address"))]
        self.ip = _address(addresses, "ipv4") or _address(addresses, "ipv6")
        self.mac = _address(addresses, "mac")
        named = [obj(name) for name in items_of(obj(host.get("hostnames")).get("hostname"))]
        names = sorted(named, key=lambda name: name.get("@type") != "user")
        self.names = [name for name in (words(each.get("@name")) for each in names) if name]
        self.name = self.names[0] if self.names else self.ip or self.mac
        self.os = _system(host)
        self.ended_at = parse_time(host.get("@endtime"))
        self.aliases = [construct(HostLocation, {"host": name, "ip": self.ip}) for name in self.names[1:]]
        self.asset = f"host:{self.name}" if several and self.name else None

    def observations(self, reading: Reading) -> Iterator[Observation]:
        """Yield the observations of the host: its ports in order, then what was found on the host itself."""
        if self.name is None:
            return
        spare = self._about()
        for port in items_of(obj(self._host.get("ports")).get("port")):
            for observation in self._port(obj(port), reading, spare):
                yield observation
                spare = {}
        place = self._place({}, {})
        for script in items_of(obj(self._host.get("hostscript")).get("script")):
            for found in vulnerabilities(obj(script)):
                yield self._vulnerability(found, place, None, reading)

    def _about(self) -> dict[str, Any]:
        """Return what the host says beside its ports; it stays with the host's first observation."""
        kept = {
            "hostscript": [
                {"id": script.get("@id"), "output": script.get("@output")}
                for script in map(obj, items_of(obj(self._host.get("hostscript")).get("script")))
            ],
            "os": obj(self._host.get("os")).get("osmatch"),
            "uptime": self._host.get("uptime"),
            "distance": obj(self._host.get("distance")).get("@value"),
            "extraports": obj(self._host.get("ports")).get("extraports"),
        }
        return {"host": left} if (left := {key: value for key, value in kept.items() if value}) else {}

    def _place(self, port: dict[str, Any], service: dict[str, Any]) -> HostLocation:
        number = words(port.get("@portid"))
        return construct(
            HostLocation,
            {
                "host": self.name,
                "ip": self.ip,
                "mac": self.mac,
                "os": self.os,
                "port": int(number) if number and number.isdigit() and number != "0" else None,
                "protocol": words(port.get("@protocol")),
                "service": words(service.get("@name")),
            },
        )

    def _port(self, port: dict[str, Any], reading: Reading, spare: dict[str, Any]) -> Iterator[Observation]:
        state, service = obj(port.get("state")), obj(port.get("service"))
        status = _OPEN.get(words(state.get("@state")) or "open")
        if status is None:  # closed and filtered ports are listed where there are few of them; they are no result
            return
        place = self._place(port, service)
        scripts = [obj(script) for script in items_of(port.get("script"))]
        product = " ".join(
            each for each in (words(service.get(key)) for key in ("@product", "@version", "@extrainfo")) if each
        )
        service_name = f" ({place.service})" if place.service else ""
        yield reading.observe(
            kind=Kind.HOST,
            rule_id="open-port",
            rule_name="Open port",
            title=f"Open port {place.port}/{place.protocol}{service_name}",
            message=product or None,
            severity=Severity.INFO,
            confidence=Confidence.LOW if status is ObservationStatus.INFORMATIONAL else None,
            status=status,
            scanner_status=words(state.get("@state")),
            location=place,
            related_locations=[*_packages(service), *self.aliases] or None,
            evidence=[
                evidence_of("output", f"{words(script.get('@id'))}: {words(script.get('@output'))}")
                for script in scripts
                if words(script.get("@output"))
            ]
            or None,
            asset=self.asset,
            last_detected_at=self.ended_at,
            unmapped={
                **{key: value for key, value in port.items() if key not in {"@portid", "@protocol", "script"}},
                **spare,
            },
        )
        for script in scripts:
            for found in vulnerabilities(script):
                yield self._vulnerability(found, place, service, reading)

    def _vulnerability(
        self, found: Vulnerability, place: HostLocation, service: dict[str, Any] | None, reading: Reading
    ) -> Observation:
        packages = _packages({"cpe": found.cpe}) if found.cpe else _packages(service or {})
        return reading.observe(
            **found.fields,
            kind=Kind.HOST,
            location=place,
            related_locations=packages,
            asset=self.asset,
            last_detected_at=self.ended_at,
        )


def _address(addresses: list[dict[str, Any]], kind: str) -> str | None:
    return next((words(each.get("@addr")) for each in addresses if each.get("@addrtype", "ipv4") == kind), None)


def _system(host: dict[str, Any]) -> str | None:
    matches = [obj(match) for match in items_of(obj(host.get("os")).get("osmatch"))]
    return words(matches[0].get("@name")) if matches else None


def _packages(service: dict[str, Any]) -> list[PackageLocation]:
    """Return the products that the CPEs of a service name."""
    found: list[PackageLocation] = []
    for cpe in items_of(service.get("cpe")):
        parts = (words(cpe) or "").removeprefix("cpe:2.3:").removeprefix("cpe:/").split(":")
        if len(parts) > 2 and parts[2]:  # noqa: PLR2004 - part, vendor, product
            version = parts[3] if len(parts) > 3 and parts[3] not in {"", "*", "-"} else None  # noqa: PLR2004
            found.append(
                construct(PackageLocation, {"name": parts[2], "namespace": parts[1], "version": version, "cpe": cpe})
            )
    return found
