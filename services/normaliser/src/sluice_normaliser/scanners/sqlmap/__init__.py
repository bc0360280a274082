"""sqlmap: finds SQL injections by exploiting them."""

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    const,
    lookup,
    matching,
    template,
    url,
)
from sluice_normaliser.scanners.sqlmap.log import PLACES, failed, read
from sluice_shared.contracts.finding import Confidence, Kind, Severity

_SETUP = """
```sh
sqlmap -u "https://shop.acme.example/search?q=1" --batch --output-dir out
sluice push out/shop.acme.example/log --asset service:shop --scanner sqlmap
```
The log names no target; what sqlmap prints, and the `results-….csv` that it writes for several targets (`-m`), do.
sqlmap exploits what it reports, so every injection point is high and confirmed.
"""

SPEC = ScannerSpec(
    name="sqlmap",
    title="sqlmap",
    kinds=(Kind.DAST,),
    homepage="https://sqlmap.org",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="sqlmap-log",
            container="text",
            detect=TextShape(
                patterns=(
                    r"sqlmap (?:identified|resumed) the following injection point",
                    r"^(?:Parameter|Place): ",
                ),
            ),
            parse=read,
        ),
        Format(
            name="sqlmap-points",
            container="text",
            detect=TextShape(patterns=(r"^(?:Parameter|Place): ", r"^ +Type: ", r"^ +Payload: "), weight=-3),
            parse=read,
        ),
        Format(
            name="sqlmap-output",
            container="text",
            detect=TextShape(patterns=(r"^\[\*\] starting (?:@|at) ", r"\[(?:INFO|WARNING|CRITICAL)\] ")),
            scan=ScanMap(version=matching(".", r"\{(\d[^}\s#]*)[^}]*\}"), failure=call(failed, ".")),
            parse=read,
        ),
        Format(
            name="sqlmap-results-csv",
            container="csv",
            detect=CsvShape(columns=("Target URL", "Place", "Parameter"), any_of=("Technique(s)", "Techniques")),
            maps=(
                Map(
                    where="Parameter",
                    kind=Kind.DAST,
                    rule_id=const("sql-injection"),
                    title=template("SQL injection in {Place} parameter {Parameter}"),
                    message="Note(s) | Notes",
                    severity=Severity.HIGH,
                    confidence=Confidence.CONFIRMED,
                    cwes=89,
                    location=url(url="Target URL", parameter="Parameter", parameter_in=lookup("Place", PLACES)),
                    tags="Technique(s) | Techniques",
                ),
            ),
        ),
    ),
)
