"""Firmwalker: lists what is of interest in the file system of a firmware."""

from sluice_normaliser.kit import Format, ScannerSpec, TextShape
from sluice_normaliser.scanners.firmwalker.listing import observations
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
./firmwalker.sh squashfs-root firmwalker.txt
sluice push firmwalker.txt --asset firmware:router-1.4
```
Firmwalker grades nothing: password hashes are open and of unknown severity, everything else is kept as informational.
"""

SPEC = ScannerSpec(
    name="firmwalker",
    title="Firmwalker",
    kinds=(Kind.OTHER, Kind.SECRET),
    homepage="https://github.com/craigz28/firmwalker",
    setup=_SETUP,
    differences={
        "*": "one observation for each line that names a file, an address or a hash; the "
        "reference leaves out the listing of etc/ssl and merges lines of one file"
    },
    formats=(
        Format(
            name="firmwalker-text",
            container="text",
            detect=TextShape(patterns=(r"^\*\*\*(?:Firmware Directory|Search for [^*\n]+)\*\*\*",)),
            parse=observations,
        ),
    ),
)
