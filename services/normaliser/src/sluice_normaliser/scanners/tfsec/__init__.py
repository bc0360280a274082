"""tfsec: checks Terraform code."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    Said,
    ScannerSpec,
    by,
    call,
    code,
    first,
    fix,
    ident,
    lookup,
    matching,
    resource,
    sections,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
tfsec . --format json --out tfsec.json       # --include-passed and --include-ignored keep those results, too
sluice push tfsec.json --asset repo:github.com/acme/infra
```
`{"results": null}` is how tfsec says that it found nothing.
"""
_STATUS = {
    "failed": ObservationStatus.OPEN,
    "0": ObservationStatus.OPEN,
    "passed": ObservationStatus.PASSED,
    "1": ObservationStatus.PASSED,
    "ignored": ObservationStatus.SUPPRESSED,
    "2": ObservationStatus.SUPPRESSED,
}
_PROVIDERS = {
    **{
        name: name
        for name in ("aws", "azure", "kubernetes", "github", "digitalocean", "openstack", "oracle", "nifcloud")
    },
    "azurerm": "azure",
    "google": "gcp",
}


def _status(said: Any, passed: Any) -> Said:
    """Return the status, which is a word or, since version 1, a number; before there was only ``passed``."""
    raw = words(said)
    if raw is None and str(passed).lower() == "true":
        return Said(ObservationStatus.PASSED, "passed")
    return Said(_STATUS.get((raw or "").lower(), ObservationStatus.OPEN), raw)


def _type_of(address: Any) -> str | None:
    """Return ``aws_s3_bucket`` of ``module.logs:aws_s3_bucket.this[0]``."""
    last = (words(address) or "").rpartition(":")[2]
    parts = [part for part in last.split(".") if part not in {"data", "module"}]
    return parts[-2] if len(parts) > 1 and "_" in parts[-2] else None


_RESOURCE = first("resource", matching("description", r"^Resource '([^']+)'"))

_RESULTS = Map(
    each="results[]",
    kind=Kind.IAC,
    rule_id="long_id | rule_id",
    title="rule_description | description",
    description=sections("rule_description", "description", Impact="impact"),
    message="description",
    severity=by("severity", "levels"),
    status=call(_status, "status", "passed"),
    identifiers=(ident("legacy_rule_id", scheme="vendor"), ident("rule_id", "vendor")),
    location=first(
        resource(
            resource=_RESOURCE,
            resource_type=call(_type_of, _RESOURCE),
            provider=lookup("rule_provider", _PROVIDERS),
            path="location.filename",
            start_line="location.start_line",
            end_line="location.end_line",
        ),
        code(path="location.filename", start_line="location.start_line", end_line="location.end_line"),
    ),
    fix=fix(recommendation="resolution"),
    references=("links[]", "link"),
    tags="rule_service",
)

_ROWS = Map(
    kind=Kind.IAC,
    rule_id="rule_id",
    title="description",
    message="description",
    severity=by("severity", "levels"),
    status=call(_status, "status", "passed"),
    location=code(path="file", start_line="start_line", end_line="end_line"),
    references="link",
)

SPEC = ScannerSpec(
    name="tfsec",
    title="tfsec",
    kinds=(Kind.IAC,),
    homepage="https://aquasecurity.github.io/tfsec",
    setup=_SETUP,
    formats=(
        Format(
            name="tfsec-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results[].rule_id",),
                any_of=tuple(
                    f"results[].{name}"
                    for name in ("location.filename", "resolution", "legacy_rule_id", "long_id", "rule_provider")
                ),
                weight=1,
            ),
            maps=(_RESULTS,),
        ),
        Format(
            name="tfsec-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                lacks=("results[]",),
                only=("results",),
                weight=-1,
            ),
            maps=(_RESULTS,),
        ),
        Format(
            name="tfsec-csv",
            container="csv",
            detect=CsvShape(columns=("file", "rule_id", "severity", "description"), any_of=("start_line", "link")),
            maps=(_ROWS,),
        ),
    ),
)
