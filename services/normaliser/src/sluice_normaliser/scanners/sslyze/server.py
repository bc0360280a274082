"""What SSLyze says of a server: one observation for each check, open where it found something."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, Said, construct
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus

_OBSOLETE = {"ssl_2_0": "SSL 2.0", "ssl_3_0": "SSL 3.0", "tls_1_0": "TLS 1.0", "tls_1_1": "TLS 1.1"}
_PRESENT = {"tls_1_2": "TLS 1.2", "tls_1_3": "TLS 1.3"}
_BROKEN = ("NULL", "_anon_", "EXPORT", "RC4", "RC2", "_DES_", "3DES", "IDEA", "EXP-", "DES-CBC", "ADH-", "AECDH-")
_INFORMATIVE = frozenset({"elliptic_curves", "session_resumption", "http_headers", "tls_1_3_early_data"})


class Verdict(NamedTuple):
    """What a check came to: its rule, its title, whether it found something, and more about it."""

    rule: str
    title: str
    found: bool
    message: str | None = None
    identifiers: tuple[str, ...] = ()
    cwes: tuple[int, ...] = ()
    output: str | None = None


def unreachable(document: Any) -> str | None:
    """Return the servers that could not be scanned, or None."""
    report = obj(document)
    missed = [
        f"{_place(server).host}: {words(server.get('connectivity_error_trace')) or words(server.get('scan_status'))}"
        for server in objs(report.get("server_scan_results"))
        if words(server.get("scan_status")) not in {None, "COMPLETED"}
    ]
    missed += [
        f"{_place(obj(each.get('server_info')) or each).host}: {words(each.get('error_message'))}"
        for each in objs(report.get("server_connectivity_errors"))
    ]
    missed += [
        words(each.get("error_message")) or words(each) or "" for each in objs(report.get("invalid_server_strings"))
    ]
    return "; ".join(missed)[:2000] or None


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the checks of every server, in the order of the report."""
    for server in objs(obj(document).get("server_scan_results")):
        info = obj(server.get("server_info")) or server
        results = obj(server.get("scan_result")) or obj(server.get("scan_commands_results"))
        for check, said in results.items():
            wrapped = obj(said)
            result = obj(wrapped.get("result")) if "status" in wrapped or "result" in wrapped else wrapped
            if words(wrapped.get("status")) == "ERROR":
                yield _unchecked(check, wrapped.get("error_reason"), info, reading)
            elif result:
                for verdict in _judge(check, result):
                    yield _observe(verdict, info, reading, informative=check in _INFORMATIVE)
        for check, said in obj(server.get("scan_commands_errors")).items():  # apart from the results, in version 3
            yield _unchecked(check, obj(said).get("reason"), info, reading)


def _unchecked(check: str, reason: Any, info: dict[str, Any], reading: Reading) -> Observation:
    verdict = Verdict(check, f"{check} could not be checked", found=True, message=words(reason))
    return _observe(verdict, info, reading, manual=True)


def _judge(check: str, result: dict[str, Any]) -> Iterator[Verdict]:
    protocol = check.removesuffix("_cipher_suites")
    if check.endswith("_cipher_suites"):
        yield from _ciphers(check, protocol, result)
    elif check == "certificate_info":
        for deployment in objs(result.get("certificate_deployments")):
            yield from _certificate(deployment)
    elif check in _FLAWS:
        key, title, identifiers, cwes, bad = _FLAWS[check]
        value = result.get(key) if key in result else result.get(_OLD_KEYS.get(key, key))
        yield Verdict(check, title, bad(value), words(value), identifiers, cwes)
        if check == "session_renegotiation":
            secure = result.get("supports_secure_renegotiation")
            yield Verdict("secure_renegotiation", "Secure renegotiation is missing", secure is False, cwes=(310,))
    else:
        yield Verdict(check, check.replace("_", " "), found=False, output=words(result))


_OLD_KEYS = {"is_vulnerable_to_client_renegotiation_dos": "accepts_client_renegotiation"}
_FLAWS: dict[str, Any] = {
    "heartbleed": (
        "is_vulnerable_to_heartbleed",
        "OpenSSL Heartbleed",
        ("CVE-2014-0160",),
        (119,),
        lambda said: said is True,
    ),
    "openssl_ccs_injection": (
        "is_vulnerable_to_ccs_injection",
        "OpenSSL CCS injection",
        ("CVE-2014-0224",),
        (326,),
        lambda said: said is True,
    ),
    "robot": (
        "robot_result",
        "ROBOT: RSA padding oracle",
        (),
        (203,),
        lambda said: str(said).startswith("VULNERABLE"),
    ),
    "session_renegotiation": (
        "is_vulnerable_to_client_renegotiation_dos",
        "Client renegotiation allows denial of service",
        ("CVE-2011-1473",),
        (400,),
        lambda said: said is True,
    ),
    "tls_compression": (
        "supports_compression",
        "TLS compression is on (CRIME)",
        ("CVE-2012-4929",),
        (310,),
        lambda said: said is True,
    ),
    "tls_fallback_scsv": (
        "supports_fallback_scsv",
        "TLS_FALLBACK_SCSV is missing",
        (),
        (757,),
        lambda said: said is False,
    ),
    "tls_extended_master_secret": (
        "supports_ems_extension",
        "Extended master secret is missing",
        (),
        (310,),
        lambda said: said is False,
    ),
}


