"""KICS: checks infrastructure as code of many kinds."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    compliance,
    const,
    first,
    fix,
    join,
    lookup,
    matching,
    rating,
    resource,
    secret,
    template,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
kics scan -p . -o out --report-formats json      # csv, sarif, sonarqube do, too
sluice push out/results.json --asset repo:github.com/acme/infra
```
Bills of materials (`--bom`) are kept as informational. KICS ends with a status that tells the worst severity found.
"""
_ASSIGNED = r"(.*[=:].*)"
"""What shows a value; without masking KICS quotes the line with the secret."""

_PROVIDERS = {
    **{
        name: name for name in ("aws", "azure", "gcp", "github", "kubernetes", "alicloud", "tencentcloud", "databricks")
    },
    "google": "gcp",
    "k8s": "kubernetes",
}


def _is_secret(query: Any) -> bool:
    return str(query or "").startswith("Passwords And Secrets")


def _kind(query: Any) -> Kind:
    return Kind.SECRET if _is_secret(query) else Kind.IAC


def _address(kind: Any, name: Any) -> str | None:
    """Return ``aws_s3_bucket.logs``; ``n/a`` says that there is no resource."""
    found = words(name)
    if found is None or found.lower() in {"n/a", "unknown"}:
        return None
    of_kind = words(kind)
    return f"{of_kind}.{found}" if of_kind and of_kind.lower() not in {"n/a", "unknown"} else found


def _unscanned(files: Any, queries: Any) -> str | None:
    told = [
        f"{count} {what}"
        for count, what in ((files, "files"), (queries, "queries"))
        if isinstance(count, int) and count
    ]
    return f"{' and '.join(told)} failed" if told else None


def _finding(at: str, **more: Any) -> Map:
    """Return the map of a place of a finding; what its query says is at ``at`` from it."""
    return Map(
        kind=call(_kind, f"{at}query_name"),
        rule_id=f"{at}query_id",
        rule_name=f"{at}query_name",
        title=f"{at}query_name",
        description=f"{at}description",
        message=join(template("expected: {expected_value}"), template("actual: {actual_value}"), sep="; "),
        severity=f"{at}severity",
        cwes=f"{at}cwe",
        location=first(
            when(
                call(_is_secret, f"{at}query_name"),
                code(path="file_name", start_line="line"),
            ),
            resource(
                resource=call(_address, "resource_type", "resource_name"),
                resource_type="resource_type",
                name="resource_name",
                provider=lookup(f"{at}cloud_provider", _PROVIDERS),
                path="file_name",
                start_line="line",
            ),
            code(path="file_name", start_line="line", symbol="search_key"),
        ),
        ratings=rating(const("kics"), score=f"{at}risk_score", severity=f"{at}severity"),
        fix=fix(recommendation="expected_value", patch="remediation"),
        references=f"{at}query_url | {at}query_uri",
        compliance=when(
            f"{at}cis_description_id",
            compliance(
                standard=first(f"{at}cis_benchmark_name", const("CIS")),
                control=f"{at}cis_description_id",
                title=f"{at}cis_description_title",
            ),
        ),
        secret=when(
            call(_is_secret, f"{at}query_name"),
            secret(type=f"{at}query_name", match=matching("actual_value | search_key", _ASSIGNED)),
        ),
        fingerprints={"similarity_id": "similarity_id"},
        tags=(f"{at}category", f"{at}platform", "issue_type"),
        ignore=("old_similarity_id",),
        **more,
    )


SPEC = ScannerSpec(
    name="kics",
    title="KICS",
    kinds=(Kind.IAC, Kind.SECRET),
    homepage="https://docs.kics.io",
    setup=_SETUP,
    misses={
        "components: Common@": "the platform of a query is a tag, no package",
        "components: Kubernetes@": "the platform of a query is a tag, no package",
        "components: Terraform@": "the platform of a query is a tag, no package",
    },
    formats=(
        Format(
            name="kics-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("queries[].files[].similarity_id", "queries_total", "kics_version", "severity_counters"),
                weight=2,
            ),
            scan=ScanMap(
                version="kics_version",
                scanned_at="end",
                failure=call(_unscanned, "files_failed_to_scan", "queries_failed_to_execute"),
            ),
            maps=(
                _finding("^.", each="queries[].files[]", status=ObservationStatus.OPEN),
                _finding("^.", each="bill_of_materials[].files[]", status=ObservationStatus.INFORMATIONAL),
            ),
        ),
        Format(
            name="kics-csv",
            container="csv",
            detect=CsvShape(
                columns=("query_name", "file_name"), any_of=("query_id", "similarity_id", "severity"), weight=2
            ),
            maps=(_finding(""),),
        ),
        *sonar_formats("kics", r"^KICS\b", Kind.IAC),
    ),
)
