"""The XML and the JSON that SSLyze wrote before version 3, brought into the form of the JSON that it writes since."""

from typing import Any

from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words

_PROTOCOLS = {
    "sslv2": "ssl_2_0_cipher_suites",
    "sslv3": "ssl_3_0_cipher_suites",
    "tlsv1": "tls_1_0_cipher_suites",
    "tlsv1_1": "tls_1_1_cipher_suites",
    "tlsv1_2": "tls_1_2_cipher_suites",
    "tlsv1_3": "tls_1_3_cipher_suites",
}
_CHECKS = {
    "heartbleed": ("heartbleed", "openSslHeartbleed", {"is_vulnerable_to_heartbleed": "@isVulnerable"}),
    "openssl_ccs": (
        "openssl_ccs_injection",
        "openSslCcsInjection",
        {"is_vulnerable_to_ccs_injection": "@isVulnerable"},
    ),
    "fallback": ("tls_fallback_scsv", "tlsFallbackScsv", {"supports_fallback_scsv": "@isSupported"}),
    "robot": ("robot", "robotAttack", {"robot_result": "@resultEnum"}),
    "reneg": (
        "session_renegotiation",
        "sessionRenegotiation",
        {
            "is_vulnerable_to_client_renegotiation_dos": "@canBeClientInitiated",
            "supports_secure_renegotiation": "@isSecure",
        },
    ),
}
_OTHERS = {"resum": "session_resumption", "hsts": "http_headers"}
_NAMES = {**_PROTOCOLS, **_OTHERS, "certinfo": "certificate_info", "compression": "tls_compression"}
_MISSED = ("server_string", "error_message")
_TRUTH = {"True": True, "False": False}


def modern(document: Any) -> dict[str, Any]:
    """Return what a report in XML says, as the JSON of later versions says it."""
    root = obj(document)
    missed = [
        {"error_message": f"{words(each) or 'target'}: {words(obj(each).get('@error')) or 'not reached'}"}
        for each in items_of(obj(root.get("invalidTargets")).get("invalidTarget"))
    ]
    servers = [_server(obj(each)) for each in items_of(obj(root.get("results")).get("target"))]
    return {"server_scan_results": servers, "invalid_server_strings": missed}


def modern_of_json(document: Any) -> dict[str, Any]:
    """Return what a report in the JSON of versions 1 and 2 says, as that of later versions says it."""
    root = obj(document)
    missed = [
        {"error_message": ": ".join(part for name in _MISSED if (part := words(each.get(name))))}
        for each in objs(items_of(root.get("invalid_targets")))
    ]
    servers = []
    for target in objs(items_of(root.get("accepted_targets"))):
        results = obj(target.get("commands_results"))
        checks = dict(_result_of_json(name, obj(said)) for name, said in results.items())
        servers.append({"server_info": {"server_location": obj(target.get("server_info"))}, "scan_result": checks})
    return {"server_scan_results": servers, "invalid_server_strings": missed}


