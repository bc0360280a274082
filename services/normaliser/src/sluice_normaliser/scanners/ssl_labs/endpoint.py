"""One endpoint: an address of a host, its grade, and what of its TLS is weak."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, Said, construct, grade
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus

Objects = dict[str, Any]

_CRYPTOGRAPHY = 310
"""Weaknesses of cryptography (CWE-310), the category of all that SSL Labs grades."""


class _Flaw(NamedTuple):
    """A known flaw: its name, its CVEs, and whether the value of its field says that it is there."""

    title: str
    identifiers: tuple[str, ...]
    holds: Callable[[Any], bool]


def _true(value: Any) -> bool:
    return value is True


def _above(floor: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value > floor


# the meaning of the numbers is that of the API's documentation, version 3 and 4: 1 is "not vulnerable", 0 "unknown"
_FLAWS: Mapping[str, _Flaw] = {
    "heartbleed": _Flaw("Heartbleed", ("CVE-2014-0160",), _true),
    "openSslCcs": _Flaw("OpenSSL CCS injection", ("CVE-2014-0224",), _above(1)),
    "openSSLLuckyMinus20": _Flaw("OpenSSL padding oracle (Lucky minus 20)", ("CVE-2016-2107",), _above(1)),
    "ticketbleed": _Flaw("Ticketbleed", ("CVE-2016-9244",), _above(1)),
    "bleichenbacher": _Flaw("ROBOT", ("CVE-2017-13099",), _above(1)),
    "zombiePoodle": _Flaw("Zombie POODLE", ("CVE-2019-5592",), _above(1)),
    "goldenDoodle": _Flaw("GOLDENDOODLE", (), _above(1)),
    "zeroLengthPaddingOracle": _Flaw("OpenSSL zero-length padding oracle", ("CVE-2019-1559",), _above(1)),
    "sleepingPoodle": _Flaw("Sleeping POODLE", (), _above(1)),
    "poodle": _Flaw("POODLE (SSL 3)", ("CVE-2014-3566",), _true),
    "poodleTls": _Flaw("POODLE (TLS)", ("CVE-2014-8730",), _above(1)),
    "freak": _Flaw("FREAK", ("CVE-2015-0204",), _true),
    "logjam": _Flaw("Logjam", ("CVE-2015-4000",), _true),
    "drownVulnerable": _Flaw("DROWN", ("CVE-2016-0800",), _true),
    "vulnBeast": _Flaw("BEAST", ("CVE-2011-3389",), _true),
    "supportsRc4": _Flaw("RC4 is accepted", ("CVE-2013-2566", "CVE-2015-2808"), _true),
    "compressionMethods": _Flaw("TLS compression is on (CRIME)", ("CVE-2012-4929",), _above(0)),
    "dhUsesKnownPrimes": _Flaw("A weak known Diffie-Hellman prime is used", (), _above(1)),
}
_GOOD = frozenset({"A+", "A", "A-"})


def unfinished(document: Any) -> str | None:
    """Return the hosts and endpoints that could not be assessed, or None."""
    missed: list[str] = []
    for host in objs(document) or [obj(document)]:
        name = words(host.get("host")) or "unknown"
        if words(host.get("status")) not in {None, "READY"}:
            missed.append(f"{name}: {words(host.get('statusMessage')) or words(host.get('status'))}")
        missed += [
            f"{name} ({words(each.get('ipAddress'))}): {words(each.get('statusMessage')) or 'no grade'}"
            for each in _endpoints(host)
            if not words(each.get("grade")) and words(each.get("statusMessage")) != "Ready"
        ]
    return "; ".join(missed)[:2000] or None


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each endpoint of each host; where there are several hosts, each is an asset."""
    hosts = objs(document) or [obj(document)]
    for host in hosts:
        for endpoint in _endpoints(host):
            found = _endpoint(host, endpoint, reading)
            if len(hosts) > 1:
                found.asset = f"host:{(words(host.get('host')) or 'unknown').lower()}"
            yield found


def _endpoints(host: Objects) -> list[Objects]:
    return objs(items_of(host.get("endpoints")))


