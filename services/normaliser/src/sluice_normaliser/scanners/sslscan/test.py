"""What sslscan tells of a service: its protocols, flaws, ciphers and certificates."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus

Objects = dict[str, Any]
_FINE = frozenset({"strong", "acceptable"})
_GRADES = {"weak": "medium", "medium": "low", "anonymous": "high", "null": "high"}
_OLD = {"SSLv2": "high", "SSLv3": "high", "TLSv1.0": "medium", "TLSv1": "medium", "TLSv1.1": "medium"}
_BROKEN = ("NULL", "ADH", "AECDH", "EXP", "RC4", "RC2", "DES", "IDEA")
_ADDRESS = re.compile(r"[\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]+")
_LEAST = {"RSA": 2048, "DSA": 2048, "DH": 2048, "EC": 224}


class Found(NamedTuple):
    """One check: its rule, what it says, how bad it is (None when it holds; sslscan grades nothing), and its names."""

    rule: str
    title: str
    severity: str | None
    identifiers: tuple[str, ...] = ()
    cwe: int = 327
    output: str | None = None


def unreachable(document: Any) -> str | None:
    """Return why a service could not be tested, or None."""
    told = [words(obj(each).get("#text") or each) for each in items_of(obj(document).get("error"))]
    for test in _tests(document):
        told += [f"{words(test.get('@host'))}: {words(each)}" for each in items_of(test.get("error"))]
    return "; ".join(each for each in told if each)[:2000] or None


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the checks of every service; where there are several hosts, each is an asset of its own."""
    tests = list(_tests(document))
    several = len({words(each.get("@host")) for each in tests}) > 1
    for test in tests:
        where = _place(test)
        for found in (*_protocols(test), *_flaws(test), *_ciphers(test), *_groups(test), *_certificates(test)):
            yield reading.observe(
                kind=Kind.HOST,
                rule_id=found.rule,
                title=found.title,
                severity=grade(found.severity or "info")._replace(raw=None),
                status=ObservationStatus.OPEN if found.severity else ObservationStatus.PASSED,
                identifiers=list(found.identifiers),
                cwes=[found.cwe] if found.severity else [],
                location=where,
                evidence={"output": found.output},
                asset=f"host:{where.host.lower()}" if several else None,
            )


def _tests(document: Any) -> list[Objects]:
    return [each for each in items_of(obj(document).get("ssltest")) if isinstance(each, dict)]


def _elements(test: Objects, name: str) -> list[Objects]:
    return [each for each in items_of(test.get(name)) if isinstance(each, dict)]


def _place(test: Objects) -> HostLocation:
    address = words(test.get("@ip")) or words(test.get("@host")) or ""
    return construct(
        HostLocation,
        {
            "host": words(test.get("@sniname")) or words(test.get("@host")) or "unknown",
            "ip": address if _ADDRESS.fullmatch(address) else None,
            "port": int(port) if (port := words(test.get("@port")) or "").isdigit() else None,
            "protocol": "tcp",
        },
    )


def _protocols(test: Objects) -> Iterator[Found]:
    for each in _elements(test, "protocol"):
        name = f"{(words(each.get('@type')) or '').upper()}v{words(each.get('@version'))}".replace("TLSV", "TLSv")
        name = f"SSLv{words(each.get('@version'))}" if name.startswith("SSLv") else name
        enabled = words(each.get("@enabled")) == "1"
        bad = _OLD.get(name) if enabled else None
        yield Found(f"protocol:{name}", f"{name} is {'accepted' if enabled else 'not accepted'}", bad, cwe=326)


def _flaws(test: Objects) -> Iterator[Found]:
    for each in _elements(test, "heartbleed"):
        version, bad = words(each.get("@sslversion")) or "TLS", words(each.get("@vulnerable")) == "1"
        title = f"Heartbleed with {version}" if bad else f"No Heartbleed with {version}"
        yield Found(f"heartbleed:{version}", title, "critical" if bad else None, ("CVE-2014-0160",), 126)
    for each in _elements(test, "compression"):
        bad = words(each.get("@supported")) == "1"
        said = "TLS compression is on (CRIME)" if bad else "TLS compression is off"
        yield Found("compression", said, "medium" if bad else None, ("CVE-2012-4929",))
    for each in _elements(test, "renegotiation"):
        bad = words(each.get("@supported")) == "1" and words(each.get("@secure")) != "1"
        title = "Renegotiation is insecure" if bad else "Renegotiation is secure, or off"
        yield Found("renegotiation", title, "medium" if bad else None, ("CVE-2009-3555",))
    for each in _elements(test, "fallback"):
        bad = words(each.get("@supported")) == "0"
        title = "TLS_FALLBACK_SCSV is missing" if bad else "TLS_FALLBACK_SCSV is supported"
        yield Found("fallback-scsv", title, "low" if bad else None, cwe=757)