def _result_of_json(name: str, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the later name of a check with its result; most results have the later names already."""
    check = _CHECKS[name][0] if name in _CHECKS else _NAMES.get(name, name)
    problem = words(said.get("exception")) or words(said.get("error_message"))
    if problem:
        return check, {"status": "ERROR", "error_reason": problem}
    if name in _PROTOCOLS:
        listed = objs(items_of(said.get("accepted_cipher_list")))
        return check, {"accepted_cipher_suites": [{"cipher_suite": {"name": _cipher(each)}} for each in listed]}
    if name == "compression":
        return check, {"supports_compression": said.get("compression_name") is not None}
    if name == "robot":
        return check, {"robot_result": said.get("robot_result_enum")}
    if name == "certinfo":
        return check, {"certificate_deployments": [_deployment(said)]}
    return check, said


def _cipher(suite: dict[str, Any]) -> Any:
    return suite.get("name") or suite.get("openssl_name")


def _deployment(said: dict[str, Any]) -> dict[str, Any]:
    paths = objs(items_of(said.get("path_validation_result_list")))
    return {
        "path_validation_results": [
            {
                "trust_store": obj(path.get("trust_store")),
                "verified_certificate_chain": path.get("is_certificate_trusted") is True
                or path.get("was_validation_successful") is True
                or words(path.get("verify_string")) == "ok",
                "openssl_error_string": path.get("verify_string"),
            }
            for path in paths
        ],
        "leaf_certificate_subject_matches_hostname": said.get("leaf_certificate_subject_matches_hostname")
        if "leaf_certificate_subject_matches_hostname" in said
        else said.get("certificate_matches_hostname"),
        "received_chain_has_valid_order": said.get("is_certificate_chain_order_valid"),
        "verified_chain_has_sha1_signature": said.get("has_sha1_in_certificate_chain"),
    }


def _server(target: dict[str, Any]) -> dict[str, Any]:
    place = {"hostname": target.get("@host"), "ip_address": target.get("@ip"), "port": target.get("@port")}
    checks: dict[str, Any] = {}
    for name, said in target.items():
        if not name.startswith("@"):
            check, result = _result(name, obj(next(iter(items_of(said)), None)))
            checks[check] = result
    return {"server_info": {"server_location": place}, "scan_result": checks}


def _result(name: str, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the later name of a check with its result, or with why there is none."""
    known = _CHECKS.get(name)
    check = known[0] if known else _NAMES.get(name, name)
    problem = words(said.get("@exception"))
    if problem:
        return check, {"status": "ERROR", "error_reason": problem}
    if known:
        inner = _holding(said, known[1], next(iter(known[2].values())))
        return check, {key: _meant(inner.get(attribute)) for key, attribute in known[2].items()}
    if name in _PROTOCOLS:
        return check, {"accepted_cipher_suites": _ciphers(said)}
    if name == "certinfo":
        return check, {"certificate_deployments": [_certificate(said)]}
    if name == "compression":
        methods = [obj(each).get("@isSupported") for each in items_of(said.get("compressionMethod"))]
        return check, {"supports_compression": any(_meant(each) is not False for each in methods)}
    return check, {key: value for key, value in said.items() if key != "@title"}


def _holding(said: dict[str, Any], name: str, attribute: str) -> dict[str, Any]:
    """Return the element that tells a result: old versions give it the name of the check."""
    inside = [obj(said.get(name)), *(obj(each) for value in said.values() for each in items_of(value))]
    return next((each for each in inside if attribute in each), {})


def _meant(value: Any) -> Any:
    told = words(value)
    return _TRUTH.get(told, told) if told else None


def _ciphers(said: dict[str, Any]) -> list[dict[str, Any]]:
    accepted = items_of(obj(said.get("acceptedCipherSuites")).get("cipherSuite"))
    return [{"cipher_suite": {"name": obj(each).get("@name")}} for each in accepted]


def _certificate(said: dict[str, Any]) -> dict[str, Any]:
    told = obj(said.get("certificateValidation"))
    paths = [obj(each) for each in items_of(told.get("pathValidation"))]
    return {
        "path_validation_results": [
            {
                "trust_store": {"name": path.get("@usingTrustStore")},
                "verified_certificate_chain": words(path.get("@validationResult")) == "ok",
                "openssl_error_string": path.get("@error") or path.get("@validationResult"),
            }
            for path in paths
        ],
        "leaf_certificate_subject_matches_hostname": _meant(
            obj(told.get("hostnameValidation")).get("@certificateMatchesServerHostname")
        ),
        "received_chain_has_valid_order": _meant(obj(said.get("receivedCertificateChain")).get("@isChainOrderValid")),
        "verified_chain_has_sha1_signature": _meant(
            obj(told.get("verifiedCertificateChain")).get("@hasSha1SignedCertificate")
        ),
    }