def _endpoint(host: Objects, endpoint: Objects, reading: Reading) -> Observation:
    name, details = words(host.get("host")) or "unknown", obj(endpoint.get("details"))
    given = words(endpoint.get("grade"))
    flaws = {key: flaw for key, flaw in _FLAWS.items() if flaw.holds(details.get(key))}
    told = [flaw.title for flaw in flaws.values()] + list(_certificates(host, details))
    return reading.observe(
        kind=Kind.HOST,
        rule_id="tls-grade",
        title=f"TLS of {name} is graded {given}" if given else f"TLS of {name} could not be graded",
        message="\n".join(told) or words(endpoint.get("statusMessage")),
        severity=grade(given, "grade") if given else grade(None),
        status=_status(given),
        identifiers=[each for flaw in flaws.values() for each in flaw.identifiers],
        cwes=[_CRYPTOGRAPHY] if given and given not in _GOOD else [],
        location=_place(host, endpoint, details),
        evidence={
            "protocols": _protocols(details),
            "cipher_suites": _suites(details),
            "certificate": _certificate(host, details),
        },
        tags=sorted(flaws),
        unmapped=_rest(endpoint, given),
    )


def _status(given: str | None) -> Said:
    if given is None:
        return Said(ObservationStatus.MANUAL)
    return Said(ObservationStatus.INFORMATIONAL if given in _GOOD else ObservationStatus.OPEN, given)


def _place(host: Objects, endpoint: Objects, details: Objects) -> HostLocation:
    return construct(
        HostLocation,
        {
            "host": words(host.get("host")) or "unknown",
            "ip": words(endpoint.get("ipAddress")),
            "port": host["port"] if isinstance(host.get("port"), int) else 443,
            "protocol": "tcp",
            "service": words(details.get("serverSignature")) or words(host.get("protocol")),
        },
    )


def _protocols(details: Objects) -> str | None:
    named = [f"{words(each.get('name'))} {words(each.get('version'))}" for each in objs(details.get("protocols"))]
    return ", ".join(named) or None


def _suites(details: Objects) -> str | None:
    """Return the cipher suites; those that SSL Labs thinks weak or insecure say so."""
    groups = objs(details.get("suites")) or [obj(details.get("suites"))]
    marks = {0: " (insecure)", 1: " (weak)"}
    names = [
        f"{words(each.get('name'))}{marks.get(each['q'], '') if isinstance(each.get('q'), int) else ''}"
        for group in groups
        for each in objs(group.get("list"))
    ]
    return "\n".join(dict.fromkeys(names)) or None


def _leaf(host: Objects, details: Objects) -> Objects:
    """Return the server's certificate: of the API's version 3 by its id, of version 2 beside the details."""
    chain = next((each for each in objs(details.get("certChains")) if not each.get("noSni")), {})
    first = next((str(each) for each in arr(chain.get("certIds"))), None)
    return next((each for each in objs(host.get("certs")) if each.get("id") == first), obj(details.get("cert")))


def _certificate(host: Objects, details: Objects) -> str | None:
    leaf = _leaf(host, details)
    shown = [
        words(leaf.get("subject")),
        f"issued by {words(leaf.get('issuerSubject'))}" if leaf.get("issuerSubject") else None,
        f"SHA-256 {words(leaf.get('sha256Hash'))}" if leaf.get("sha256Hash") else None,
    ]
    return "\n".join(each for each in shown if each) or None


_ISSUES = (
    "there is no chain of trust",
    "the certificate is not valid yet",
    "the certificate has expired",
    "the certificate is for another host",
    "the certificate is revoked",
    "the name of the certificate is bad",
    "the certificate is self-signed",
    "the certificate is on a block list",
    "the certificate is signed insecurely",
    "the certificate's key is insecure",
)


def _certificates(host: Objects, details: Objects) -> Iterator[str]:
    """Yield what is wrong with the certificate; ``issues`` is a number of bits."""
    leaf = _leaf(host, details)
    bits = leaf.get("issues")
    if isinstance(bits, int) and not isinstance(bits, bool):
        yield from (told for number, told in enumerate(_ISSUES) if bits & (1 << number))
    if leaf.get("revocationStatus") == 1:
        yield "the certificate is revoked"


def _rest(endpoint: Objects, given: str | None) -> Objects:
    kept = {name: endpoint.get(name) for name in ("serverName", "hasWarnings", "gradeTrustIgnored")}
    return {name: value for name, value in kept.items() if value and value != given}
