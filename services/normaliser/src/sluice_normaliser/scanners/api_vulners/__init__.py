"""Vulners: missing security updates of machines, as the reports of its API give them."""

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
    fix,
    host,
    host_asset,
    ident,
    peek,
    rating,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -H "X-Api-Key: $KEY" https://vulners.com/api/v3/reports/vulnsreport \\
  --json '{"reporttype": "vulnslist", "skip": 0, "size": 10000}' > vulners.json
sluice push vulners.json --asset app:shop
```
Every machine is an asset of its own. A page with fewer results
than there are counts as incomplete and closes nothing.
"""
_BULLETINS = peek("$.data.vulns")


def _of(*path: str) -> Any:
    """Return an expression for a value of the bulletin that a result names."""

    def find(name: Any, bulletins: Any) -> Any:
        found: Any = obj(bulletins).get(text(name) or "")
        for step in path:
            found = obj(found).get(step)
        return found

    return call(find, "vulnID", _BULLETINS)


def _failed(result: Any, data: Any) -> str | None:
    if (words(result) or "OK").upper() == "OK":
        return None
    return words(obj(data).get("error")) or words(data) or words(result)


def _whole(rows: Any, total: Any) -> bool | None:
    """Return False for a page: it has fewer results than there are."""
    return not (isinstance(rows, list) and isinstance(total, int) and len(rows) < total)


SPEC = ScannerSpec(
    name="api_vulners",
    scanner="vulners",
    title="Vulners",
    kinds=(Kind.HOST,),
    aliases=("vulners_api",),
    homepage="https://docs.vulners.com",
    setup=_SETUP,
    formats=(
        Format(
            name="vulners-report",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data.report",),
                any_of=("data.vulns", "data.totalCount", "data.report[].vulnID", "data.report[].agentip"),
            ),
            scan=ScanMap(
                refuse=call(_failed, "result", "data"),
                complete=call(_whole, peek("data.report"), "data.totalCount"),
            ),
            maps=(
                Map(
                    each="data.report[]",
                    kind=Kind.HOST,
                    rule_id="vulnID",
                    rule_name="title",
                    title="title",
                    description=_of("description"),
                    severity=[by("severityText"), by("severity", "1-5")],
                    identifiers=(
                        ident("vulnID", "vendor", source="family"),
                        ident(_of("cvelist")),
                    ),
                    cwes=(_of("cwe"),),
                    location=host(host="agentfqdn | agentip", ip="agentip", os="OS | os"),
                    ratings=(
                        rating(
                            const("vulners"),
                            vector=_of("cvss3", "cvssV3", "vectorString"),
                            score=_of("cvss3", "cvssV3", "baseScore"),
                            severity=_of("cvss3", "cvssV3", "baseSeverity"),
                        ),
                        rating(
                            const("vulners"),
                            vector=_of("cvss2", "cvssV2", "vectorString"),
                            score=_of("cvss2", "cvssV2", "baseScore"),
                        ),
                        rating(const("vulners"), vector=_of("cvss", "vector"), score=_of("cvss", "score")),
                    ),
                    fix=fix(recommendation="cumulativeFix | fix"),
                    references=(_of("href"), _of("references")),
                    asset=call(host_asset, "agentfqdn", "agentip"),
                    tags=("family",),
                    published_at=_of("published"),
                    ignore=("scanid",),  # another one in every report
                ),
            ),
        ),
        Format(
            name="vulners-error",
            container="json",
            detect=JsonShape(root="object", has=("result", "data.error", "data.errorCode")),
            scan=ScanMap(refuse=call(_failed, "result", "data")),
            maps=(Map(each="data.report[]", kind=Kind.HOST, rule_id="vulnID"),),
        ),
    ),
)
