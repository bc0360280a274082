"""Cyberwatch: known vulnerabilities and security issues of machines, as Galeax exports them from its API."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScannerSpec,
    call,
    const,
    construct,
    each,
    epss,
    fix,
    host,
    host_asset,
    ident,
    package,
    peek,
    rating,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import boolean, strings, text
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus, PackageLocation, RatingMethod

_SETUP = """
The CVEs and security issues of Cyberwatch's API (`/api/v3/cve_announcements/$CVE`, `/api/v3/security_issues/$ID`), one
a line as Galeax's scripts write them, or in one object (`{"cves": […], "security_issues": […]}`):
```sh
sluice push cyberwatch.json --asset app:shop --scanner cyberwatch_galeax
```
Every machine is an asset of its own, and one observation for each machine that has the problem.
"""


def _status(active: Any, ignored: Any, fixed_at: Any) -> Said:
    """Return what a machine's entry says: ``active`` is a word or a truth, and false once the problem is gone."""
    said = words(active)
    if boolean(ignored) or said == "ignored":
        return Said(ObservationStatus.SUPPRESSED, "ignored")
    if said in {"false", "inactive", "fixed"} or (said is None and text(fixed_at)):
        return Said(ObservationStatus.FIXED, said)
    return Said(ObservationStatus.OPEN, said)


def _is_meant(name: Any) -> bool:
    """Return True for a record that has the name its kind goes by."""
    return words(name) is not None


def _is_nowhere(name: Any, servers: Any) -> bool:
    return _is_meant(name) and not items_of(servers)


def _ecosystem(kind: Any) -> str | None:
    """Return ``deb`` for ``Package::Apt``: Cyberwatch names package managers."""
    manager = (text(kind) or "").rpartition("::")[2].lower()
    return {"apt": "deb", "yum": "rpm", "dnf": "rpm", "zypper": "rpm", "pip": "pypi"}.get(manager, manager) or None


def _advice(updates: Any) -> str | None:
    """Return ``update openssl to 3.0.13`` for each update of a machine."""
    found: list[str] = []
    for update in objs(updates):
        current, target = obj(update.get("current")), obj(update.get("target"))
        named = (target.get("product"), current.get("product"), update.get("product"))
        name, version = next(filter(None, map(words, named)), None), words(target.get("version"))
        if name and version:
            found.append(f"update {name} to {version}")
    return "\n".join(dict.fromkeys(found)) or None


def _products(machine: Any, updates: Any, products: Any) -> list[PackageLocation]:
    """Return the products of a machine that have the problem, unless its own updates name them already."""
    if objs(updates):
        return []
    found: list[PackageLocation] = []
    for product, told in obj(products).items():
        assets = strings(obj(told).get("assets"))
        if not assets or words(machine) in assets:
            named = {"name": product}
            versions = strings(obj(told).get("versions"))
            found += [construct(PackageLocation, {**named, "version": version}) for version in versions] or [
                construct(PackageLocation, named)
            ]
    return found


_SERVER: dict[str, Any] = {
    "status": call(_status, "active | status", "ignored", "fixed_at"),
    "suppressions": when("ignored", suppression(kind=const("external"), justification="comment")),
    "location": host(host="computer_name | hostname", os="computer_os_name | os.name | computer_os"),
    "asset": call(host_asset, "computer_name", "hostname", "computer_id", "id"),
    "first_detected_at": "detected_at",
}


