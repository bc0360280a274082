"""chkrootkit: looks on a machine for the traces of known rootkits."""

from sluice_normaliser.kit import CLEAN, Format, ScanMap, ScannerSpec, TextShape, call
from sluice_normaliser.scanners.chkrootkit.lines import read, refusal
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
chkrootkit > chkrootkit.txt
sluice push chkrootkit.txt --asset host:web-1
```
`chkrootkit -q` does, too; it writes nothing where it finds nothing, so name the scanner then (`--scanner chkrootkit`).
The expert mode (`-x`) lists strings of binaries for people to read; it is no report.
"""

SPEC = ScannerSpec(
    name="chkrootkit",
    title="chkrootkit",
    kinds=(Kind.MALWARE,),
    homepage="https://www.chkrootkit.org",
    setup=_SETUP,
    trivial={"": CLEAN},
    counts_passed=True,
    formats=(
        Format(
            name="chkrootkit-text",
            container="text",
            detect=TextShape(
                patterns=(r"^Checking `\S+'\.\.\.|^Searching for [^\n]+\.\.\. ", r"^ROOTDIR is `|infected")
            ),
            scan=ScanMap(refuse=call(refusal, ".")),
            parse=read,
        ),
        Format(
            name="chkrootkit-quiet",
            container="text",
            detect=TextShape(
                patterns=(
                    (
                        r"^(?:WARNING: )?(?:chkdirs|chkproc|chkutmp|chklastlog|chkwtmp|ifpromisc)\b"
                        r"|^WARNING: (?:Possible|Potential|[Oo]utput from)|^Checking `\S+'\.\.\. |^INFECTED"
                        r"|\bpossible [^\n]* rootkit installed|^chkrootkit(?:: | needs )"
                    ),
                ),
                weight=-1.0,
            ),
            scan=ScanMap(refuse=call(refusal, ".")),
            parse=read,
        ),
    ),
)
