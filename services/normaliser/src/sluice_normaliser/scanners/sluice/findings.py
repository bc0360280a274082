"""From Sluice findings JSON to observations: validated as a whole, completed as the kit does for every scanner."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import ParsedScan, RawSecret, Reading
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.packages import complete
from sluice_shared.contracts.finding import PackageLocation, SecretDetail
from sluice_shared.contracts.sluice_findings import SluiceFindings


def read(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the one scan of a report; a ValidationError says which field of which finding is wrong."""
    report = SluiceFindings.model_validate(document)
    reading.scanner = report.scanner.id
    reading.scanner_name, reading.scanner_version = report.scanner.name, report.scanner.version
    told = {name: getattr(report.scan, name) for name in type(report.scan).model_fields}
    scan = reading.scan(**told)
    scan.successful = report.scan.successful and not report.scan.failure
    scan.observations = [reading.observe(**_values(finding)) for finding in report.findings]
    yield scan


def _values(finding: Any) -> dict[str, Any]:
    values = {name: getattr(finding, name) for name in type(finding).model_fields if name in finding.model_fields_set}
    secret = values.pop("secret_value", None)
    if secret:
        values["secret"] = RawSecret(values.get("secret") or construct(SecretDetail, {}), (secret, secret))
    values["kind"] = finding.kind
    location = values.get("location")
    if isinstance(location, PackageLocation):
        done = complete({name: value for name, value in location.__dict__.items() if value is not None})
        values["location"] = construct(PackageLocation, done or {})
    more = dict(finding.model_extra or {})
    if more:
        values["unmapped"] = {**more, **values.get("unmapped", {})}
    return values
