"""OSS Review Toolkit: violations of licence rules, and vulnerabilities of the packages of a project."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.shapes import objs, words
from sluice_normaliser.scanners.ort.evaluated import evaluated
from sluice_normaliser.scanners.ort.result import result
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
ort report -f EvaluatedModel -i evaluation-result.yml -o . -O EvaluatedModel=output.file.formats=json
sluice push evaluated-model.json --asset repo:github.com/acme/shop
```
The result of `ort evaluate` or `ort advise` with `-f JSON` does, too. What a resolution settles is kept, as suppressed.
Issues of the run are informational; an unsettled one of severity `ERROR` makes the scan count as incomplete.
"""


def _whole(issues: Any) -> bool | None:
    """Return False where an error of the run stands without a resolution."""
    failed = any(each.get("severity") == "ERROR" and not each.get("resolutions") for each in objs(issues))
    return False if failed else None


def _hash(revision: Any) -> str | None:
    """Return a revision that is a commit."""
    said = words(revision) or ""
    is_hash = len(said) == 40 and all(char in "0123456789abcdef" for char in said)  # noqa: PLR2004 - SHA-1 in hex
    return said if is_hash else None


SPEC = ScannerSpec(
    name="ort",
    title="OSS Review Toolkit",
    kinds=(Kind.LICENCE, Kind.SCA, Kind.COMPLIANCE),
    aliases=("oss-review-toolkit",),
    homepage="https://oss-review-toolkit.org",
    setup=_SETUP,
    formats=(
        Format(
            name="ort-evaluated-model",
            container="json",
            detect=JsonShape(
                root="object",
                has=("packages",),
                any_of=("rule_violations", "rule_violation_resolutions", "dependency_trees", "path_excludes"),
                lacks=("spdxVersion", "analyzer"),
                weight=2,
            ),
            scan=ScanMap(complete=call(_whole, "issues"), commit=call(_hash, "repository.vcs_processed.revision")),
            parse=evaluated,
        ),
        Format(
            name="ort-result-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("repository.vcs_processed", "analyzer"),
                any_of=("evaluator", "advisor", "scanner", "resolved_configuration"),
                lacks=("rule_violations",),
            ),
            scan=ScanMap(
                version="evaluator.environment.ort_version | advisor.environment.ort_version"
                " | analyzer.environment.ort_version",
                scanned_at="evaluator.end_time | advisor.end_time | analyzer.end_time",
                commit=call(_hash, "repository.vcs_processed.revision"),
            ),
            parse=result,
        ),
    ),
)
