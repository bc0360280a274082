"""Iron Bank (DSOP): the workbook with the results of all scanners of a hardened container."""

from sluice_normaliser.kit import Format, ScannerSpec, SheetShape
from sluice_normaliser.scanners.dsop.sheets import observations
from sluice_shared.contracts.finding import Kind

_SETUP = """
The *justifications* workbook of a container of Iron Bank (Platform One).
```sh
sluice push justifications.xlsx --asset image:registry1.dso.mil/ironbank/acme/shop
```
Its sheets are read row by row: OpenSCAP's rules and OVAL definitions, Twistlock's and Anchore's vulnerabilities,
Anchore's gates. Definitions that do not hold and rules that pass are counted only.
"""

SPEC = ScannerSpec(
    name="dsop",
    title="Iron Bank DSOP",
    kinds=(Kind.CONTAINER, Kind.COMPLIANCE),
    aliases=("iron_bank", "ironbank"),
    homepage="https://p1.dso.mil/iron-bank",
    setup=_SETUP,
    counts_passed=True,
    differences={
        "*": "beside the vulnerabilities the results of Anchore's gates and the rules of OpenSCAP that do not apply; "
        "the reference leaves them out"
    },
    formats=tuple(
        Format(name=f"dsop-xlsx{suffix}", container="zip", detect=SheetShape(sheets=sheets), parse=observations)
        for suffix, sheets in (
            ("", ("OpenSCAP*", "Twistlock*", "Anchore*")),
            ("-without-openscap", ("Twistlock*", "Anchore*")),
            ("-without-anchore", ("OpenSCAP*", "Twistlock*")),
        )
    ),
)
