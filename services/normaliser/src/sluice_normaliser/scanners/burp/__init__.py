"""Burp Suite: finds problems in running web applications; its XML export of issues."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Format,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    const,
    each,
    evidence,
    fix,
    host,
    join,
    plain,
    sections,
    url,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.text import from_base64
from sluice_normaliser.scanners._burp import address, marked
from sluice_shared.contracts.finding import Kind

_SETUP = """
In *Target › Issues*, select the issues and choose *Report selected issues*, format XML, with requests and responses
encoded in Base64; Burp Suite DAST exports the same XML from a scan.
```sh
sluice push issues.xml --asset url:https://shop.acme.io
```
"""

_PARAMETER = re.compile(r"\[(?P<name>.*?)\s*(?P<place>cookie|(?:HTTP )?header|(?:(?:JSON|XML|body) )?parameter)?\]\s*$")
_PLACES = {
    "cookie": "cookie",
    "HTTP header": "header",
    "header": "header",
    "JSON parameter": "body",
    "XML parameter": "body",
    "body parameter": "body",
}


def _parameter(location: Any) -> str | None:
    found = _PARAMETER.search(words(location) or "")
    return found["name"] or None if found else None


def _parameter_in(location: Any) -> str | None:
    found = _PARAMETER.search(words(location) or "")
    if found is None:
        return None
    return "path" if found["name"].startswith("REST URL") else _PLACES.get(found["place"] or "")


def _exchange(message: Any) -> str | None:
    """Return a request or a response as text; the export encodes it in Base64 when it is asked to."""
    said = text(message)
    if said is None or not (isinstance(message, dict) and message.get("@base64") == "true"):
        return said
    return from_base64(said).decode("utf-8", "replace")


def _status_code(message: Any) -> str | None:
    head = (_exchange(message) or "")[:64].split(None, 2)
    return head[1] if len(head) > 1 and head[0].startswith("HTTP/") and head[1].isdigit() else None


SPEC = ScannerSpec(
    name="burp",
    title="Burp Suite",
    kinds=(Kind.DAST,),
    aliases=("burp_suite", "burpsuite"),
    homepage="https://portswigger.net/burp",
    setup=_SETUP,
    formats=(
        Format(
            name="burp-xml",
            container="xml",
            detect=XmlShape(
                root="issues",
                any_of=("@burpVersion", "issue.serialNumber", "issue.issueBackground", "issue.requestresponse"),
            ),
            scan=ScanMap(version="@burpVersion", scanned_at="@exportTime"),
            maps=(
                Map(
                    each="issue[]",
                    kind=Kind.DAST,
                    rule_id="type",
                    rule_name="name",
                    title="name",
                    description=sections("issueBackground"),
                    message=sections("issueDetail"),
                    severity=by("severity", "web"),
                    confidence="confidence",
                    status=call(marked, "severity"),
                    identifiers="vulnerabilityClassifications",
                    cwes="vulnerabilityClassifications",
                    location=url(
                        url=call(address, "host", "path"),
                        method="requestresponse[0].request.@method",
                        parameter=call(_parameter, "location"),
                        parameter_in=call(_parameter_in, "location"),
                        status_code=call(_status_code, "requestresponse[0].response"),
                    ),
                    related_locations=host(host="host.@ip", ip="host.@ip"),
                    fix=fix(recommendation=sections("remediationBackground", Detail="remediationDetail")),
                    references=("references", "vulnerabilityClassifications"),
                    evidence=(
                        *(
                            each(path, evidence(type=const(part), text=call(_exchange, part)))
                            for path in ("requestresponse[]", "collaboratorEvent[].requestresponse[]")
                            for part in ("request", "response")
                        ),
                        evidence(
                            type=const("output"),
                            text=plain(join("issueDetailItems.issueDetailItem[]")),
                        ),
                    ),
                    fingerprints={"burp_serial_number": "serialNumber"},
                    # unmapped, they would show the credentials that evidence hides
                    ignore=("requestresponse", "collaboratorEvent[].requestresponse", "issueDetailItems"),
                ),
            ),
        ),
    ),
)
