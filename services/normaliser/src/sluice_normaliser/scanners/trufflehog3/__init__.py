"""truffleHog3: finds secrets in files and in the history of a Git repository."""

import re
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    RawSecret,
    ScannerSpec,
    call,
    code,
    construct,
    peek,
    secret,
)
from sluice_normaliser.kit.coerce import strings as texts
from sluice_normaliser.kit.redact import secret_in
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, SecretDetail

_HEX = re.compile(r"[0-9a-fA-F]{20,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_SETUP = """
```sh
trufflehog3 --format JSON --output trufflehog3.json --zero .
sluice push trufflehog3.json --asset repo:github.com/acme/shop --scanner trufflehog3
```
Name the scanner: a run that found nothing writes `[]`, which many tools write.
"""


def _line(context: Any, number: Any) -> str | None:
    """Return the line of the secret from its context, an object by line numbers."""
    return words(obj(context).get(str(number)))


def _context(context: Any) -> str | None:
    """Return the lines of the context in their order."""
    numbered = [(int(number), words(line) or "") for number, line in obj(context).items() if number.isdigit()]
    return "\n".join(line for _, line in sorted(numbered)) or None


def _found(reason: Any, strings: Any, commit: Any, date: Any) -> RawSecret:
    """Return the secrets of a record; the first one stands for it."""
    entropy = "entropy" in (words(reason) or "").lower()
    values = [value for line in texts(strings) for value in (_random(line) if entropy else [secret_in(line)])]
    detail = {"type": words(reason), "commit": words(commit), "committed_at": words(date)}
    return RawSecret(construct(SecretDetail, detail), tuple(values))


def _random(line: str) -> list[str]:
    """Return what looks random in a line: that is all that is told of a secret found by its entropy."""
    return _HEX.findall(line) or _BASE64.findall(line) or [secret_in(line)]


_OLD_RESULT = Map(
    each="[]",
    kind=Kind.SECRET,
    rule_id="reason",
    title="reason",
    message="commit",
    location=code(path="path", commit="commitHash"),
    secret=call(_found, "reason", "stringsFound", "commitHash", "date"),
    evidence={"match": "stringsFound", "diff": "diff"},
    occurrence_count=call(lambda strings: len(strings) if isinstance(strings, list) else None, peek("stringsFound")),
    tags=("branch",),
)

SPEC = ScannerSpec(
    name="trufflehog3",
    title="truffleHog3",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/feeltheajf/trufflehog3",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="trufflehog3-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].rule",),
                any_of=("[].rule.id", "[].rule.message", "[].rule.severity"),
                match={"[].secret": "."},
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="rule.id",
                    title="rule.message",
                    message="message",
                    severity="rule.severity",
                    location=code(
                        path="path",
                        start_line="line",
                        snippet=call(_line, peek("context"), "line"),
                        commit="commit",
                    ),
                    secret=secret(
                        value="secret",
                        type="rule.id",
                        commit="commit",
                        author="author",
                        committed_at="date",
                    ),
                    fingerprints={"trufflehog3": "id"},
                    evidence={"context": call(_context, "context")},
                    tags=("branch",),
                ),
            ),
        ),
        Format(
            name="trufflehog3-json-legacy",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].date", "[].path", "[].commitHash", "[].reason", "[].stringsFound", "[].branch"),
                lacks=("[].printDiff",),
            ),
            maps=(_OLD_RESULT,),
        ),
        Format(
            name="trufflehog3-json-legacy-cut",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].stringsFound", "[].reason"), weight=-1),
            maps=(_OLD_RESULT,),
        ),
    ),
)
