"""Invicti: scans web applications and APIs from outside (once Netsparker)."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners._invicti import KEYS, SCAN, TOLD, VULNERABILITIES
from sluice_normaliser.scanners._invicti_xml import xml_formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Scans → a scan → Export → Vulnerabilities List as JSON*, or
`GET /api/1.0/scans/report/?id=…&format=Json&type=Vulnerabilities`:
```sh
sluice push invicti.json --asset app:shop --scanner invicti
```
The list as XML does, too. Netsparker and Acunetix 360 write the same JSON; without a name the one that a report speaks
of is taken.
"""

SPEC = ScannerSpec(
    name="invicti",
    title="Invicti",
    kinds=(Kind.DAST,),
    homepage="https://www.invicti.com",
    setup=_SETUP,
    differences={
        "issue_10311.json": "a Netsparker report by its own words, so without a name it is taken for one of netsparker",
        "invicti_many_findings.json": "a Netsparker report by its own words, as above",
    },
    formats=(
        Format(
            name="invicti-json",
            container="json",
            detect=JsonShape(root="object", has=KEYS, any_of=TOLD),
            scan=SCAN,
            maps=(VULNERABILITIES,),
        ),
        Format(
            name="invicti-issues-json",
            container="json",
            detect=JsonShape(root="object", has=("List[].LookupId",), any_of=("List[].Severity", "TotalItemCount")),
            maps=(VULNERABILITIES,),
        ),
        *xml_formats("invicti"),
    ),
)
