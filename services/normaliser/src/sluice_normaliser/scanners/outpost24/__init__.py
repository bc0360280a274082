"""Outpost24 (OUTSCAN, HIAB): network scans of hosts."""

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
    first,
    fix,
    host,
    ident,
    join,
    lookup,
    matching,
    rating,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
*Reporting Tools › Export* as XML.
```sh
sluice push outpost24.xml --asset host:10.0.0.8
```
Every host is an asset of its own, by its name where it has one. Open ports are kept as informational.
"""
_PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp"}


def _status(false_positive: Any, accepted: Any) -> ObservationStatus:
    settled = boolean(false_positive) is True or boolean(accepted) is True
    return ObservationStatus.SUPPRESSED if settled else ObservationStatus.OPEN


def _is_true(value: Any) -> bool:
    return boolean(value) is True


def _asset(*names: Any) -> str | None:
    found = next((name for name in map(words, names) if name), None)
    return f"host:{found.lower()}" if found else None


def _complete(said: Any) -> bool | None:
    """Return False when the scan of a host was cut short."""
    return False if any(boolean(each) is False for each in items_of(said)) else None


SPEC = ScannerSpec(
    name="outpost24",
    title="Outpost24",
    kinds=(Kind.HOST,),
    aliases=("outscan", "hiab"),
    homepage="https://kb.outpost24.com",
    setup=_SETUP,
    formats=(
        Format(
            name="outpost24-xml",
            container="xml",
            detect=XmlShape(
                root="main", any_of=("reportinfo", "hostlist", "detaillist", "portlist", "report.reportinfo"), weight=2
            ),
            scan=ScanMap(scanned_at="reportinfo.reportdate", complete=call(_complete, "hostlist.host[].completescan")),
            maps=(
                Map(
                    each="detaillist.detail[]",
                    kind=Kind.HOST,
                    rule_id="id",
                    rule_name="name",
                    title="name",
                    description="description",
                    message="information",
                    severity=[by("risk", "0-4"), by("cvss_v3_score", "cvss"), by("cvss_score", "cvss2")],
                    status=call(_status, "falsepositive", "accepted"),
                    identifiers=("cve.id", ident("bug.id", scheme="bid")),
                    location=host(
                        host=first("hostname", "ip"),
                        ip="ip",
                        port="portinfo.portnumber",
                        protocol=lookup("portinfo.protocol", _PROTOCOLS),
                        service="portinfo.service",
                        os="platform",
                    ),
                    ratings=(
                        rating(
                            const("outpost24"),
                            vector=matching("cvss_v3_vector", r"((?:CVSS:3\.\d/)?AV:[^)\s]+)"),
                            score="cvss_v3_score",
                            severity="risk",
                        ),
                        rating(const("outpost24"), vector=matching("cvss_vector", r"(AV:[^)\s]+)"), score="cvss_score"),
                    ),
                    fix=fix(recommendation=join("solutiontitle", "solution"), action="solutiontitle"),
                    references="referencelist.reference[].url",
                    suppressions=first(
                        when(
                            call(_is_true, "falsepositive"),
                            suppression(kind=const("external"), justification=const("false positive")),
                        ),
                        when(call(_is_true, "accepted"), suppression(kind=const("external"), status=const("accepted"))),
                    ),
                    asset=call(_asset, "hostname", "ip"),
                    tags=("family", "product", "category"),
                    first_detected_at="history.firstseen",
                    last_detected_at="history.lastseen | date",
                    ignore=("cvss_vector_description",),
                ),
                Map(
                    each="portlist.portlist-host[].portinfo[]",
                    kind=Kind.HOST,
                    rule_id=const("open_port"),
                    title=template("Port {portnumber}/{protocol} is open: {service}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=host(
                        host=first("^.name", "^.ip"),
                        ip="^.ip",
                        port="portnumber",
                        protocol=lookup("protocol", _PROTOCOLS),
                        service="service",
                    ),
                    asset=call(_asset, "^.name", "^.ip"),
                    first_detected_at="history.firstseen",
                    last_detected_at="^.date",
                ),
            ),
        ),
    ),
)