def _ciphers(test: Objects) -> Iterator[Found]:
    for each in _elements(test, "cipher"):
        name, version = words(each.get("@cipher")) or "unknown", words(each.get("@sslversion")) or "TLS"
        accepted = (words(each.get("@status")) or "accepted") in {"accepted", "preferred"}
        strength = (words(each.get("@strength")) or _strength(name, each)).lower()
        bad = None if not accepted or strength in _FINE else _GRADES.get(strength, "low")
        said = f"{strength} cipher {name} with {version} is {'accepted' if accepted else 'not accepted'}"
        detail = " ".join(f"{key[1:]}={words(value)}" for key, value in each.items() if key in _SHOWN and value)
        yield Found(f"cipher:{version}:{name}", said, bad, (), 327, detail)


_SHOWN = frozenset({"@bits", "@curve", "@ecdhebits", "@dhebits", "@id", "@status", "@strength"})


def _strength(name: str, cipher: Objects) -> str:
    """Return the strength where an old version of sslscan names none: by what the cipher is made of."""
    bits = words(cipher.get("@bits")) or ""
    weak = any(part in name.upper() for part in _BROKEN) or name.upper().endswith("MD5")
    return "weak" if weak or (bits.isdigit() and int(bits) < 112) else "acceptable"  # noqa: PLR2004 - NIST SP 800-131A


def _groups(test: Objects) -> Iterator[Found]:
    for each in _elements(test, "group"):
        name, bits = words(each.get("@name")) or "unknown", words(each.get("@bits")) or ""
        weak = bits.isdigit() and int(bits) < 112  # noqa: PLR2004 - bits of security, NIST SP 800-131A
        title = f"Key exchange group {name} with {words(each.get('@sslversion'))} has {bits} bits of security"
        yield Found(f"group:{name}", title, "low" if weak else None, cwe=326)


def _certificates(test: Objects) -> Iterator[Found]:
    listed = _elements(test, "certificate")
    for inside in _elements(test, "certificates"):
        listed += _elements(inside, "certificate")
    for each in listed:
        subject = words(each.get("subject"))
        if subject is None and not each.get("signature-algorithm"):
            continue
        shown = "\n".join(f"{name}: {told}" for name in _CERTIFICATE if (told := words(each.get(name))))
        yield from (found._replace(output=shown) for found in _certificate(each, subject or "unknown"))


_CERTIFICATE = ("subject", "altnames", "issuer", "signature-algorithm", "not-valid-before", "not-valid-after")


def _certificate(each: Objects, subject: str) -> Iterator[Found]:
    expired = words(each.get("expired")) == "true"
    title = f"Certificate of {subject} {'has expired' if expired else 'has not expired'}"
    yield Found("certificate-expired", title, "high" if expired else None, (), 298)
    alone = words(each.get("self-signed")) == "true"
    title = f"Certificate of {subject} is {'self-signed' if alone else 'signed by another'}"
    yield Found("certificate-self-signed", title, "medium" if alone else None, (), 295)
    signed = words(each.get("signature-algorithm")) or ""
    weak = any(name in signed.lower() for name in ("md5", "md2", "sha1"))
    title = f"Certificate of {subject} is signed with {signed or 'an unknown algorithm'}"
    yield Found("certificate-signature", title, "medium" if weak else None, (), 328)
    key = obj(each.get("pk"))
    kind, bits = (words(key.get("@type")) or "").upper(), words(key.get("@bits")) or ""
    if bits.isdigit():
        short = int(bits) < _LEAST.get(kind, 0)
        yield Found("certificate-key", f"Key of {subject} is {kind} {bits}", "medium" if short else None, (), 326)
