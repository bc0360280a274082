"""What a row of VMDR's exports says."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    const,
    construct,
    fix,
    host,
    ident,
    join,
    plain,
    rating,
    split,
    suppression,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import HostLocation, Kind, ObservationStatus, RatingMethod

_NOTHING = frozenset({"", "-", "'-", "none", "n/a"})
_TIMES = ("%b %d, %Y %I:%M %p", "%d %b %Y %I:%M%p GMT%z", "%d %b %Y %I:%M%p GMT", "%Y-%m-%d %H:%M:%S")


def _said(value: Any) -> str | None:
    """Return the words of a cell; a dash, also one made safe for spreadsheets, says nothing."""
    found = words(value)
    return None if found is None or found.lower() in _NOTHING else found


def _cell(name: str) -> Any:
    return call(_said, name)


def _time(name: str) -> Any:
    return timestamp(_cell(name), *_TIMES)


def _yes(value: Any) -> bool:
    return (words(value) or "").lower() in {"yes", "true", "1"}


def _patchable(value: Any) -> bool | None:
    return None if _said(value) is None else _yes(value)


def _status(said: Any, disabled: Any, ignored: Any, type_: Any) -> Said:
    word = _said(said)
    if (word or "").upper() == "FIXED":
        return Said(ObservationStatus.FIXED, word)
    if _yes(disabled) or _yes(ignored):
        return Said(ObservationStatus.SUPPRESSED, word)
    if (_said(type_) or "").lower().startswith("info"):
        return Said(ObservationStatus.INFORMATIONAL, word)
    return Said(ObservationStatus.OPEN, word)


def _set_aside(disabled: Any, ignored: Any) -> str | None:
    told = [name for name, value in (("disabled", disabled), ("ignored", ignored)) if _yes(value)]
    return " and ".join(told) or None


def _address(value: Any) -> str | None:
    """Return the first of the addresses of a machine."""
    found = _said(value)
    return found.replace(";", ",").split(",")[0].strip() if found else None


def _host(name: Any, ip4: Any, ip6: Any) -> str | None:
    return _said(name) or _ip(ip4, ip6)


def _ip(ip4: Any, ip6: Any) -> str | None:
    return _address(ip4) or _address(ip6)


def _further(ip4: Any, ip6: Any) -> list[HostLocation]:
    """Return the machine's addresses beyond the first."""
    listed = [each.strip() for cell in (ip4, ip6) for each in (_said(cell) or "").replace(";", ",").split(",")]
    return [construct(HostLocation, {"host": each, "ip": each}) for each in listed[1:] if each]


def _asset(name: Any, ip4: Any, ip6: Any) -> str | None:
    machine = _host(name, ip4, ip6)
    return f"host:{machine}" if machine else None


def _exploited(threats: Any) -> str | None:
    """Return what of the real-time threat indicators speaks of exploits."""
    told = [each.strip() for each in (_said(threats) or "").split(",")]
    return ", ".join(each for each in told if "exploit" in each.lower()) or None


def _lower(value: Any) -> str | None:
    found = _said(value)
    return found.lower() if found else None


_MACHINE = ("Asset Name", "Asset IPV4", "Asset IPV6")

MAP = Map(
    kind=Kind.HOST,
    rule_id=template("QID-{QID}"),
    rule_name="Title",
    title="Title",
    description=plain(join(_cell("Threat"), _cell("CVE-Description"))),
    severity=[by("Severity", "1-5"), by('"KB Severity"', "1-5")],
    confidence=_cell("Type Detected"),
    status=call(_status, "Status", "Disabled", "Ignored", "Type Detected"),
    identifiers=(ident(template("QID-{QID}"), scheme="qid", source=const("qualys")), _cell("CVE")),
    location=host(
        host=call(_host, *_MACHINE),
        ip=call(_ip, "Asset IPV4", "Asset IPV6"),
        port=_cell("Port"),
        protocol=call(_lower, "Protocol"),
        os=_cell("Operating System"),
    ),
    related_locations=call(_further, "Asset IPV4", "Asset IPV6"),
    ratings=(
        rating(const("nvd"), score='"CVSSv3.1 Base (nvd)" | "CVSSv3 Base (nvd)"', method=RatingMethod.CVSS_V31),
        rating(const("nvd"), score="CVSSv2 Base (nvd)", method=RatingMethod.CVSS_V2),
        rating(
            const("qualys"),
            score=call(_said, "QDS | QVS Score"),
            severity=call(_said, '"QDS Severity" | "CVSS Rating Labels"'),
            method=RatingMethod.VENDOR,
        ),
    ),
    fix=fix(recommendation=plain(_cell("Solution")), available=call(_patchable, "Vuln Patchable")),
    evidence={"output": _cell("Results")},
    exploit_maturity=call(_exploited, "RTI"),
    suppressions=when(
        call(_set_aside, "Disabled", "Ignored"),
        suppression(
            kind=const("external"), status=const("accepted"), justification=call(_set_aside, "Disabled", "Ignored")
        ),
    ),
    occurrence_count="Times Detected",
    asset=call(_asset, *_MACHINE),
    tags=(
        split(_cell("Asset Tags")),
        split(_cell("RTI")),
        split(_cell("Category")),
        split(_cell("Vulnerability Tags")),
        split(_cell("MITRE ATT&CK TECHNIQUE ID")),
    ),
    first_detected_at=_time("First Detected"),
    last_detected_at=_time("Last Detected"),
    published_at=_time("Published Date"),
    fingerprints={"qualys": when("Asset Id", template("{Asset Id}:{QID}:{Port}:{Protocol}:{CVE}"))},
)
