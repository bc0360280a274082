"""AppCheck: finds problems in web applications, APIs and the machines beneath them."""

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    epss,
    fix,
    host,
    lookup,
    rating,
    several_assets,
    suppression,
    url,
    urls_in,
    when,
)
from sluice_normaliser.scanners.appcheck_web_application_scanner.items import (
    asset_of,
    details,
    exchange,
    first_address,
    is_suppressed,
    owasp,
    plain,
    port,
    products,
    protocol,
    rule,
    state,
)
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
*Vulnerabilities → Export → JSON*, or the vulnerabilities of a scan from the API
(`/api/v1/$KEY/vulnerabilities`):
```sh
sluice push appcheck.json --asset url:https://shop.acme.io --scanner appcheck_web_application_scanner
```
The severity is AppCheck's *impact*. Where an export holds several machines or applications, each is an asset of its
own.
"""

_PLACE = ("url", "web_app", "target", "host", "ipv4_address")
_ITEM = Map(
    each="items[]",
    kind=lookup("type", {"web_app": Kind.DAST, "api": Kind.API, "infra": Kind.HOST}, default=Kind.DAST),
    rule_id=call(rule, "appcheck.cls", "meta.raw_data", "plugin", "title"),
    rule_name="title",
    title="title",
    description=call(plain, "description"),
    message=call(plain, "synopsis"),
    severity="impact | severity | priority | cvss_v3_impact",
    status=call(state, "status", "fixed", "trashed", "false_positive"),
    identifiers=("cves", "OWASP"),
    cwes=("cwes", "cwe", call(details, "details", const("Classifications"))),
    location=when(
        call(first_address, *_PLACE[:2]),
        url(url=call(first_address, *_PLACE[:2]), method="method", parameter="parameter"),
        host(
            host="host | ipv4_address | ipv6_address",
            ip="ipv4_address | ipv6_address",
            port=call(port, "port", "target"),
            protocol=call(protocol, "target"),
        ),
    ),
    related_locations=(
        when(
            call(first_address, *_PLACE[:2]),
            host(host="host | ipv4_address", ip="ipv4_address | ipv6_address", port="port"),
        ),
        call(products, "cpe"),
    ),
    ratings=(
        rating(const("appcheck"), vector="cvss_v4_vector", score="cvss_v4_base_score", severity="cvss_v4_impact"),
        rating(const("appcheck"), vector="cvss_v3_vector", score="cvss_v3_base_score", severity="cvss_v3_impact"),
        rating(
            const("appcheck"),
            vector="cvss_vector",
            score="cvss_base_score | cvss_score",
            method=RatingMethod.CVSS_V2,
        ),
        epss("epss_base_score"),
    ),
    fix=fix(recommendation=call(plain, "solution"), patch="patch[0]"),
    references=call(urls_in, "description", call(details, "details", const("External Sources")), "solution"),
    evidence={
        "request": call(exchange("--->"), "details"),
        "response": call(exchange("<---"), "details"),
        "output": call(details, "details"),
        "attack": "attack",
    },
    compliance=call(owasp, "OWASP"),
    suppressions=when(
        call(is_suppressed, "status", "fixed", "trashed", "false_positive"),
        suppression(kind=const("external"), status="status", justification="notes"),
    ),
    fingerprints={"appcheck_id": "_id"},
    tags=("category", "tags[]", "meta.scanning_engine.name"),
    first_detected_at="first_detected_at | created",
    last_detected_at="last_detected_at",
    ignore=(
        "_meta",
        "meta",
        "details",
        "results_set_id",
        "modified",
        "latest_detected_result",
        "meta_migration",
        "cvss_score",
    ),
)

SPEC = ScannerSpec(
    name="appcheck_web_application_scanner",
    scanner="appcheck",
    title="AppCheck",
    kinds=(Kind.DAST, Kind.HOST, Kind.API),
    aliases=("appcheck", "appcheck-ng"),
    homepage="https://appcheck-ng.com",
    setup=_SETUP,
    differences={"*": "one per item; the reference merges those of one title, severity and place"},
    formats=(
        Format(
            name="appcheck-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items",),
                any_of=(
                    *("items[].latest_detected_result", "items[].mss_confirmed", "items[].results_set_id"),
                    *("items[].signature", "items[].appcheck"),
                ),
            ),
            parse=several_assets(_ITEM, key=asset_of),
        ),
        Format(
            name="appcheck-json-none",
            container="json",
            detect=JsonShape(root="object", has=("items", "hosts"), only=("items", "hosts"), lacks=("items[]",)),
            maps=(_ITEM,),
        ),
    ),
)
