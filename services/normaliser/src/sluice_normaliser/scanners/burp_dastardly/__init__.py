"""Dastardly: Burp Suite's small scanner for pipelines; its JUnit report."""

from sluice_normaliser.kit import (
    Format,
    Map,
    ScannerSpec,
    XmlShape,
    by,
    call,
    fix,
    url,
    urls_in,
)
from sluice_normaliser.scanners._burp import marked
from sluice_normaliser.scanners.burp_dastardly.issue import address, exchange, field, method, section, titled
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
docker run --rm --user $(id -u) -v $PWD:/out \\
  -e BURP_START_URL=https://shop.acme.io -e BURP_REPORT_FILE_PATH=/out/dastardly.xml \\
  public.ecr.aws/portswigger/dastardly:latest
sluice push dastardly.xml --asset url:https://shop.acme.io
```
Pages without issues are passed tests; they are counted, not listed.
"""
_TOLD = "#text"
_ISSUE = Map(
    each="testsuite[].testcase[].failure[]",
    kind=Kind.DAST,
    rule_id="^.@name",
    rule_name="^.@name",
    title="^.@name",
    description=call(section("Issue Background"), _TOLD),
    message=call(section("Issue Detail"), _TOLD),
    severity=[by("@type", "web"), by(call(field("Severity"), _TOLD), "web")],
    confidence=call(field("Confidence"), _TOLD),
    status=call(marked, "@type"),
    identifiers=(call(section("Vulnerability Classifications"), _TOLD), call(section("Issue Detail"), _TOLD)),
    cwes=call(section("Vulnerability Classifications"), _TOLD),
    location=url(url=call(address, _TOLD, "^^.@name"), method=call(method, _TOLD)),
    fix=fix(recommendation=call(titled("Issue Remediation", "Remediation Background", "Remediation Detail"), _TOLD)),
    references=call(
        urls_in,
        call(titled("References", "Vulnerability Classifications", "Issue Detail"), _TOLD),
    ),
    evidence={"request": call(exchange("Request"), _TOLD), "response": call(exchange("Response"), _TOLD)},
    ignore=("@message",),
)

SPEC = ScannerSpec(
    name="burp_dastardly",
    scanner="dastardly",
    title="Burp Suite Dastardly",
    kinds=(Kind.DAST,),
    aliases=("dastardly",),
    homepage="https://portswigger.net/burp/dastardly",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="dastardly-junit",
            container="xml",
            detect=XmlShape(root="testsuites", match={"@name": "(?i)^Dastardly"}),
            maps=(_ISSUE,),
        ),
    ),
)
