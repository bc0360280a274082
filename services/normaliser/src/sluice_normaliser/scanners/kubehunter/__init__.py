"""kube-hunter: looks for weaknesses in Kubernetes clusters from the network."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, host
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
kube-hunter --remote cluster.acme.example --report json --log none > kube-hunter.json
sluice push kube-hunter.json --asset cluster:production
```
"""


def _machine(location: Any) -> str | None:
    words = str(location or "").strip()
    return words.rsplit(":", 1)[0].split("/")[0] or None


def _port(location: Any) -> int | None:
    last = str(location or "").rsplit(":", 1)[-1]
    return int(last) if ":" in str(location) and last.isdigit() else None


def _number(vid: Any) -> str | None:
    """Return the number of the check; some checks have none, and the tool writes it as a word."""
    said = words(vid)
    return None if said == "None" else said


SPEC = ScannerSpec(
    name="kubehunter",
    title="kube-hunter",
    kinds=(Kind.HOST,),
    aliases=("kube-hunter",),
    homepage="https://github.com/aquasecurity/kube-hunter",
    setup=_SETUP,
    differences={"dupe.json": "one per record; the reference merges equal ones"},
    formats=(
        Format(
            name="kube-hunter-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=(
                    "services",
                    "nodes",
                    "kburl",
                    "hunter_statistics",
                    "vulnerabilities[].hunter",
                    "vulnerabilities[].vid",
                ),
                lacks=("metadata", "auditReportVersion"),
            ),
            maps=(
                Map(
                    each="vulnerabilities[]",
                    kind=Kind.HOST,
                    rule_id=call(_number, "vid"),
                    title="vulnerability",
                    description="description",
                    severity="severity",
                    identifiers=("vulnerability",),
                    location=host(host=call(_machine, "location"), port=call(_port, "location")),
                    references=("avd_reference",),
                    evidence={"evidence": "evidence"},
                    tags=("category", "hunter"),
                ),
            ),
        ),
    ),
)
