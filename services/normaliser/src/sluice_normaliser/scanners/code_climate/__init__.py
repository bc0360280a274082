"""Code Climate JSON: GitLab's Code Quality report, which many linters write."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, by, call, code, each, sections
from sluice_normaliser.kit.shapes import arr
from sluice_normaliser.scanners._lint import about
from sluice_shared.contracts.finding import Kind

_SETUP = """
Any tool that writes Code Climate's issues, as a list (GitLab's `gl-code-quality-report.json`) or one an object apart:
```sh
sluice push gl-code-quality-report.json --asset repo:github.com/acme/shop --scanner code_climate --category eslint
```
The report does not say which tool wrote it: give each tool a category of its own. An empty list needs `--scanner`.
"""


def _kind(categories: Any, check: Any, description: Any) -> Kind:
    named = {str(each).lower() for each in arr(categories)}
    return Kind.SAST if "security" in named else about(check, description)


SPEC = ScannerSpec(
    name="code_climate",
    title="Code Climate, GitLab Code Quality (any linter)",
    kinds=(Kind.QUALITY, Kind.SAST, Kind.SECRET),
    aliases=("codeclimate", "gitlab-code-quality", "codequality"),
    homepage="https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md",
    setup=_SETUP,
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="code-climate-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].check_name", "[].description"),
                any_of=("[].location.lines", "[].location.positions"),
            ),
            maps=(
                Map(
                    each="[]",
                    kind=call(_kind, "categories", "check_name", "description"),
                    rule_id="check_name",
                    title="description",
                    message="description",
                    description=sections("content.body | body"),
                    severity=by("severity", "sonarqube"),
                    identifiers="description",
                    location=code(
                        path="location.path",
                        start_line="location.lines.begin | location.positions.begin.line",
                        start_column="location.positions.begin.column",
                        end_line="location.lines.end | location.positions.end.line",
                        end_column="location.positions.end.column",
                    ),
                    related_locations=each(
                        "other_locations[]",
                        code(
                            path="path",
                            start_line="lines.begin | positions.begin.line",
                            end_line="lines.end | positions.end.line",
                        ),
                    ),
                    fingerprints={"codeclimate": "fingerprint"},
                    tags=("categories[]", "engine_name"),
                    ignore=("type", "remediation_points"),
                ),
            ),
        ),
    ),
)
