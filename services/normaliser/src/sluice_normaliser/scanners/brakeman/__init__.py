"""Brakeman: finds security problems in Ruby on Rails applications."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    code,
    const,
    each,
    first,
    ident,
    join,
    lookup,
    split,
    step,
    suppression,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_normaliser.scanners.brakeman.tabs import CONFIDENCE, TABS, read
from sluice_shared.contracts.finding import Confidence, Kind, ObservationStatus

_SETUP = """
```sh
brakeman --format json --output brakeman.json --no-exit-on-warn
sluice push brakeman.json --asset repo:github.com/acme/shop
```
What `config/brakeman.ignore` leaves out is kept, as suppressed. `--format sarif`, `sonar`, `csv`, `tabs` and the report
of `--compare` do, too. Brakeman grades how sure it is, not how bad it is, so its results have no severity of their own.
"""
_SONAR = {"CRITICAL": Confidence.HIGH, "MAJOR": Confidence.MEDIUM, "MINOR": Confidence.LOW}
"""What the report for SonarQube says is how sure Brakeman is, too."""


def _unparsed(errors: Any) -> str | None:
    if not isinstance(errors, list) or not errors:
        return None
    told = [f"{each_.get('error')} ({each_.get('location')})" for each_ in errors if isinstance(each_, dict)]
    return f"{len(errors)} errors: " + "; ".join(told[:5])


def _rule(number: Any) -> str | None:
    """Return the id that Brakeman's SARIF gives the same rule: ``BRAKE0015``."""
    found = integer(number)
    return None if found is None else f"BRAKE{found:04d}"


def _is_step(file: Any, line: Any) -> bool:
    return bool(words(file) or line)


def _warnings(path: str, status: ObservationStatus | None = None) -> Map:
    ignored = status is ObservationStatus.SUPPRESSED
    return Map(
        each=path,
        kind=Kind.SAST,
        rule_id=first(call(_rule, "warning_code"), "check_name"),
        rule_name="warning_type",
        title="message",
        message="message",
        confidence=lookup("confidence", CONFIDENCE),
        status=status,
        identifiers=(ident("message"),),
        cwes=("cwe_id", "cwe_id[]"),
        location=code(
            path="file",
            start_line="line",
            snippet="code",
            symbol=join(
                "location.class | location.template | location.controller | location.model", "location.method", sep="."
            ),
            symbol_kind="location.type",
        ),
        code_flows=each(
            "render_path[]",
            step(path="file", start_line="line", message=join("class | name | type", "method", sep=".")),
            where=call(_is_step, "file", "line"),
        ),
        references=("link",),
        evidence={"user_input": "user_input"},
        suppressions=suppression(kind=const("external"), status=const("accepted"), justification="note | notes")
        if ignored
        else None,
        fingerprints={"brakeman": "fingerprint"},
        tags=("check_name",),
    )


SPEC = ScannerSpec(
    name="brakeman",
    title="Brakeman",
    kinds=(Kind.SAST,),
    homepage="https://brakemanscanner.org",
    setup=_SETUP,
    formats=(
        Format(
            name="brakeman-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("scan_info.brakeman_version", "warnings[].warning_code", "warnings[].warning_type"),
                weight=2,
            ),
            scan=ScanMap(
                version="scan_info.brakeman_version",
                scanned_at="scan_info.start_time",
                failure=call(_unparsed, "errors"),
            ),
            maps=(_warnings("warnings[]"), _warnings("ignored_warnings[]", ObservationStatus.SUPPRESSED)),
        ),
        Format(
            name="brakeman-json-compare",
            container="json",
            detect=JsonShape(
                root="object",
                has=("new",),
                any_of=("new[].warning_code", "fixed[].warning_code"),
                lacks=("scan_info", "warnings"),
            ),
            scan=ScanMap(complete=const("no")),
            maps=(_warnings("new[]"), _warnings("fixed[]", ObservationStatus.FIXED)),
        ),
        Format(
            name="brakeman-csv",
            container="csv",
            detect=CsvShape(columns=("Confidence", "Warning Type", "File", "Message")),
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id=first(call(_rule, "Warning Code"), "Check Name", "Warning Type"),
                    rule_name="Warning Type",
                    title="Message",
                    message="Message",
                    confidence=lookup("Confidence", CONFIDENCE),
                    identifiers=(ident("Message"),),
                    cwes=split("CWE | CWE ID"),
                    location=code(path="File", start_line="Line", snippet="Code"),
                    references=("Link",),
                    evidence={"user_input": "User Input"},
                    fingerprints={"brakeman": "Fingerprint"},
                    tags=("Check Name",),
                ),
            ),
        ),
        Format(
            name="brakeman-tabs",
            container="text",
            detect=TextShape(patterns=(TABS.pattern,)),
            parse=read,
        ),
        *sonar_formats(
            "brakeman",
            r"^[Bb]rakeman$",
            rule=first(call(_rule, "ruleId"), "ruleId"),
            severity=const(None),
            confidence=lookup("severity", _SONAR),
        ),
    ),
)
