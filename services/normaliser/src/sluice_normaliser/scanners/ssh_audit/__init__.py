"""ssh-audit: weak algorithms and known vulnerabilities of SSH servers and clients."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec, TextShape
from sluice_normaliser.scanners.ssh_audit.policy import read as read_policy
from sluice_normaliser.scanners.ssh_audit.printed import read as read_printed
from sluice_normaliser.scanners.ssh_audit.report import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
ssh-audit --json shop.acme.example > ssh-audit.json
sluice push ssh-audit.json --asset host:shop.acme.example
```
Several targets (`-T targets.txt`), policy audits (`-P`) and what is printed without `--json` are read as well. An
algorithm that ssh-audit fails is high, one that it warns about is medium; ssh-audit ends with a status above 0 when it
found something. Algorithms with nothing against them are counted as passed.
"""

SPEC = ScannerSpec(
    name="ssh_audit",
    title="ssh-audit",
    kinds=(Kind.HOST, Kind.COMPLIANCE),
    homepage="https://github.com/jtesta/ssh-audit",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="ssh-audit-json",
            container="json",
            detect=JsonShape(root="object", has=("kex",), any_of=("mac", "enc", "key", "banner"), weight=3),
            parse=read,
        ),
        Format(
            name="ssh-audit-json-targets",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", has=("[].kex",), any_of=("[].mac", "[].enc", "[].key", "[].banner"), weight=3
            ),
            parse=read,
        ),
        Format(
            name="ssh-audit-policy",
            container="json",
            detect=JsonShape(root="object", has=("host", "policy", "passed", "errors")),
            parse=read_policy,
        ),
        Format(
            name="ssh-audit-policy-targets",
            container="json",
            detect=JsonShape(root="array", has=("[].host", "[].policy", "[].passed", "[].errors")),
            parse=read_policy,
        ),
        Format(
            name="ssh-audit-text",
            container="text",
            detect=TextShape(patterns=(r"^(?:\x1b\[[\d;]*m)?\((?:kex|key|enc|mac)\) \S+", r"\(gen\) |# general")),
            parse=read_printed,
        ),
    ),
)
