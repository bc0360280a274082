"""Netsparker: scans web applications from outside; today it is called Invicti."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners._invicti import KEYS, NAMES_ITSELF, SAYS_NETSPARKER, SCAN, TOLD, VULNERABILITIES
from sluice_normaliser.scanners._invicti_xml import xml_formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Reporting → Vulnerabilities List (JSON)* on the desktop, *Export → Vulnerabilities List as JSON* in the cloud:
```sh
sluice push netsparker.json --asset app:shop --scanner netsparker
```
The lists as XML do, too. An empty report in JSON names no product and is taken for Invicti's unless the scanner is
named.
"""

SPEC = ScannerSpec(
    name="netsparker",
    title="Netsparker",
    kinds=(Kind.DAST,),
    homepage="https://www.invicti.com",
    setup=_SETUP,
    formats=(
        Format(
            name="netsparker-json",
            container="json",
            detect=JsonShape(root="object", has=KEYS, any_of=TOLD, match={NAMES_ITSELF: SAYS_NETSPARKER}),
            scan=SCAN,
            maps=(VULNERABILITIES,),
        ),
        Format(
            name="netsparker-json-none",
            container="json",
            detect=JsonShape(root="object", has=KEYS, any_of=TOLD, weight=-1.0),
            scan=SCAN,
            maps=(VULNERABILITIES,),
        ),
        *xml_formats("netsparker"),
    ),
)
