"""Vulnerabilities by machine, as the API gives them in pages, as export files, and as an archive of both lists."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Archive,
    Map,
    Reading,
    by,
    call,
    const,
    fix,
    host,
    package,
    rating,
    template,
)
from sluice_normaliser.kit.containers import json
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import Kind, Observation

_ADDRESS = re.compile(r"ipAddress=([^;}\s]+)")
_NAME = re.compile(r"[\w.:-]+")


def is_whole(next_page: Any) -> bool:
    """Return whether no further page follows."""
    return not words(next_page)


def _asset(*names: Any) -> str | None:
    """Return the asset of a machine: by its DNS name, else by its id."""
    found = next((name for name in map(words, names) if name and _NAME.fullmatch(name)), None)
    return f"host:{found.lower()}" if found else None


def _update(number: Any) -> str | None:
    found = words(number)
    if found is None:
        return None
    return f"install KB{found}" if found.isdecimal() else f"install {found}"


def _address(machine: Any) -> str | None:
    """Return the machine's last address, else the first of its list, which PowerShell may have written as text."""
    about = obj(machine)
    last = words(about.get("lastIpAddress"))
    if last:
        return last
    for each_ in arr(about.get("ipAddresses")):
        if isinstance(each_, dict):
            found = words(each_.get("ipAddress"))
        else:
            match = _ADDRESS.search(str(each_))
            found = match.group(1) if match else None
        if found:
            return found
    return None


def pages(records: str) -> Map:
    """Return the map of vulnerabilities by machine and product; ``machine`` holds what is known of the machine."""
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id="cveId",
        title=template("{cveId} in {productName} {productVersion}"),
        message=template(
            "{cveId} in {productVendor} {productName} {productVersion} on {machine.computerDnsName | machineId}"
        ),
        severity="severity",
        identifiers="cveId",
        location=package(name="productName", namespace="productVendor", version="productVersion"),
        related_locations=(
            host(
                host="machine.computerDnsName | machineId",
                ip=call(_address, "machine"),
                os=template("{machine.osPlatform} {machine.version} {machine.osBuild}"),
            ),
            host(host="machine.lastExternalIpAddress", ip="machine.lastExternalIpAddress"),
        ),
        ratings=rating(const("microsoft"), severity="severity", score="cvssV3 | cvssScore", vector="cvssVector"),
        fix=fix(action=call(_update, "fixingKbId")),
        fingerprints={"defender": "id"},
        asset=call(_asset, "machine.computerDnsName", "machineId"),
        tags="machine.machineTags[]",
        first_detected_at="firstSeen",
        last_detected_at="lastSeen | machine.lastSeen",
        published_at="publishedOn",
    )


def deliveries(records: str) -> Map:
    """Return the map of ``SoftwareVulnerabilitiesByMachine`` and of the files it exports."""
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id="cveId | recommendationReference",
        title=template("{cveId} in {softwareName} {softwareVersion}"),
        message=template("{cveId} in {softwareVendor} {softwareName} {softwareVersion} on {deviceName | deviceId}"),
        severity=by("vulnerabilitySeverityLevel"),
        identifiers="cveId",
        location=package(
            name="softwareName",
            namespace="softwareVendor",
            version="softwareVersion",
            path="diskPaths[0] | registryPaths[0]",
        ),
        related_locations=host(host="deviceName | deviceId", os=template("{osPlatform} {osVersion}")),
        ratings=rating(const("microsoft"), score="cvssScore", severity="vulnerabilitySeverityLevel"),
        fix=fix(
            action=call(_update, "recommendedSecurityUpdateId"),
            recommendation="recommendedSecurityUpdate",
            available="securityUpdateAvailable",
        ),
        references="recommendedSecurityUpdateUrl",
        evidence={"registry": "registryPaths[]"},
        exploit_maturity="exploitabilityLevel",
        fingerprints={"defender": "id"},
        asset=call(_asset, "deviceName", "deviceId"),
        first_detected_at="firstSeenTimestamp",
        last_detected_at="lastSeenTimestamp",
    )


_PAGES, _DELIVERIES = pages("value[]").compile(), deliveries("value[]").compile()


def _values(archive_: Archive, name: str) -> list[dict[str, Any]]:
    page = json.load(archive_.read(name))
    return objs(page if isinstance(page, list) else obj(page).get("value"))


def _members(archive_: Archive, folder: str) -> list[str]:
    return [name for name in archive_.matching(f"*{folder}/*.json") if "__MACOSX/" not in name]


def archive(document: Archive, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of all pages under ``vulnerabilities/``, with their machines from ``machines/``."""
    machines = {
        machine["id"]: machine
        for name in _members(document, "machines")
        for machine in _values(document, name)
        if words(machine.get("id"))
    }
    for name in _members(document, "vulnerabilities"):
        listed = _values(document, name)
        by_machine = bool(listed) and "deviceId" in listed[0]
        joined = [
            value if by_machine else {**value, "machine": machines.get(str(value.get("machineId")))} for value in listed
        ]
        yield from (_DELIVERIES if by_machine else _PAGES).run((None, {"value": joined}), reading)