def _cve(each_: str, at: str, server: dict[str, Any]) -> Map:
    """Return the map of CVEs; ``at`` leads from a record to its CVE."""
    code = f"{at}cve_code"
    return Map(
        each=each_,
        where=call(_is_meant, code) if server else call(_is_nowhere, code, "servers"),
        kind=Kind.HOST,
        rule_id=code,
        title=code,
        description=f"{at}content | {at}cve_description | {at}description",
        severity=f"{at}cve_level | {at}level",
        identifiers=code,
        cwes=(f"{at}cwes.cwe_id", f"{at}cwe.cwe_id"),
        ratings=(
            rating(
                const("cyberwatch"),
                vector=f"{at}cvss_v4",
                score=f"{at}score_v4",
                method=RatingMethod.CVSS_V4,
            ),
            rating(const("cyberwatch"), vector=f"{at}cvss_v3", score=f"{at}cve_score | {at}score_v3 | {at}score"),
            rating(
                const("cyberwatch"),
                vector=f"{at}cvss | {at}cvss_v2",
                score=f"{at}score_v2",
                method=RatingMethod.CVSS_V2,
            ),
            epss(f"{at}cve_epss | {at}epss | {at}score_epss"),
        ),
        exploit_maturity=f"{at}exploit_code_maturity",
        related_locations=(
            each(
                "updates[]",
                package(
                    name="current.product | target.product | product",
                    version="current.version | version",
                    ecosystem=call(_ecosystem, "current.type | target.type"),
                    fixed_versions="target.version",
                ),
            ),
            call(_products, "computer_name | hostname", peek("updates"), peek(f"{at}updates_assets")),
        )
        if server
        else None,
        fix=fix(recommendation=call(_advice, "updates")) if server else None,
        references=(f"{at}references",),
        tags=(f"{at}cwes.capecs", f"{at}cwes.attacks"),
        published_at=f"{at}cve_published_at | {at}published",
        ignore=(f"{at}type", f"{at}servers", f"{at}updates_assets"),
        **server,
    )


def _issue(each_: str, at: str, server: dict[str, Any]) -> Map:
    name = f"{at}security_issue_id | {at}sid | {at}security_issue_title | {at}title"
    return Map(
        each=each_,
        where=call(_is_meant, name) if server else call(_is_nowhere, name, "servers"),
        kind=Kind.HOST,
        rule_id=name,
        rule_name=f"{at}security_issue_title | {at}title",
        title=f"{at}security_issue_title | {at}title",
        description=f"{at}security_issue_description | {at}description",
        severity=f"{at}level",
        identifiers=(
            ident(f"{at}security_issue_id | {at}sid", "vendor", source=const("cyberwatch")),
            ident(f"{at}cve_announcements"),
        ),
        ratings=rating(const("cyberwatch"), score=f"{at}score"),
        ignore=(f"{at}type", f"{at}servers", f"{at}editable"),
        **server,
    )


_BOTH = (
    _cve("cves[].servers[]", "^.", _SERVER),
    _cve("cves[]", "", {}),
    _issue("security_issues[].servers[]", "^.", _SERVER),
    _issue("security_issues[]", "", {}),
)

SPEC = ScannerSpec(
    name="cyberwatch_galeax",
    scanner="cyberwatch",
    title="Cyberwatch (Galeax)",
    kinds=(Kind.HOST,),
    aliases=("cyberwatch",),
    homepage="https://docs.cyberwatch.com",
    setup=_SETUP,
    differences={
        "*": "one observation for each machine, which is an asset with its own state; the reference has one a product"
    },
    formats=(
        Format(
            name="cyberwatch-json",
            container="json",
            detect=JsonShape(root="object", has=("cves", "security_issues")),
            maps=_BOTH,
        ),
        Format(
            name="cyberwatch-json-one-kind",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("cves[].cve_code", "security_issues[].security_issue_id", "security_issues[].sid"),
            ),
            maps=_BOTH,
        ),
        Format(
            name="cyberwatch-lines",
            container=("jsonl", "json"),
            detect=JsonShape(
                root="array", has=("[].servers",), any_of=("[].cve_code", "[].security_issue_id", "[].sid")
            ),
            maps=(
                _cve("[].servers[]", "^.", _SERVER),
                _cve("[]", "", {}),
                _issue("[].servers[]", "^.", _SERVER),
                _issue("[]", "", {}),
            ),
        ),
    ),
)
