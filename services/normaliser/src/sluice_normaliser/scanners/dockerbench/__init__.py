"""Docker Bench for Security: checks a Docker host against the CIS benchmark."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, by, compliance, const, fix, status
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
docker-bench-security.sh -l docker-bench.log     # writes docker-bench.log.json
sluice push docker-bench.log.json --asset host:web-1
```
Passed checks are counted only; `INFO` and `NOTE` count as informational and manual.
"""

SPEC = ScannerSpec(
    name="dockerbench",
    title="Docker Bench for Security",
    kinds=(Kind.COMPLIANCE,),
    aliases=("docker-bench-security", "docker-bench"),
    homepage="https://github.com/docker/docker-bench-security",
    setup=_SETUP,
    counts_passed=True,
    differences={"*": "one per warning, information and note"},
    formats=(
        Format(
            name="docker-bench-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("tests",),
                any_of=("dockerbenchsecurity", "tests[].results[].remediation-impact", "tests[].results[].details"),
            ),
            scan=ScanMap(version="dockerbenchsecurity", scanned_at="end | start"),
            maps=(
                Map(
                    each="tests[].results[]",
                    kind=Kind.COMPLIANCE,
                    rule_id="id",
                    title="desc",
                    message="details",
                    severity=by("result", "verdict"),
                    status=status(
                        "result",
                        {
                            "WARN": ObservationStatus.OPEN,
                            "PASS": ObservationStatus.PASSED,
                            "INFO": ObservationStatus.INFORMATIONAL,
                            "NOTE": ObservationStatus.MANUAL,
                        },
                        default=ObservationStatus.OPEN,
                    ),
                    fix=fix(recommendation="remediation"),
                    compliance=compliance(
                        standard=const("CIS Docker Benchmark"), control="id", title="^.desc", status="result"
                    ),
                    evidence={"items": "items"},
                    tags=("^.desc",),
                ),
            ),
        ),
    ),
)
