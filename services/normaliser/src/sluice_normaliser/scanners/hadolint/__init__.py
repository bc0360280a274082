"""Hadolint: checks Dockerfiles, and with ShellCheck the shell code in them."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, XmlShape, by, call, code
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
hadolint --no-fail -f json Dockerfile > hadolint.json
sluice push hadolint.json --asset repo:github.com/acme/shop --scanner hadolint
```
`-f sarif`, `codeclimate`, `gitlab_codeclimate`, `sonarqube` and `checkstyle` do, too. Without `--no-fail` it ends with
status 1 when it found something; that is no failure. For a clean file it writes `[]`, so name the scanner.
"""
_RULE = r"^(?:DL|SC)\d{4}$"


def _wiki(rule: Any) -> str | None:
    """Return where a rule is explained."""
    name = str(rule or "")
    if name.startswith("SC"):
        return f"https://www.shellcheck.net/wiki/{name}"
    return f"https://github.com/hadolint/hadolint/wiki/{name}" if name.startswith("DL") else None


def _map(rule: str, message: str, severity: Any, **more: Any) -> Map:
    return Map(
        kind=Kind.IAC,
        rule_id=rule,
        title=message,
        message=message,
        severity=severity,
        references=(call(_wiki, rule),),
        **more,
    )


SPEC = ScannerSpec(
    name="hadolint",
    title="Hadolint",
    kinds=(Kind.IAC,),
    homepage="https://github.com/hadolint/hadolint",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="hadolint-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[][].message",),
                any_of=("[][].level", "[][].line", "[][].file"),
                match={"[][].code": _RULE},
                weight=3,
            ),
            maps=(
                _map(
                    "code",
                    "message",
                    by("level", "levels"),
                    each="[][]",
                    location=code(path="file", start_line="line", start_column="column"),
                ),
            ),
        ),
        Format(
            name="hadolint-codeclimate",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].location.path", "[].severity"), match={"[].check_name": _RULE}),
            maps=(
                _map(
                    "check_name",
                    "description",
                    by("severity", "lint"),
                    each="[]",
                    location=code(
                        path="location.path",
                        start_line="location.lines.begin | location.positions.begin.line",
                        start_column="location.positions.begin.column",
                        end_line="location.lines.end | location.positions.end.line",
                        end_column="location.positions.end.column",
                    ),
                    fingerprints={"codeclimate": "fingerprint"},
                    tags=("categories[]",),
                ),
            ),
        ),
        Format(
            name="hadolint-codacy",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", any_of=("[].filename",), match={"[].patternId": _RULE}),
            maps=(
                _map(
                    "patternId",
                    "message",
                    None,
                    each="[]",
                    location=code(path="filename", start_line="line"),
                ),
            ),
        ),
        *sonar_formats("hadolint", r"^[Hh]adolint$", Kind.IAC, references=(call(_wiki, "ruleId"),)),
        Format(
            name="hadolint-checkstyle",
            container="xml",
            detect=XmlShape(root="checkstyle", match={"file.error.@source": _RULE}),
            maps=(
                _map(
                    "@source",
                    "@message",
                    by("@severity", "levels"),
                    each="file[].error[]",
                    location=code(path="^.@name", start_line="@line", start_column="@column"),
                ),
            ),
        ),
    ),
)
