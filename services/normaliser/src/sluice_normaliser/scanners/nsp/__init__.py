"""Node Security Platform: known vulnerabilities of Node modules."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    fix,
    ident,
    package,
    rating,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
nsp check --reporter json > nsp.json
sluice push nsp.json --asset repo:github.com/acme/shop
```
"""


def _patched(ranges: Any) -> list[str]:
    """Return the first versions of ``>=1.0.3 <2.0.0 || >=2.0.1`` that are patched."""
    return re.findall(r">=\s*([\w.-]+)", words(ranges) or "")


SPEC = ScannerSpec(
    name="nsp",
    title="Node Security Platform",
    kinds=(Kind.SCA,),
    homepage="https://github.com/nodesecurity/nsp",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="nsp-json",
            container="json",
            detect=JsonShape(
                root="array", has=("[].module",), any_of=("[].vulnerable_versions", "[].patched_versions"), weight=1
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SCA,
                    rule_id="id",
                    title=template("{module} {version}: {title}"),
                    description="overview",
                    severity=by("cvss_score", "cvss"),
                    identifiers=(ident("advisory", scheme="vendor"), "cves[]"),
                    location=package(
                        name="module",
                        version="version",
                        ecosystem=const("npm"),
                        affected_range="vulnerable_versions",
                        fixed_versions=call(_patched, "patched_versions"),
                        dependency_path="path[]",
                    ),
                    ratings=rating(const("vendor"), vector="cvss_vector", score="cvss_score"),
                    fix=fix(recommendation="recommendation"),
                    references=("advisory", "references"),
                    published_at="publish_date",
                ),
            ),
        ),
    ),
)
