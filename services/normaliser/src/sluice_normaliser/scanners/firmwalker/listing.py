"""The listing of Firmwalker: parts (``***Search for …***``), in them groups (``#### *.pem``, ``---- admin ----``)."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Grade, RawSecret, Reading, construct
from sluice_normaliser.kit.reading import slug
from sluice_shared.contracts.finding import (
    CodeLocation,
    Kind,
    Location,
    Observation,
    ObservationStatus,
    ResourceLocation,
    SecretDetail,
    Severity,
)

_PART = re.compile(r"^\*{3}\s*(?P<name>.+?)\s*\*{3}$")
_GROUP = re.compile(r"^(?:#{4,}|-{4,})\s*(?P<name>.*?)\s*-*$")
_HASHED = re.compile(r"^(?P<path>[^:]+):(?P<secret>.*\$\d\w?\$.+)$")
_LISTED = re.compile(r"^[-dlcbps][-rwxsStT]{9}[.+@]?\s+.*\s(?P<name>[^\s/]+)$")
_TOTAL = re.compile(r"^total \d+$")
_NOT_FILES = {"ip addresses": "ip_address", "urls": "url", "emails": "email"}
_HASHES, _FOLDER, _ROOT = "unix-md5 hashes", "list etc/ssl directory", "firmware directory"


class _Hit(NamedTuple):
    part: str
    group: str
    line: str


def observations(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each line that is no heading."""
    for hit in _hits(document):
        yield _observe(hit, reading)


def _hits(document: str) -> Iterator[_Hit]:
    part, group = "", ""
    for raw in document.splitlines():
        line = raw.strip()
        if heading := _PART.match(line):
            part, group = heading["name"], ""
        elif heading := _GROUP.match(line):
            group = heading["name"]
        elif line and part.lower() != _ROOT and not _TOTAL.match(line):
            yield _Hit(part, group, line)


def _observe(hit: _Hit, reading: Reading) -> Observation:
    kind = hit.part.lower().removeprefix("search for ")
    rule = hit.group or hit.part
    if kind == _HASHES and (hashed := _HASHED.match(hit.line)):
        return reading.observe(
            kind=Kind.SECRET,
            rule_id="unix-md5-hash",
            title="Hash of a password",
            location=construct(CodeLocation, {"path": hashed["path"]}),
            secret=RawSecret(construct(SecretDetail, {"type": "password hash"}), (hashed["secret"],)),
            tags=[hit.part],
        )
    return reading.observe(
        kind=Kind.OTHER,
        rule_id=slug(f"{hit.part} {hit.group}"),
        rule_name=hit.part,
        title=f"{rule}: {hit.line}",
        severity=Grade(Severity.INFO),
        status=ObservationStatus.INFORMATIONAL,
        location=_location(kind, hit.line),
        tags=[tag for tag in (hit.part, hit.group) if tag],
    )


def _location(kind: str, line: str) -> Location:
    if kind in _NOT_FILES:
        return construct(ResourceLocation, {"resource": line, "resource_type": _NOT_FILES[kind]})
    listed = _LISTED.match(line)
    if kind == _FOLDER and listed:
        return construct(CodeLocation, {"path": f"/etc/ssl/{listed['name']}"})
    return construct(CodeLocation, {"path": line})
