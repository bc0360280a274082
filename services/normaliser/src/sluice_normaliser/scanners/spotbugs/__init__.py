"""SpotBugs: finds bugs in Java, and with Find Security Bugs also vulnerabilities."""

from typing import Any

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.spotbugs.instances import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
spotbugs -textui -xml:withMessages -output spotbugs.xml -pluginList findsecbugs-plugin.jar target/classes
sluice push spotbugs.xml --asset repo:github.com/acme/shop
```
The plugins for Maven and Gradle write the same (`spotbugsXml.xml`); what Maven's writes for its site is read, too.
Without `withMessages` the texts of the rules are missing. Results of the category SECURITY count as such, those of all
others as quality.
"""


def _failed(count: Any, errors: Any) -> str | None:
    if str(count or "0") == "0":
        return None
    first = errors[0] if isinstance(errors, list) and errors else errors
    said = first.get("ErrorMessage") if isinstance(first, dict) else None
    return f"{count} classes could not be analysed" + (f": {said}" if said else "")


SPEC = ScannerSpec(
    name="spotbugs",
    title="SpotBugs",
    kinds=(Kind.SAST, Kind.QUALITY),
    aliases=("findbugs", "findsecbugs"),
    homepage="https://spotbugs.github.io",
    setup=_SETUP,
    formats=(
        Format(
            name="spotbugs-xml",
            container="xml",
            detect=XmlShape(root="BugCollection"),
            scan=ScanMap(
                version="@version",
                scanned_at="@analysisTimestamp | @timestamp",
                failure=call(_failed, "Errors.@errors", "Errors.Error"),
            ),
            parse=read,
        ),
    ),
)
