"""sslscan: protocols, ciphers, certificates and known flaws of TLS services."""

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.sslscan.test import read, unreachable
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
sslscan --xml=sslscan.xml shop.acme.example:443
sluice push sslscan.xml --asset host:shop.acme.example
```
Ciphers and protocols that are not accepted, and those that sslscan calls strong or acceptable, are counted as passed.
"""


def _format(name: str, rule: XmlShape) -> Format:
    scan = ScanMap(version="@version", failure=call(unreachable, "."))
    return Format(name=name, container="xml", detect=rule, scan=scan, parse=read)


SPEC = ScannerSpec(
    name="sslscan",
    title="sslscan",
    kinds=(Kind.HOST,),
    homepage="https://github.com/rbsec/sslscan",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        _format("sslscan-xml", XmlShape(root="document", match={"@title": "SSLScan"}, weight=2)),
        _format("sslscan-xml-untitled", XmlShape(root="document", has=("ssltest",))),
    ),
)
