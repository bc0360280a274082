"""Checkov: checks infrastructure as code, dependencies and secrets."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    Group,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    call,
    code,
    compliance,
    const,
    each,
    first,
    fix,
    ident,
    package,
    peek,
    rating,
    resource,
    secret,
    split,
    suppression,
    when,
)
from sluice_normaliser.kit.filepath import below_root
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import objs, words
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_SETUP = """
```sh
checkov -d . -o json --output-file-path . ; sluice push results_json.json --asset repo:github.com/acme/shop
```
`--compact` leaves the code out, which makes findings harder to follow when lines move. Passed checks are kept as such;
skipped ones count as suppressed, with the comment that skips them.
"""

_PROVIDERS = {
    "aws": "aws",
    "azurerm": "azure",
    "azuread": "azure",
    "google": "gcp",
    "kubernetes": "kubernetes",
    "github": "github",
    "oci": "oracle",
    "alicloud": "alicloud",
}
_TYPE_PROVIDERS = {
    "cloudformation": "aws",
    "arm": "azure",
    "bicep": "azure",
    "kubernetes": "kubernetes",
    "helm": "kubernetes",
    "kustomize": "kubernetes",
}


def _kind(check_type: Any, check_id: Any) -> Kind:
    kind = str(check_type or "")
    if kind == "secrets" or str(check_id).startswith("CKV_SECRET"):
        return Kind.SECRET
    if kind.startswith("sca"):
        return Kind.LICENCE if str(check_id).startswith("BC_LIC") else Kind.SCA
    if kind.startswith(("sast", "cdk")):
        return Kind.SAST
    return Kind.IAC


def _in_code(check_type: Any, check_id: Any) -> bool:
    return _kind(check_type, check_id) in {Kind.SECRET, Kind.SAST}


def _is_secret(check_type: Any, check_id: Any) -> bool:
    return _kind(check_type, check_id) is Kind.SECRET


def _path(own: Any, in_repository: Any, absolute: Any) -> str | None:
    """Return the path of a file within the repository.

    ``file_path`` begins at the folder that was scanned, ``repo_file_path`` at the one Checkov ran in, which is no
    repository when it is the root of a container or lies elsewhere. Both begin with a slash.
    """
    whole = words(in_repository)
    inside = whole and whole != words(absolute) and ".." not in whole.split("/")
    return below_root(whole if inside else words(own))


def _caller(path: Any) -> str | None:
    return below_root(words(path))


def _snippet(block: Any) -> str | None:
    if not isinstance(block, list):
        return None
    rows = [str(row[1]) for row in block if isinstance(row, list) and len(row) > 1]
    return "".join(rows).rstrip("\n") or None


def _type_of(address: Any) -> str | None:
    """Return ``aws_s3_bucket`` of ``module.logs.aws_s3_bucket.this[0]``, ``AWS::S3::Bucket.Logs`` or the like."""
    parts = [part for part in str(address or "").split(".") if part]
    if len(parts) < 2:  # noqa: PLR2004 - a type and a name
        return None
    while len(parts) > 3 and parts[0] == "module":  # noqa: PLR2004 - module, its name, then type and name
        parts = parts[2:]
    if parts[0] == "data" and len(parts) > 2:  # noqa: PLR2004 - data, type, name
        parts = parts[1:]
    return parts[0] if "/" not in parts[0] else None


def _provider(check_type: Any, address: Any) -> str | None:
    found = _TYPE_PROVIDERS.get(str(check_type))
    return found or _PROVIDERS.get((_type_of(address) or "").split("_", 1)[0])


def _unparsed(report: Any) -> str | None:
    files: list[str] = []
    counted = 0
    for part in objs(report if isinstance(report, list) else [report]):
        results, summary = part.get("results"), part.get("summary")
        errors = results.get("parsing_errors") if isinstance(results, dict) else None
        files += [str(error) for error in items_of(errors)]
        count = summary.get("parsing_errors") if isinstance(summary, dict) else 0
        counted += count if isinstance(count, int) else 0
    if not files and not counted:
        return None
    return f"{max(len(files), counted)} files could not be parsed: {', '.join(files[:10])}".rstrip(": ")


def _checks(path: str, status: ObservationStatus) -> Map:
    def told(raw: Any) -> Said:
        return Said(status, raw if isinstance(raw, str) else None)

    skipped = None
    if status is ObservationStatus.SUPPRESSED:
        skipped = suppression(kind=const("in_source"), justification="check_result.suppress_comment")
    return Map(
        each=path,
        kind=call(_kind, "^.check_type", "check_id"),
        rule_id="check_id",
        title=when(peek("vulnerability_details.id"), "short_description | check_name", "check_name"),
        description="description | vulnerability_details.description | short_description",
        severity=["severity", "vulnerability_details.severity"],
        status=call(told, "check_result.result"),
        identifiers=(ident("bc_check_id", scheme="vendor"), ident("vulnerability_details.id", "vendor")),
        cwes=("cwe", "vulnerability_details.cwe"),
        location=first(
            package(
                name="vulnerability_details.package_name",
                version="vulnerability_details.package_version",
                ecosystem="vulnerability_details.package_type",
                fixed_versions="vulnerability_details.fixed_versions[] | vulnerability_details.lowest_fixed_version",
                path=call(_path, "file_path", "repo_file_path", "file_abs_path"),
                line="file_line_range[0]",
            ),
            when(
                call(_in_code, "^.check_type", "check_id"),
                code(
                    path=call(_path, "file_path", "repo_file_path", "file_abs_path"),
                    start_line="file_line_range[0]",
                    end_line="file_line_range[1]",
                    snippet=call(_snippet, "code_block"),
                    commit="added_commit_hash",
                ),
            ),
            resource(
                resource="resource_address | resource",
                name="resource",
                resource_type=call(_type_of, "resource"),
                provider=call(_provider, "^.check_type", "resource"),
                path=call(_path, "file_path", "repo_file_path", "file_abs_path"),
                start_line="file_line_range[0]",
                end_line="file_line_range[1]",
                snippet=call(_snippet, "code_block"),
            ),
        ),
        related_locations=code(
            path=call(_caller, "caller_file_path"),
            start_line="caller_file_line_range[0]",
            end_line="caller_file_line_range[1]",
        ),
        ratings=rating(
            "vulnerability_details.source",
            vector="vulnerability_details.vector",
            score="vulnerability_details.cvss",
            severity="vulnerability_details.severity",
        ),
        fix=fix(patch="fixed_definition", fixed_versions="vulnerability_details.fixed_versions[]"),
        references=("guideline", "vulnerability_details.link"),
        compliance=each("benchmarks.*[]", compliance(standard="^#key", control="name | .", title="description")),
        secret=when(
            call(_is_secret, "^.check_type", "check_id"),
            secret(type="check_name", commit="added_commit_hash", author="added_by", committed_at="added_date"),
        ),
        fingerprints={"checkov_secret": when(call(_is_secret, "^.check_type", "check_id"), "resource")},
        suppressions=skipped,
        tags=(split("bc_category"),),
        published_at="vulnerability_details.published_date",
        ignore=("file_abs_path",),
    )


def _nothing_to_check(_: Any, __: Reading) -> Iterator[Observation]:
    return iter(())


SPEC = ScannerSpec(
    name="checkov",
    title="Checkov",
    kinds=(Kind.IAC, Kind.SCA, Kind.SECRET, Kind.SAST),
    homepage="https://www.checkov.io",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="checkov-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].results",),
                any_of=(
                    *("[].check_type", "[].summary.checkov_version", "[].results.failed_checks"),
                    *("[].results.passed_checks", "[].results.skipped_checks"),
                ),
                weight=1,
            ),
            scan=ScanMap(version="[0].summary.checkov_version", failure=call(_unparsed, "$")),
            maps=(
                Group(
                    each="[]",
                    maps=(
                        _checks("results.passed_checks[]", ObservationStatus.PASSED),
                        _checks("results.failed_checks[]", ObservationStatus.OPEN),
                        _checks("results.skipped_checks[]", ObservationStatus.SUPPRESSED),
                        _checks("results.unknown_checks[]", ObservationStatus.MANUAL),
                    ),
                ),
            ),
        ),
        Format(
            name="checkov-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("passed", "failed", "checkov_version"),
                lacks=("results",),
            ),
            scan=ScanMap(version="checkov_version"),
            parse=_nothing_to_check,
        ),
    ),
)
