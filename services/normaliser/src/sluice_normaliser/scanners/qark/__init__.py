"""QARK: weaknesses of Android apps, in their manifest and in decompiled code."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners import _qark
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
qark --apk shop.apk --report-type json --report-path reports
sluice push reports/report.json --asset mobile:com.acme.shop --scanner qark
```
QARK's three grades are vulnerability (high), warning (medium) and info.
"""

SPEC = ScannerSpec(
    name="qark",
    title="QARK",
    kinds=(Kind.MOBILE,),
    homepage="https://github.com/linkedin/qark",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="qark-json",
            container="json",
            detect=JsonShape(root="array", has=_qark.HAS, weight=2),
            maps=(_qark.FINDING,),
        ),
    ),
)
