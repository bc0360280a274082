"""Gitleaks: finds secrets in files and in the history of a Git repository."""

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    code,
    secret,
    split,
)
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
gitleaks git . --report-format json --report-path gitleaks.json
sluice push gitleaks.json --asset repo:github.com/acme/shop --scanner gitleaks
```
Name the scanner: a run that found nothing writes `[]`, which many tools write. Do not use `--redact`, else the same
secret cannot be recognised in another place; Sluice itself keeps only a keyed digest.
"""

SPEC = ScannerSpec(
    name="gitleaks",
    title="Gitleaks",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/gitleaks/gitleaks",
    setup=_SETUP,
    trivial={"[]": CLEAN, "null": CLEAN},
    formats=(
        Format(
            name="gitleaks-json-8",
            container="json",
            detect=JsonShape(root="array", has=("[].RuleID", "[].Match", "[].File", "[].Secret", "[].StartLine")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="RuleID",
                    title="Description",
                    location=code(
                        path="File",
                        start_line="StartLine",
                        end_line="EndLine",
                        start_column="StartColumn",
                        end_column="EndColumn",
                        snippet="Line",
                        commit="Commit",
                    ),
                    secret=secret(
                        value="Secret",
                        match="Match",
                        type="RuleID",
                        commit="Commit",
                        author="Author",
                        email="Email",
                        committed_at="Date",
                        entropy="Entropy",
                    ),
                    evidence={"match": "Match"},
                    references="Link",
                    fingerprints={"gitleaks": "Fingerprint"},
                    tags=("Tags[]",),
                ),
            ),
        ),
        Format(
            name="gitleaks-json-7",
            container="json",
            detect=JsonShape(root="array", has=("[].line", "[].offender", "[].commit", "[].rule", "[].file")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="rule",
                    severity="severity",
                    location=code(path="file", start_line="lineNumber", snippet="line", commit="commit"),
                    secret=secret(
                        match="offender",
                        type="rule",
                        commit="commit",
                        author="author",
                        email="email",
                        committed_at="date",
                        entropy="offenderEntropy",
                    ),
                    evidence={"match": "offender"},
                    references="leakURL",
                    tags=split("tags"),
                ),
            ),
        ),
    ),
)
