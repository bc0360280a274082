"""anchorectl image vulnerabilities: what Anchore Enterprise knows about an image, from the command line."""

from dataclasses import replace
from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, call, const, each, package, rating
from sluice_normaliser.kit.coerce import number
from sluice_normaliser.scanners._anchore import ecosystem, said
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
```sh
anchorectl image vulnerabilities registry.acme.example/shop:1.2 -o json-raw > anchorectl.json
sluice push anchorectl.json --asset image:registry.acme.example/shop --scanner anchorectl_vulns
```
"""


def _score(value: Any) -> float | None:
    """Return a score; -1 stands for none."""
    found = number(value)
    return found if found is not None and found >= 0 else None


_VULNERABILITY = Map(
    each="[]",
    kind=Kind.CONTAINER,
    rule_id="vuln",
    severity="severity",
    identifiers=("vuln",),
    location=package(
        name="packageName",
        version="packageVersion",
        ecosystem=call(ecosystem, "packageType", "feedGroup"),
        cpe=call(said, "packageCpe"),
        path=call(said, "packagePath"),
        fixed_versions=call(said, "fix"),
    ),
    ratings=tuple(
        each(
            f"{data}[]",
            rating(
                const(source), score=call(_score, f"{version}.baseScore"), vector=f"{version}.vector", method=method
            ),
        )
        for data, source in (("nvdData", "nvd"), ("vendorData", "vendor"))
        for version, method in (("cvssV3", RatingMethod.CVSS_V3), ("cvssV2", RatingMethod.CVSS_V2))
    ),
    references=("url",),
    tags=("feedGroup",),
    ignore=("package", "feed"),
)

SPEC = ScannerSpec(
    name="anchorectl_vulns",
    title="Anchore Enterprise (anchorectl, vulnerabilities)",
    kinds=(Kind.CONTAINER,),
    homepage="https://docs.anchore.com",
    setup=_SETUP,
    differences={"*": "one per record; the reference merges equal ones"},
    trivial={"[]": CLEAN},
    misses={
        "paths: None": "Anchore writes the word None where a package has no path",
    },
    formats=(
        Format(
            name="anchorectl-vulnerabilities",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].vuln",),
                any_of=("[].packageName", "[].packageVersion", "[].feedGroup", "[].packageCpe"),
            ),
            maps=(_VULNERABILITY,),
        ),
        Format(
            name="anchorectl-vulnerabilities-of-image",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].vuln",),
                any_of=("vulnerabilities[].packageName", "vulnerabilities[].packageVersion"),
            ),
            maps=(replace(_VULNERABILITY, each="vulnerabilities[]"),),
        ),
    ),
)
