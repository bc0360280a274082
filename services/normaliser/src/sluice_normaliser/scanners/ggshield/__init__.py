"""ggshield (GitGuardian): secrets in files, commits and images; misconfigured infrastructure; vulnerable packages."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    first,
    ident,
    lookup,
    one_based,
    package,
    peek,
    resource,
    secret,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
ggshield secret scan repo . --json --output ggshield.json
sluice push ggshield.json --asset repo:github.com/acme/shop
```
`ggshield iac scan` and `ggshield sca scan` with `--json` are read, too. ggshield blots secrets out unless it is run
with `--show-secrets`; its own digest of each is kept, so that the same secret is recognised everywhere.
"""

_VALID = {"valid": True, "invalid": False}
_COMMIT_LENGTH = 40


def _commit(id_: Any, type_: Any) -> str | None:
    """Return the commit of a scan; other scans have an id that is none."""
    said = words(id_) or ""
    return said if type_ == "commit" or len(said) == _COMMIT_LENGTH else None


def _path(name: Any) -> str | None:
    """Return the path of a file; in a commit it stands after the commit's number."""
    said = words(name)
    return said.removeprefix("commit://").partition(":")[2] if said and said.startswith("commit://") else said


def _secrets(scan: str, up: str) -> tuple[Map, ...]:
    """Return the maps of the occurrences of one scan, which stands at ``up`` above them."""
    return tuple(
        Map(
            each=f"{scan}{entities}[].incidents[].occurrences[]",
            kind=Kind.SECRET,
            rule_id="^.type | ^.break_type",
            title="^.type | ^.break_type | ^.policy",
            rule_name="^.type | ^.break_type",
            severity="^.severity",
            status=when("^.ignore_reason", const(ObservationStatus.SUPPRESSED)),
            location=code(
                path=call(_path, "^^.filename"),
                start_line="line_start",
                end_line="line_end",
                start_column=when("line_start", one_based("index_start")),
                end_column=when("line_start", one_based("index_end")),
                commit=call(_commit, f"{up}.id", f"{up}.type"),
            ),
            secret=secret(
                match="match",
                type="^.type | ^.break_type",
                verified=lookup("^.validity", _VALID),
                commit=call(_commit, f"{up}.id", f"{up}.type"),
                author=f"{up}.extra_info.author",
                email=f"{up}.extra_info.email",
                committed_at=f"{up}.extra_info.date",
            ),
            evidence={"match": "match"},
            suppressions=when(
                "^.ignore_reason",
                suppression(
                    kind=const("external"),
                    status=const("accepted"),
                    justification="^.ignore_reason.detail | ^.ignore_reason.kind | ^.ignore_reason",
                ),
            ),
            references="^.incident_url",
            fingerprints={"ignore_sha": "^.ignore_sha"},
            tags=("^.policy", "^.validity", "type"),
        )
        for entities in ("entities_with_incidents", "results")
    )


def _has_none(occurrences: Any) -> bool:
    return not occurrences


def _kind(policy: Any, description: Any) -> Kind:
    """Return the kind of an incident that lists no occurrences: those of secrets lost theirs."""
    return Kind.IAC if policy or description else Kind.SECRET


_IAC = Map(
    each="entities_with_incidents[].incidents[]",
    where=call(_has_none, peek("occurrences")),
    kind=call(_kind, "policy_id", peek("description")),
    rule_id="policy_id | type | policy",
    title="policy | type",
    description="description",
    severity="severity",
    status=lookup(
        "status",
        {
            "ignored": ObservationStatus.SUPPRESSED,
            "resolved": ObservationStatus.FIXED,
            "fixed": ObservationStatus.FIXED,
        },
    ),
    location=first(
        resource(resource="component", path="^.filename", start_line="line_start", end_line="line_end"),
        code(path="^.filename", start_line="line_start", end_line="line_end"),
    ),
    references="documentation_url",
)


def _packages(path: str, **more: Any) -> Map:
    return Map(
        each=f"{path}[].package_vulns[].vulns[]",
        kind=Kind.SCA,
        rule_id=first("identifier", "cve_ids[0]"),
        title="summary",
        severity="severity",
        identifiers=("cve_ids[]", ident("identifier", "vendor")),
        location=package(
            name="^.package_full_name",
            version="^.version",
            ecosystem="^.ecosystem",
            direct=lookup("^.dependency_type", {"direct": True, "transitive": False}),
            path="^^.location",
            fixed_versions="fixed_version",
        ),
        references="url",
        published_at="created_at",
        **more,
    )


_SECRETS = (
    *_secrets("", "$"),
    *_secrets("scans[].", "^^^"),
    *_secrets("scans[].scans[].", "^^^"),
)

SPEC = ScannerSpec(
    name="ggshield",
    title="ggshield",
    kinds=(Kind.SECRET, Kind.IAC, Kind.SCA),
    homepage="https://docs.gitguardian.com/ggshield-docs",
    setup=_SETUP,
    aliases=("gitguardian",),
    formats=(
        Format(
            name="ggshield-secret-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=(
                    "total_occurrences",
                    "secrets_engine_version",
                    "entities_with_incidents",
                    "results[].incidents[].occurrences",
                    "scans[].entities_with_incidents",
                    "scans[].scans[].entities_with_incidents",
                ),
                lacks=("iac_engine_version",),
                weight=2,
            ),
            maps=(*_SECRETS, _IAC),
        ),
        Format(
            name="ggshield-iac-json",
            container="json",
            detect=JsonShape(root="object", has=("iac_engine_version",), weight=2),
            maps=(_IAC,),
        ),
        Format(
            name="ggshield-sca-json",
            container="json",
            detect=JsonShape(root="object", has=("found_package_vulns",)),
            maps=(_packages("found_package_vulns"),),
        ),
        Format(
            name="ggshield-sca-diff-json",
            container="json",
            detect=JsonShape(root="object", has=("added_vulns", "removed_vulns")),
            scan=ScanMap(complete=const(value=False)),
            maps=(
                _packages("added_vulns"),
                _packages("removed_vulns", status=ObservationStatus.FIXED),
            ),
        ),
    ),
)
