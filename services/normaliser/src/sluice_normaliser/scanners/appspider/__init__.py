"""AppSpider (Rapid7): finds problems in running web applications."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    call,
    const,
    construct,
    each,
    evidence,
    fix,
    host,
    sections,
    url,
)
from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.text import from_base64
from sluice_shared.contracts.finding import Compliance, Kind

_SETUP = """
`VulnerabilitiesSummary.xml` of the scan's report folder (*Generate report → XML*):
```sh
sluice push VulnerabilitiesSummary.xml --asset url:https://shop.acme.io
```
"""
_NOTHING = frozenset({"", "n/a", "none", "unknown", "0"})


def _said(value: Any) -> str | None:
    """Return the words; AppSpider writes ``N/A`` and ``unknown`` for none, and 0 for no number."""
    found = words(value)
    return None if found is None or found.lower() in _NOTHING else found


def _exchange(value: Any) -> str | None:
    """Return a request or a response, which stands there in Base64."""
    said = text(value)
    return from_base64(said).decode("utf-8", "replace") if said else None


def _where(normalised: Any, address: Any, site: Any) -> str | None:
    return _said(address) or _said(normalised) or _said(site)


def _parameter(name: Any, parameter: Any) -> str | None:
    return _said(name) or _said(parameter)


def _place(kind: Any) -> str | None:
    found = (_said(kind) or "").lower()
    places = {
        "query": "query",
        "post": "body",
        "body": "body",
        "cookie": "cookie",
        "header": "header",
        "directory": "path",
    }
    return next((meant for word, meant in places.items() if word in found), None)


def _numbers(prefix: str) -> Any:
    def named(value: Any) -> list[str]:
        return [f"{prefix}-{number}" for number in strings(value) if number not in _NOTHING]

    return named


def _owasp(*places: Any) -> list[Compliance]:
    """Return the places in the OWASP Top 10 of 2007, 2010, 2013 and later years, in the order they are given."""
    return [
        construct(Compliance, {"standard": f"OWASP Top 10 {year}", "control": f"A{number}"})
        for year, place in zip(_YEARS, places, strict=True)
        if (number := _said(place))
    ]


_YEARS = ("2007", "2010", "2013", "2017", "2021")
_VULN = Map(
    kind=Kind.DAST,
    rule_id="ModuleId",
    rule_name="AttackType",
    title="VulnType",
    description=sections("Description"),
    message="MatchedString",
    severity="AttackScore | VulnSeverity | Severity",
    confidence="Confidence",
    identifiers=(call(_numbers("CAPEC"), "CAPEC"), call(_numbers("WASC"), "WASC")),
    cwes=call(_said, "CweId"),
    location=url(
        url=call(_where, "NormalizedUrl", "VulnUrl | Url | Page", "WebSite"),
        method=call(_said, "VulnMethod | Method"),
        parameter=call(_parameter, "ParameterName", "VulnParam"),
        parameter_in=call(_place, "VulnParamType"),
    ),
    related_locations=host(host="WebSiteIP", ip="WebSiteIP"),
    fix=fix(recommendation=sections("Recommendation")),
    references=("Links", "Reference"),
    evidence=(
        each(
            "AttackList.Attack[]",
            evidence(type=const("request"), text=call(_exchange, "AttackTraffic | AttackRequest | Request")),
        ),
        each(
            "AttackList.Attack[]", evidence(type=const("response"), text=call(_exchange, "AttackResponse | Response"))
        ),
        evidence(type=const("request"), text=call(_exchange, "CrawlTraffic")),
        evidence(type=const("response"), text=call(_exchange, "CrawlTrafficResponse")),
        each("AttackList.Attack[]", evidence(type=const("attack"), text="AttackValue")),
        each("AttackList.Attack[]", evidence(type=const("match"), text="AttackMatchedString")),
    ),
    compliance=call(_owasp, *(f"OWASP{year}" for year in _YEARS)),
    tags=("AttackClass", call(_said, "HtmlEntityAttacked")),
    first_detected_at="ScanDate",
    # unmapped, they would show the credentials that evidence hides, or say the same a second time
    ignore=(
        *("CrawlTraffic", "CrawlTrafficTemplate", "CrawlTrafficResponse", "AttackList", "DefenseBL", "DefenseWL"),
        *("DbId", "ParentDbId", "ScanName", "ScanEnd", "LuxorRootCauseId", "Page", "Url", "VulnUrl", "WebSite"),
    ),
)

SPEC = ScannerSpec(
    name="appspider",
    title="AppSpider",
    kinds=(Kind.DAST,),
    aliases=("rapid7-appspider",),
    homepage="https://docs.rapid7.com/appspider",
    setup=_SETUP,
    differences={"*": "one per vulnerability; the reference merges those of one type and severity"},
    formats=(
        Format(
            name="appspider-xml",
            container="xml",
            detect=XmlShape(root="VulnSummary", any_of=("ScanName", "AppVersion", "VulnList")),
            records="VulnList.Vuln",
            scan=ScanMap(version="AppVersion", scanned_at="ScanEnded | ScanStarted"),
            maps=(_VULN,),
        ),
    ),
)
