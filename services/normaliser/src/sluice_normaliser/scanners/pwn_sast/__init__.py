"""PWN SAST: source code searched for dangerous calls and secrets by the drivers of the PWN framework."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, code, ident, matching, secret, when
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
pwn_sast -d . -o reports -n shop
sluice push reports/shop.json --asset repo:github.com/acme/shop
```
PWN grades nothing, so the severity is unknown. Each flagged line is an observation.
"""
_SECRETS = ("Password", "PrivateKey", "Token", "Keystore", "AWS")


def _leaks(module: Any) -> bool:
    """Return True for the modules that look for secrets."""
    return (words(module) or "").rpartition("::")[2].startswith(_SECRETS)


def _kind(module: Any) -> Kind:
    return Kind.SECRET if _leaks(module) else Kind.SAST


_MODULE = "^.security_references.sast_module"

SPEC = ScannerSpec(
    name="pwn_sast",
    title="PWN SAST",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://github.com/0dayInc/pwn",
    setup=_SETUP,
    differences={
        "one_dup_finding.json": "the report tells the same line twice, and each stays an observation; the reference "
        "merges the two",
    },
    formats=(
        Format(
            name="pwn-sast-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data[].line_no_and_contents",),
                any_of=("data[].security_references", "data[].raw_content", "data[].filename.entry"),
                weight=1,
            ),
            maps=(
                Map(
                    each="data[].line_no_and_contents[]",
                    kind=call(_kind, _MODULE),
                    rule_id=_MODULE,
                    rule_name="^.security_references.section",
                    title="^.security_references.section",
                    message="ai_analysis",
                    cwes=("^.security_references.cwe_id", "^.security_references.cwe_uri"),
                    identifiers=ident(
                        matching("^.security_references.nist_800_53_uri", r"number=(\S+)"), scheme="nist"
                    ),
                    location=code(path="^.filename.entry", start_line="line_no", snippet="contents"),
                    references=(
                        "^.security_references.nist_800_53_uri",
                        "^.security_references.cwe_uri",
                        "^.filename.git_repo_root_uri",
                    ),
                    evidence={"blame": matching("author", r"Author: (.+)")},
                    secret=when(call(_leaks, _MODULE), secret(type=matching(_MODULE, r"(\w+)$"), match="contents")),
                    last_detected_at="^.timestamp",
                ),
            ),
        ),
        Format(
            name="pwn-sast-empty",
            container="json",
            detect=JsonShape(root="object", has=("report_name", "data"), only=("report_name", "data"), weight=-1),
            maps=(Map(each="data[]", kind=Kind.SAST, rule_id="security_references.sast_module"),),
        ),
    ),
)
