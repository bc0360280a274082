"""What a vulnerability of a dependency says, in each format of the report."""

from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit import (
    Map,
    call,
    code,
    const,
    each,
    first,
    ident,
    matching,
    package,
    peek,
    rating,
    reference,
    split,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_V2 = (
    ("AV", ("accessVector",)),
    ("AC", ("accessComplexity",)),
    ("Au", ("authenticationr", "authentication")),
    ("C", ("confidentialImpact", "confidentialityImpact")),
    ("I", ("integrityImpact",)),
    ("A", ("availabilityImpact",)),
)
_V3 = (
    ("AV", ("attackVector",)),
    ("AC", ("attackComplexity",)),
    ("PR", ("privilegesRequired",)),
    ("UI", ("userInteraction",)),
    ("S", ("scope",)),
    ("C", ("confidentialityImpact",)),
    ("I", ("integrityImpact",)),
    ("A", ("availabilityImpact",)),
)


def _vector(metrics: tuple[tuple[str, tuple[str, ...]], ...], said: Any) -> str | None:
    """Return the vector that the report takes apart: every value is told by its first letter."""
    given = obj(said)
    parts = [
        f"{name}:{value[0].upper()}"
        for name, keys in metrics
        if (value := next((found for key in keys if (found := words(given.get(key)))), None))
    ]
    return "/".join(parts) if len(parts) == len(metrics) else None


def _second(said: Any) -> str | None:
    return _vector(_V2, said)


def _third(said: Any) -> str | None:
    version = words(obj(said).get("version"))
    bare = _vector(_V3, said)
    return f"CVSS:{version}/{bare}" if bare and version in {"3.0", "3.1"} else bare


def _matched(software: Any) -> list[dict[str, Any]]:
    """Return the ranges of versions that the dependency fell into."""
    listed = [obj(each_.get("software")) or each_ for each_ in items_of(software) if isinstance(each_, dict)]
    hit = [each_ for each_ in listed if _said(each_, "vulnerabilityIdMatched") == "true"]
    return hit or (listed if len(listed) == 1 else [])


def _said(software: dict[str, Any], name: str) -> str | None:
    return words(software.get(name)) or words(software.get(f"@{name}"))


def _fixed(software: Any) -> list[str]:
    return [version for each_ in _matched(software) if (version := _said(each_, "versionEndExcluding"))]


def _range(software: Any) -> str | None:
    signs = {
        "versionStartIncluding": ">=",
        "versionStartExcluding": ">",
        "versionEndExcluding": "<",
        "versionEndIncluding": "<=",
    }
    told = [
        " ".join(f"{sign} {version}" for name, sign in signs.items() if (version := _said(each_, name)))
        for each_ in _matched(software)
    ]
    return " || ".join(dict.fromkeys(each_ for each_ in told if each_)) or None


def _purl(packages: Any) -> str | None:
    """Return the first identifier that is a purl; old reports have none."""
    ids = [words(obj(each_).get("id")) for each_ in items_of(packages)]
    return next((found for found in ids if found and found.startswith("pkg:")), None)


def _cpe(named: Any) -> str | None:
    ids = [words(obj(each_).get("id")) or words(obj(each_).get("name")) for each_ in items_of(named)]
    return next((found for found in ids if found and found.startswith("cpe:")), None)


def _of_cpe(part: str, *named: Any) -> str | None:
    """Return the vendor, the product or the version of the first CPE there is."""
    told = next(filter(None, map(_cpe, named)), None)
    if told is None:
        return None
    bare = told.removeprefix("cpe:2.3:").removeprefix("cpe:/").replace("\\", "")
    said = dict(zip(("part", "vendor", "product", "version"), bare.split(":"), strict=False)).get(part)
    return None if said in {None, "", "*", "-"} else said


def _shown(sort: str) -> Callable[[Any], str | None]:
    """Return a function that gives the product or the version that the first evidence of it tells."""

    def find(collected: Any) -> str | None:
        listed = [*items_of(obj(collected).get("evidence")), *items_of(obj(collected).get(f"{sort}Evidence"))]
        told = [each_ for each_ in listed if isinstance(each_, dict) and words(each_.get("@type") or sort) == sort]
        typed = [each_ for each_ in told if "@type" in each_ or "type" in each_]
        return next((value for each_ in typed if (value := words(each_.get("value")))), None)

    return find


def _old_name(named: Any, part: str) -> str | None:
    """Return a part of ``group:artifact:1.0`` in parentheses, as reports before version 5 name a package."""
    for each_ in items_of(named):
        said = obj(each_)
        told = (words(said.get("name")) or "").strip("()")
        sort = words(said.get("@type")) or words(said.get("type"))
        if sort in {"maven", "npm", "nuget", "gem", "composer"} and told:
            name, _, version = told.rpartition(":")
            return {"name": name or told, "version": version if name else None, "type": sort}[part]
    return None


def _parts(told: Any) -> list[str]:
    return [part.strip() for part in (words(told) or "").split(",")]


def _location(dependency: str, packages: str, named: str, software: str) -> first:
    versions = {"fixed_versions": call(_fixed, software), "affected_range": call(_range, software)}
    where = {"path": f"{dependency}.filePath | {dependency}.fileName"}
    old = f"{dependency}.identifiers.identifier | {dependency}.identifiers"
    return first(
        package(
            purl=call(_purl, packages),
            cpe=call(_cpe, named),
            **versions,
            **where,
        ),
        package(
            name=call(lambda told: _old_name(told, "name"), old),
            version=call(lambda told: _old_name(told, "version"), old),
            ecosystem=call(lambda told: _old_name(told, "type"), old),
            cpe=call(_cpe, old),
            **versions,
            **where,
        ),
        package(
            name=call(lambda *told: _of_cpe("product", *told), named, old),
            namespace=call(lambda *told: _of_cpe("vendor", *told), named, old),
            version=call(lambda *told: _of_cpe("version", *told), named, old),
            cpe=call(lambda *told: next(filter(None, map(_cpe, told)), None), named, old),
            **versions,
            **where,
        ),
        when(
            call(_shown("version"), f"{dependency}.evidenceCollected"),
            package(
                name=call(_shown("product"), f"{dependency}.evidenceCollected"),
                version=call(_shown("version"), f"{dependency}.evidenceCollected"),
                **versions,
                **where,
            ),
        ),
        package(name=f"{dependency}.fileName", **versions, **where),
        code(**where),
    )


def _vulnerability(path: str, *, xml: bool, **more: Any) -> Map:
    software = "vulnerableSoftware.software" if xml else "vulnerableSoftware"
    references = "references.reference[]" if xml else "references[]"
    two, three, four = ("cvssV2", "cvssV3", "cvssV4") if xml else ("cvssv2", "cvssv3", "cvssv4")
    source = "@source | source" if xml else "source"
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id="name",
        title=first(template("{name} in {^.fileName}"), "name"),
        description="description",
        severity=["severity", f"{three}.baseSeverity", f"{two}.severity"],
        identifiers=ident("name", "vendor", source=source),
        cwes=("cwes.cwe[]", "cwe") if xml else ("cwes[]", "cwe"),
        location=_location(
            "^",
            "^.identifiers.package" if xml else "^.packages",
            "^.identifiers.vulnerabilityIds" if xml else "^.vulnerabilityIds",
            software,
        ),
        related_locations=each(
            "^.relatedDependencies.relatedDependency[]" if xml else "^.relatedDependencies[]",
            package(
                purl=call(_purl, "identifiers.package" if xml else "packageIds"),
                name="fileName",
                path="filePath | fileName",
            ),
        ),
        ratings=(
            rating(first(source, const("nvd")), vector=call(_third, three), score=f"{three}.baseScore"),
            rating(
                first(source, const("nvd")),
                vector=call(_second, two),
                score=f"{two}.score",
                method=RatingMethod.CVSS_V2,
            ),
            rating(first(source, const("nvd")), vector=f"{four}.vectorString", score=f"{four}.baseScore"),
            rating(const("nvd"), score="cvssScore", method=RatingMethod.CVSS_V2),
        ),
        confidence="^.identifiers.vulnerabilityIds[0].@confidence" if xml else "^.vulnerabilityIds[0].confidence",
        references=each(references, reference(url="url", title="name", type="source")),
        exploit_maturity=call(
            lambda known: "known to be exploited" if known else None,
            peek("knownExploitedVulnerability | knownExploited"),
        ),
        **more,
    )


