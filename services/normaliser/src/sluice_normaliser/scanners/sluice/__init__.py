"""Sluice findings JSON: the documented format in which any tool or script can report findings of its own."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.sluice.findings import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```json
{"sluice": 1, "scanner": {"id": "house-audit"}, "findings": [
  {"title": "Backup is readable", "severity": "high", "location": {"type": "url", "url": "https://shop.acme.io/db.bak"}}]}
```
```sh
house-audit > findings.json; sluice push findings.json --asset url:https://shop.acme.io
```
Fields are those of an observation; `docs/schemas/sluice-findings.v1.schema.json` checks a report before it is pushed.
"""

SPEC = ScannerSpec(
    name="sluice",
    title="Sluice findings JSON",
    kinds=tuple(Kind),
    aliases=("sluice_findings",),
    setup=_SETUP,
    any_tool=True,
    formats=(
        Format(
            name="sluice-findings-1",
            container="json",
            detect=JsonShape(
                root="object", has=("sluice", "scanner.id", "findings"), match={"sluice": "^1$"}, weight=5
            ),
            scans=read,
        ),
    ),
)
