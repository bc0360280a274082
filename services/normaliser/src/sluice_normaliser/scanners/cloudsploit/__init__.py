"""CloudSploit: checks accounts of AWS, Azure, Google Cloud, Oracle Cloud and GitHub."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    compliance,
    each,
    first,
    resource,
    status,
)
from sluice_normaliser.kit.reading import slug
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners._aws import account_asset
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
cloudsploit scan --json cloudsploit.json --console none        # or ./index.js, or --csv cloudsploit.csv
sluice push cloudsploit.json --asset cloud:aws/123456789012 --scanner cloudsploit
```
Use `--ignore-ok` to leave out what passed; else it is kept as such. `UNKNOWN`, where a check lacked permissions, counts
as to be looked at by hand.
"""

_ARN = re.compile(r"^arn:(?P<partition>[^:]*):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<name>.+)$")
_SUBSCRIPTION = re.compile(r"^/subscriptions/([^/]+)", re.IGNORECASE)
_PROJECT = re.compile(r"(?:^|/)projects/([^/]+)")
_STATES = {
    "OK": ObservationStatus.PASSED,
    "PASS": ObservationStatus.PASSED,
    "0": ObservationStatus.PASSED,
    "WARN": ObservationStatus.OPEN,
    "1": ObservationStatus.OPEN,
    "FAIL": ObservationStatus.OPEN,
    "2": ObservationStatus.OPEN,
    "UNKNOWN": ObservationStatus.MANUAL,
    "3": ObservationStatus.MANUAL,
}
_NOWHERE = frozenset({"", "n/a", "unknown", "none"})


def _named(name: Any) -> str | None:
    """Return a resource's id; CloudSploit writes N/A for what is about the whole account."""
    said = words(name)
    return None if said is None or said.lower() in _NOWHERE else said


def _resource(name: Any, region: Any, category: Any) -> str | None:
    return _named(name) or "/".join(part for part in (words(category), words(region)) if part) or None


def _provider(name: Any) -> str | None:
    said = words(name) or ""
    if said.startswith("arn:"):
        return "aws"
    if _SUBSCRIPTION.match(said):
        return "azure"
    if said.startswith("ocid1."):
        return "oracle"
    return "gcp" if _PROJECT.search(said) else None


def _account(name: Any) -> str | None:
    said = words(name) or ""
    arn = _ARN.match(said)
    found = _SUBSCRIPTION.match(said) or _PROJECT.search(said)
    return (arn["account"] or None) if arn else found.group(1) if found else None


def _asset(name: Any) -> str | None:
    provider, account = _provider(name), _account(name)
    if provider == "aws":
        return account_asset(account)
    return f"cloud:{provider}/{account}" if provider and account else None


def _region(region: Any) -> str | None:
    return _named(region)


def _rule(plugin: Any, title: Any) -> str | None:
    return words(plugin) or (slug(title) if words(title) else None)


def _graded(state: Any) -> str | None:
    """Return the status of what did not pass: it is all CloudSploit says about how bad it is."""
    said = (words(state) or "").upper()
    return said if said in {"WARN", "FAIL", "UNKNOWN"} else None


def _results(path: str) -> Map:
    state = "status | statusWord | Status"
    return Map(
        each=path,
        kind=Kind.CSPM,
        rule_id=call(_rule, "plugin | pluginId", "title"),
        rule_name="title",
        title=first("title", "plugin"),
        description="description",
        message="message",
        severity=[by("severity"), by(call(_graded, state), "verdict")],
        status=status(state, _STATES),
        location=resource(
            resource=call(_resource, "resource", "region", "category"),
            resource_type="category",
            provider=call(_provider, "resource"),
            account=call(_account, "resource"),
            region=call(_region, "region"),
        ),
        compliance=each("compliance[]", compliance(standard=".")),
        asset=call(_asset, "resource"),
        references=("link", "more_info"),
        tags="category",
    )


SPEC = ScannerSpec(
    name="cloudsploit",
    title="CloudSploit",
    kinds=(Kind.CSPM,),
    homepage="https://github.com/aquasecurity/cloudsploit",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cloudsploit-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].category", "[].title", "[].resource", "[].region", "[].message"),
                any_of=("[].status", "[].statusWord"),
                lacks=("[].severity",),
            ),
            maps=(_results("[]"),),
        ),
        Format(
            name="cloudsploit-json-cut",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].title",),
                any_of=("[].statusWord", "[].plugin"),
                lacks=("[].severity",),
                weight=-2,
            ),
            maps=(_results("[]"),),
        ),
        Format(
            name="cloudsploit-json-named",
            container="json",
            detect=JsonShape(
                root="array", has=("[].title", "[].region", "[].resource"), lacks=("[].severity",), weight=-3
            ),
            maps=(_results("[]"),),
        ),
        Format(
            name="cloudsploit-csv",
            container="csv",
            detect=CsvShape(columns=("title", "statusWord"), any_of=("resource", "region", "category"), weight=3),
            maps=(_results("."),),
        ),
    ),
)