_SUPPRESSED: dict[str, Any] = {
    "status": ObservationStatus.SUPPRESSED,
    "suppressions": suppression(kind=const("external"), status=const("accepted"), justification="notes"),
}

IN_XML = (
    _vulnerability("vulnerabilities.vulnerability[]", xml=True),
    _vulnerability("vulnerabilities.suppressedVulnerability[]", xml=True, **_SUPPRESSED),
)
IN_JSON = (
    _vulnerability("vulnerabilities[]", xml=False),
    _vulnerability("suppressedVulnerabilities[]", xml=False, **_SUPPRESSED),
)

ROW = Map(
    kind=Kind.SCA,
    where="CVE | Vulnerability",
    rule_id="CVE",
    title=template("{CVE} in {DependencyName}"),
    description="Vulnerability",
    severity=["CVSSv3_BaseSeverity", "CVSSv2_Severity", "Severity"],
    identifiers=ident("CVE", "vendor", source="Source"),
    cwes=split("CWE"),
    location=first(
        package(
            purl=call(
                lambda told: next((each_ for each_ in _parts(told) if each_.startswith("pkg:")), None), "Identifiers"
            ),
            cpe=call(lambda told: next((each_ for each_ in _parts(told) if each_.startswith("cpe:")), None), "CPE"),
            path="DependencyPath",
        ),
        package(
            name=matching("GAV", r"^(.+):[^:]+$"),
            version=matching("GAV", r":([^:]+)$"),
            ecosystem=const("maven"),
            cpe=call(lambda told: next((each_ for each_ in _parts(told) if each_.startswith("cpe:")), None), "CPE"),
            path="DependencyPath",
        ),
        package(name="DependencyName", path="DependencyPath"),
    ),
    ratings=(
        rating(first("Source", const("nvd")), vector="CVSSv3", score="CVSSv3_BaseScore", version=const("3.1")),
        rating(
            first("Source", const("nvd")),
            vector=matching("CVSSv2", r"^/?(\(?\w+:.*)$"),
            score="CVSSv2_Score | CVSSv2",
            version=const("2.0"),
        ),
    ),
    confidence="CPE Confidence",
    ignore=("Project", "Description", "License"),
)