def _ciphers(check: str, protocol: str, result: dict[str, Any]) -> Iterator[Verdict]:
    accepted = [
        words(obj(each.get("cipher_suite")).get("name")) or words(each.get("openssl_name")) or ""
        for each in objs(result.get("accepted_cipher_suites"))
    ]
    named = _OBSOLETE.get(protocol) or _PRESENT.get(protocol) or protocol
    output = "\n".join(accepted) or None
    if protocol in _OBSOLETE:
        yield Verdict(check, f"{named} is accepted", bool(accepted), cwes=(327,), output=output)
        return
    weak = [name for name in accepted if _weak(name)]
    told = f"{len(weak)} of {len(accepted)} accepted cipher suites are weak" if weak else None
    yield Verdict(check, f"{named} accepts weak cipher suites", bool(weak), told, (), (327,), "\n".join(weak) or output)


def _weak(cipher: str) -> bool:
    """Return True for broken ciphers, MD5 and SHA-1 MACs, and key exchanges without forward secrecy."""
    if any(part in cipher for part in _BROKEN) or cipher.endswith(("_SHA", "_MD5", "-SHA", "-MD5")):
        return True
    return cipher.startswith(("TLS_RSA_", "TLS_ECDH_", "TLS_DH_", "TLS_PSK_"))


def _certificate(deployment: dict[str, Any]) -> Iterator[Verdict]:
    paths = objs(deployment.get("path_validation_results"))
    errors = [
        f"{words(obj(path.get('trust_store')).get('name'))}: {words(path.get('openssl_error_string')) or _error(path)}"
        for path in paths
        if path.get("was_validation_successful") is False or not path.get("verified_certificate_chain")
    ]
    chain = objs(deployment.get("received_certificate_chain"))
    leaf = words(obj(chain[0].get("subject")).get("rfc4514_string")) if chain else None
    ends = words(chain[0].get("not_valid_after") or chain[0].get("notAfter")) if chain else None
    shown = "\n".join(part for part in (leaf, f"valid until {ends}" if ends else None) if part) or None
    untrusted = "Certificate is not trusted"
    yield Verdict("certificate_trust", untrusted, bool(errors), "\n".join(errors) or None, (), (295,), shown)
    for key, bad, title, cwe in (
        ("leaf_certificate_subject_matches_hostname", False, "Certificate is for another host", 297),
        ("received_chain_has_valid_order", False, "Certificate chain is in the wrong order", 295),
        ("verified_chain_has_sha1_signature", True, "Certificate chain has a SHA-1 signature", 328),
        ("verified_chain_has_legacy_symantec_anchor", True, "Certificate chain ends at a distrusted anchor", 295),
        ("ocsp_response_is_trusted", False, "OCSP response is not trusted", 299),
    ):
        if deployment.get(key) is not None:
            yield Verdict(key, title, deployment[key] is bad, cwes=(cwe,), output=shown)


def _error(path: dict[str, Any]) -> str:
    return words(path.get("validation_error")) or "validation failed"


def _place(server: dict[str, Any]) -> HostLocation:
    location = obj(server.get("server_location"))
    return construct(
        HostLocation,
        {
            "host": words(location.get("hostname")) or words(location.get("ip_address")) or "unknown",
            "ip": location.get("ip_address"),
            "port": location.get("port"),
            "protocol": "tcp",
        },
    )


def _observe(
    verdict: Verdict, server: dict[str, Any], reading: Reading, *, informative: bool = False, manual: bool = False
) -> Observation:
    status = ObservationStatus.OPEN if verdict.found else ObservationStatus.PASSED
    if informative or manual:
        status = ObservationStatus.INFORMATIONAL if informative else ObservationStatus.MANUAL
    return reading.observe(
        kind=Kind.HOST,
        rule_id=verdict.rule,
        title=verdict.title,
        message=verdict.message,
        status=Said(status, verdict.message if verdict.rule == "robot" else None),
        identifiers=arr(list(verdict.identifiers)),
        cwes=list(verdict.cwes) if verdict.found else [],
        location=_place(server),
        evidence={"output": verdict.output},
    )
