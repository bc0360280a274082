"""httpx: probes web servers."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, template, url, when
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
httpx -l hosts.txt -json -tech-detect -o httpx.jsonl
sluice push httpx.jsonl --asset service:shop
```
What answers is listed as informational.
"""

SPEC = ScannerSpec(
    name="httpx",
    title="httpx",
    kinds=(Kind.DAST,),
    homepage="https://github.com/projectdiscovery/httpx",
    setup=_SETUP,
    formats=(
        Format(
            name="httpx-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].url", "[].input", "[].failed"), any_of=("[].status_code", "[].webserver", "[].scheme")
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.DAST,
                    rule_id=const("web-server"),
                    title=when("status_code", template("{url} answers with {status_code}"), template("{url} answers")),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="url", method="method", status_code="status_code"),
                    evidence={"webserver": "webserver", "title": "title", "response": "response"},
                    tags=("tech[]",),
                    last_detected_at="timestamp",
                ),
            ),
        ),
    ),
)
