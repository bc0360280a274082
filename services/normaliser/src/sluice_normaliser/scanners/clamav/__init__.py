"""ClamAV: finds malware in files."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    Reading,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    construct,
    matching,
    timestamp,
)
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, ObservationStatus, Severity

_SETUP = """
```sh
clamscan -r /srv --log=clamav.txt        # or clamdscan
sluice push clamav.txt --asset host:web-1
```
Files that could not be read make the scan count as failed: it closes nothing.
"""
_FOUND = re.compile(r"^(?:.* -> )?(?P<path>\S.*): (?P<signature>\S+?)(?:\((?P<hash>[0-9a-f]+):\d+\))? FOUND$")
_OTHER = (
    r"(?:LibClamAV )?(?:WARNING|Warning|ERROR|Error): [^\r\n]*|Scanning [^\r\n]*|-*"
    r"|[^\r\n]+: (?:OK|Empty file|Symbolic link|Excluded)|(?=[^\r\n]+: )[^\r\n]*ERROR"
    r"|\w{3} \w{3} +\d+ [\d:]+ \d{4} -> [^\r\n]*"
)
"""Lines that may stand above the first file that tells whose report it is; those of a daemon's log have a date."""

_ERROR = re.compile(r"^(?:ERROR: .+|.+: .*ERROR)\r?$", re.MULTILINE)


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each file with a signature in it."""
    for line in str(document).splitlines():
        if (found := _FOUND.match(line.strip())) is not None:
            signature = found["signature"]
            yield reading.observe(
                kind=Kind.MALWARE,
                rule_id=signature,
                title=f"{signature} in {found['path']}",
                message=line.strip(),
                severity=Severity.LOW if signature.startswith("PUA.") else Severity.HIGH,
                status=ObservationStatus.OPEN,
                location=construct(CodeLocation, {"path": found["path"]}),
                fingerprints={"hash": found["hash"]} if found["hash"] else {},
            )


def _errors(document: Any) -> str | None:
    told = _ERROR.findall(str(document))
    return f"{len(told)} errors: " + "; ".join(told[:5]) if told else None


SPEC = ScannerSpec(
    name="clamav",
    title="ClamAV",
    kinds=(Kind.MALWARE,),
    aliases=("clamscan", "clamdscan"),
    homepage="https://www.clamav.net",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="clamav-log",
            container="text",
            detect=TextShape(patterns=(r"^-+ SCAN SUMMARY -+", r"^Infected files: \d+")),
            scan=ScanMap(
                version=matching(".", r"Engine version: (\S+)"),
                scanned_at=timestamp(matching(".", r"End Date:\s+([^\n]+)"), "%Y:%m:%d %H:%M:%S"),
                failure=call(_errors, "."),
            ),
            parse=_read,
        ),
        Format(
            name="clamav-lines",
            container="text",
            detect=TextShape(
                patterns=(rf"\A(?:(?:{_OTHER})\r?\n)*(?:[^\r\n]+: \S+ FOUND|(?=[^\r\n]*[/\\])[^\r\n]*: OK)\r?$",)
            ),
            scan=ScanMap(failure=call(_errors, ".")),
            parse=_read,
        ),
    ),
)
