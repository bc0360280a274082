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
    when,
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


def _either(name: str) -> str:
    """Return the path of a field as the API writes it (``cveId``) and as advanced hunting does (``CveId``)."""
    return f"{name} | {'OS' + name[2:] if name.startswith('os') else name[0].upper() + name[1:]}"


def _text(*names: str) -> template:
    return template(" ".join("{" + _either(name) + "}" for name in names))


def deliveries(records: str) -> Map:
    """Return the map of ``SoftwareVulnerabilitiesByMachine``, of the files it exports, and of advanced hunting.

    A record of advanced hunting is of the table ``DeviceTvmSoftwareVulnerabilities``; a row of its CSV is one, too.
    """
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id=f"{_either('cveId')} | recommendationReference",
        title=template(f"{{{_either('cveId')}}} in {{{_either('softwareName')}}} {{{_either('softwareVersion')}}}"),
        message=template(
            f"{{{_either('cveId')}}} in {{{_either('softwareVendor')}}} {{{_either('softwareName')}}} "
            f"{{{_either('softwareVersion')}}} on {{{_either('deviceName')} | {_either('deviceId')}}}"
        ),
        severity=by(_either("vulnerabilitySeverityLevel")),
        identifiers=_either("cveId"),
        location=package(
            name=_either("softwareName"),
            namespace=_either("softwareVendor"),
            version=_either("softwareVersion"),
            path="diskPaths[0] | registryPaths[0]",
        ),
        related_locations=host(
            host=f"{_either('deviceName')} | {_either('deviceId')}", os=_text("osPlatform", "osVersion")
        ),
        ratings=rating(
            const("microsoft"),
            score=_either("cvssScore"),
            vector=_either("cvssVector"),
            severity=_either("vulnerabilitySeverityLevel"),
        ),
        fix=fix(
            action=call(_update, _either("recommendedSecurityUpdateId")),
            recommendation=_either("recommendedSecurityUpdate"),
            available="securityUpdateAvailable",
        ),
        references="recommendedSecurityUpdateUrl",
        evidence={"registry": "registryPaths[]"},
        exploit_maturity="exploitabilityLevel",
        fingerprints={"defender": "id"},
        asset=call(_asset, _either("deviceName"), _either("deviceId")),
        first_detected_at="firstSeenTimestamp",
        last_detected_at="lastSeenTimestamp",
    )


def listed(records: str) -> Map:
    """Return the map of the vulnerabilities of one machine, or of all without their machines."""
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id="id",
        title="name | id",
        description="description",
        severity="severity",
        identifiers=("id", "name"),
        ratings=rating(const("microsoft"), severity="severity", score="cvssV3", vector="cvssVector"),
        references="exploitUris[]",
        exploit_maturity=when("exploitVerified", const("verified"), when("publicExploit", const("public"))),
        published_at="publishedOn",
        first_detected_at="firstDetected",
        ignore=("updatedOn",),
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
