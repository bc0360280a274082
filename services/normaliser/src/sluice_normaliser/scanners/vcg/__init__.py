"""VisualCodeGrepper: dangerous functions and comments in source code."""

from sluice_normaliser.kit import Format, Map, ScannerSpec, TextShape, XmlShape, by, code, status
from sluice_normaliser.scanners.vcg.rows import CELLS, START, read, read_plain
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
VisualCodeGrepper.exe -c -t C:\\src\\shop -l JAVA --export vcg.xml     # or --export-csv vcg.csv
sluice push vcg.xml --asset repo:github.com/acme/shop
```
A result that was checked in the window counts as suppressed.
"""

SPEC = ScannerSpec(
    name="vcg",
    title="VisualCodeGrepper",
    kinds=(Kind.SAST,),
    aliases=("visualcodegrepper",),
    homepage="https://github.com/nccgroup/VCG",
    setup=_SETUP,
    formats=(
        Format(
            name="vcg-xml",
            container="xml",
            detect=XmlShape(root="CodeIssueCollection"),
            records="CodeIssue",
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id="Title",
                    title="Title",
                    description="Description",
                    severity=[by("Severity", "vcg"), by("Priority", "vcg")],
                    status=status("Checked", {"true": ObservationStatus.SUPPRESSED}),
                    location=code(path="FileName", start_line="Line", snippet="CodeLine"),
                    tags=("Severity",),
                    ignore=("CheckColour",),
                ),
            ),
        ),
        Format(
            name="vcg-csv",
            container="text",
            detect=TextShape(patterns=(rf"\A{CELLS}", r'",[^"\n]*,-?\d+,"')),
            parse=read,
        ),
        Format(
            name="vcg-csv-plain",
            container="text",
            detect=TextShape(patterns=(rf'\A{START}(?!")', r",-?\d+,"), weight=-1),
            parse=read_plain,
        ),
    ),
)
