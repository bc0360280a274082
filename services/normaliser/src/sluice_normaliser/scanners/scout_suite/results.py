"""Scout Suite's results: rules by service, each with the paths of the items that it flagged."""

from collections.abc import Iterator
from typing import Any

import orjson

from sluice_normaliser.kit import ParsedScan, Reading, ReportError, construct, grade
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.path import item_at
from sluice_normaliser.kit.severity import Grade
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.kit.text import plain
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import (
    Compliance,
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    ResourceLocation,
)

_MAPPED = frozenset(
    {"items", "description", "rationale", "remediation", "references", "compliance", "level", "service"}
    | {"checked_items", "flagged_items", "dashboard_name"}
)
_NAMES = ("name", "Name", "display_name", "GroupName", "UserName")
_IDS = ("arn", "Arn", "ARN", "id", "Id")


def read_script(document: str, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scan in a script that gives the results to a variable."""
    body = document.partition("=")[2].strip().rstrip(";")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ReportError(RejectReason.MALFORMED, f"the results in the script are no JSON: {error}") from error
    yield from read(found, reading)


def read(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scan in the results."""
    account = _Account(obj(document))
    run = obj(obj(document).get("last_run"))
    reading.scanner_version = words(run.get("version"))
    observations = [
        observation
        for service, about in obj(obj(document).get("services")).items()
        for name, rule in obj(obj(about).get("findings")).items()
        for observation in _observations(service, name, obj(rule), account, reading)
    ]
    yield reading.scan(scanned_at=parse_time(run.get("time")), observations=observations)


class _Account:
    """The account that was looked at, and all that was found in it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.provider = words(document.get("provider_code")) or "aws"
        self.id = words(document.get("account_id")) or words(document.get("aws_account_id"))
        self._services = obj(document.get("services"))

    @property
    def asset(self) -> str | None:
        """The asset key of the account."""
        return f"cloud:{self.provider}/{self.id}" if self.id else None

    def resource(self, item: str, depth: int) -> tuple[str, dict[str, Any]]:
        """Return the path of the resource that an item is in or of, and what is known about it.

        ``depth`` is how many parts of the path name the resource, as the rule says how it is displayed.
        """
        parts = item.split(".")[: depth or None]
        value: Any = self._services
        for part in parts:
            value = item_at(value, int(part)) if part.isdecimal() and isinstance(value, list) else obj(value).get(part)
        return ".".join(parts), obj(value)


def _observations(
    service: str, name: str, rule: dict[str, Any], account: _Account, reading: Reading
) -> Iterator[Observation]:
    items = [found for each in arr(rule.get("items")) if (found := words(each))]
    common: dict[str, Any] = {
        "kind": Kind.CSPM,
        "rule_id": name,
        "rule_name": rule.get("dashboard_name"),
        "title": rule.get("description"),
        "description": _text(rule.get("rationale")),
        "severity": _severity(rule.get("level")),
        "references": _words_of(rule.get("references")),
        "compliance": _compliance(rule.get("compliance")),
        "asset": account.asset,
        "tags": [service],
    }
    remedy = _text(rule.get("remediation"))
    if remedy:
        common["fix"] = construct(Fix, {"recommendation": remedy})
    left = {key: value for key, value in rule.items() if key not in _MAPPED and value not in (None, [], {}, "")}
    for item in items:
        yield reading.observe(
            **common,
            fingerprints={"item": f"{name}:{item}"},
            location=_location(item, service, rule, account),
            unmapped=left,
        )
    if not items:
        status = ObservationStatus.PASSED if integer(rule.get("checked_items")) else ObservationStatus.NOT_APPLICABLE
        if integer(rule.get("flagged_items")):  # counted, but not listed
            status = ObservationStatus.OPEN
        yield reading.observe(
            **common,
            status=status,
            location=construct(
                ResourceLocation,
                {"resource": service, "resource_type": service, "provider": account.provider, "account": account.id},
            ),
            unmapped=left,
        )


def _words_of(values: Any) -> list[str]:
    """Return the texts of a list."""
    return [found for each in arr(values) if (found := words(each))]


def _text(value: Any) -> str | None:
    found = words(value)
    return plain(found) if found else None


def _severity(level: Any) -> Grade:
    return grade(level, "scoutsuite")


def _compliance(values: Any) -> list[Compliance]:
    return [
        construct(
            Compliance, {"standard": f"{standard} {words(each.get('version')) or ''}", "control": each.get("reference")}
        )
        for each in objs(values)
        if (standard := words(each.get("name")))
    ]


def _location(item: str, service: str, rule: dict[str, Any], account: _Account) -> ResourceLocation:
    display = words(rule.get("display_path")) or words(rule.get("path")) or ""
    path, about = account.resource(item, _depth(display))
    parts = item.split(".")
    region = parts[parts.index("regions") + 1] if "regions" in parts[:-1] else words(about.get("region"))
    known = next((found for key in _IDS if (found := words(about.get(key)))), None)
    kinds = [part for part, shown in zip(path.split("."), display.split("."), strict=False) if shown != "id"]
    return construct(
        ResourceLocation,
        {
            "resource": known if known and known.startswith(("arn:", "/")) else path,
            "resource_type": ".".join(kind for kind in kinds if kind != "regions") or service,
            "name": next((found for key in _NAMES if (found := words(about.get(key)))), None),
            "provider": account.provider,
            "account": account.id,
            "region": region,
            "path": item,
        },
    )


def _depth(display: str) -> int:
    """Return how many parts of a path lead to its last ``id``: what follows is within the resource."""
    parts = display.split(".")
    return len(parts) - parts[::-1].index("id") if "id" in parts else 0
