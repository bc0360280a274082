"""Burp Suite's REST API: a scan with the issues that it has found so far."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    fix,
    sections,
    url,
)
from sluice_normaliser.kit.shapes import objs, words
from sluice_normaliser.kit.text import from_base64
from sluice_normaliser.scanners._burp import address, marked
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl "http://127.0.0.1:1337/$API_KEY/v0.1/scan/$TASK" -o scan.json      # when scan_status is succeeded
sluice push scan.json --asset url:https://shop.acme.io
```
Burp can also call back: give Sluice's webhook URL as `scan_callback.url` when you start the scan.
"""


def _message(segments: Any) -> str | None:
    """Return a request or a response from its segments, each in Base64; parts that Burp snipped are marked."""
    found = [
        f"[{segment.get('length')} bytes left out]".encode()
        if (data := words(segment.get("data"))) is None
        else from_base64(data)
        for segment in objs(segments)
    ]
    return b"".join(found).decode("utf-8", "replace") or None


def _failed(said: Any, message: Any) -> str | None:
    return words(message) or words(said) if words(said) in {"failed", "cancelled"} else None


def _issues(path: str, issue: str) -> Map:
    exchange = f"{issue}evidence[]"
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=f"{issue}type_index",
        rule_name=f"{issue}name",
        title=f"{issue}name",
        description=sections(f"{issue}issue_background"),
        message=sections(f"{issue}description"),
        severity=by(f"{issue}severity", "web"),
        confidence=f"{issue}confidence",
        status=call(marked, f"{issue}severity"),
        identifiers=f"{issue}vulnerability_classifications",
        cwes=f"{issue}vulnerability_classifications",
        location=url(url=call(address, f"{issue}origin", f"{issue}path")),
        fix=fix(recommendation=sections(f"{issue}remediation_background", Detail=f"{issue}remediation_detail")),
        references=(f"{issue}references", f"{issue}vulnerability_classifications"),
        evidence=(
            each(exchange, evidence(type=const("request"), text=call(_message, "request_response.request"))),
            each(exchange, evidence(type=const("response"), text=call(_message, "request_response.response"))),
        ),
        fingerprints={"burp_serial_number": f"{issue}serial_number"},
        ignore=(f"{issue}internal_data", f"{issue}caption"),
    )


SPEC = ScannerSpec(
    name="burp_api",
    scanner="burp",
    title="Burp Suite REST API",
    kinds=(Kind.DAST,),
    aliases=("burp_rest_api",),
    homepage="https://portswigger.net/burp/documentation/desktop/settings/suite/rest-api",
    setup=_SETUP,
    formats=(
        Format(
            name="burp-api-json",
            container="json",
            detect=JsonShape(root="object", has=("issue_events",), weight=2),
            scan=ScanMap(
                failure=call(_failed, "scan_status", "message"),
                complete=call(lambda said: words(said) in {None, "succeeded"}, "scan_status"),
            ),
            maps=(_issues("issue_events[]", "issue."),),
        ),
    ),
)
