"""What wfuzz prints, and writes with ``-f file,raw``: a line for each answer."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.text import strip_ansi
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus, Severity, UrlLocation

LINE = r'^\d{5,9}:\s+(?:C=)?(?P<code>\d{3})\s+\d+ L\s+\d+ W\s+\d+ Ch\s+(?:.*\s)?"(?P<payload>[^"]*)"\s*$'
_LINE = re.compile(LINE)
_TARGET = re.compile(r"^Target: (\S+)$", re.MULTILINE)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each answer; its address is the target with the payload in it."""
    text = strip_ansi(str(document))
    target = _TARGET.search(text)
    for line in text.splitlines():
        found = _LINE.match(line.strip())
        if found is None:
            continue
        payload = found["payload"]
        address = target[1].replace("FUZZ", payload, 1) if target else payload
        yield reading.observe(
            kind=Kind.DAST,
            rule_id="discovered-path",
            title=f"{address} answers with {found['code']}",
            severity=Severity.INFO,
            status=ObservationStatus.INFORMATIONAL,
            location=construct(UrlLocation, {"url": address or "/", "status_code": found["code"]}),
            evidence={"payload": payload},
        )
