"""Nmap: open ports, services, and the vulnerabilities that its scripts find."""

from typing import Any

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.nmap.hosts import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
nmap -sV --script vuln,vulners -oX nmap.xml 10.0.0.0/24
sluice push nmap.xml --asset host:db1.acme.io
```
Each open port is a result without severity; each vulnerability that a script found (`vulners`, `smb-vuln-*`,
`ssl-poodle` …) is one more, at the port or the host. In a scan of several targets each host is an asset of its own.
"""


def _failure(exit_: Any, message: Any, finished: Any) -> str | None:
    if exit_ == "error":
        return str(message or "nmap ended with an error")
    return None if finished else "the scan did not come to its end"


SPEC = ScannerSpec(
    name="nmap",
    title="Nmap",
    kinds=(Kind.HOST,),
    homepage="https://nmap.org",
    setup=_SETUP,
    differences={"*": "one a port that is open, and one more for each vulnerability that a script found there"},
    formats=(
        Format(
            name="nmap-xml",
            container="xml",
            detect=XmlShape(root="nmaprun", weight=3),
            scan=ScanMap(
                name="@scanner",
                version="@version",
                scanned_at="@start",
                failure=call(
                    _failure,
                    "runstats.finished.@exit",
                    "runstats.finished.@errormsg",
                    "runstats.finished",
                ),
            ),
            parse=read,
        ),
    ),
)
