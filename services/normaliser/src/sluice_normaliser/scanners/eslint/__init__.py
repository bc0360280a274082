"""ESLint: checks JavaScript and TypeScript, with security plugins also for vulnerabilities and secrets."""

import re
from functools import lru_cache
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    matching,
    secret,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
eslint --format json --output-file eslint.json .
sluice push eslint.json --asset repo:github.com/acme/shop --scanner eslint
```
ESLint ends with status 1 when it found something; that is no failure. Results of security rules count as such, those
of all others as quality. What a comment disables is kept, as suppressed. `json-with-metadata` does, too.
"""
_SECRETS = re.compile(r"^(no-secrets|no-credentials)/|no-hardcoded-(credentials|passwords|secret)|detect-.*secret")
_SECURITY = re.compile(
    r"^(@[\w-]+/)?(eslint-plugin-)?(security|security-node|no-unsanitized|xss|scanjs-rules|sdl|no-wildcard-postmessage|"
    r"anti-trojan-source|prototype-pollution-security-rules|react-security|pii|node-security|secure-coding|"
    r"regexp-safe|redos|no-unsafe-regex|jam3|security-rules)/"
    r"|^(no-eval|no-implied-eval|no-new-func|no-script-url|no-proto|no-extend-native|no-caller)$"
    r"|(^|/)(no-danger|no-danger-with-children|jsx-no-target-blank|jsx-no-script-url|no-inner-html|no-implied-eval)$"
    r"|^sonarjs/(no-hardcoded|sql-|os-command|xml-|cors|csrf|hashing|encryption|disabled-auto|weak-|insecure|session|x-powered)"
)


def _kind(rule: Any) -> Kind:
    name = words(rule) or ""
    if _SECRETS.search(name):
        return Kind.SECRET
    return Kind.SAST if _SECURITY.search(name) else Kind.QUALITY


def _is_secret(rule: Any) -> bool:
    return _kind(rule) is Kind.SECRET


@lru_cache(maxsize=1)
def _lines(source: str) -> list[str]:
    """Return the lines of a source; all results of a file come one after the other."""
    return source.splitlines()


def _excerpt(source: Any, start: Any, end: Any, end_column: Any) -> str | None:
    """Return the lines of a result from the whole source that ESLint adds to files with results."""
    begins, ends = integer(start), integer(end)
    if not isinstance(source, str) or begins is None or begins < 1:
        return None
    if ends is not None and integer(end_column) == 1:
        ends -= 1  # the end is exclusive
    return "\n".join(_lines(source)[begins - 1 : max(begins, ends or begins)]) or None


def _documentation(rules: Any, rule: Any) -> str | None:
    return words(obj(obj(obj(rules).get(words(rule) or "")).get("docs")).get("url"))


def _described(rules: Any, rule: Any) -> str | None:
    return words(obj(obj(obj(rules).get(words(rule) or "")).get("docs")).get("description"))


def _unparsed(files: Any) -> str | None:
    listed = objs(obj(files).get("results")) if isinstance(files, dict) else objs(files)
    told = [
        f"{words(file.get('filePath'))}: {words(message.get('message'))}"
        for file in listed
        for message in objs(file.get("messages"))
        if message.get("fatal") is True
    ]
    return f"{len(told)} files could not be parsed: " + "; ".join(told[:5]) if told else None


def _messages(path: str, status: ObservationStatus | None = None) -> Map:
    return Map(
        each=path,
        kind=call(_kind, "ruleId"),
        rule_id=first("ruleId", when("fatal", const("parsing-error")), const("no-rule")),
        title="message",
        description=call(_described, "$.metadata.rulesMeta", "ruleId"),
        message="message",
        severity=by("severity", "eslint"),
        status=status,
        location=code(
            path="^.filePath",
            start_line="line",
            start_column="column",
            end_line="endLine",
            end_column="endColumn",
            snippet=call(_excerpt, "^.source", "line", "endLine", "endColumn"),
        ),
        fix=fix(patch="fix.text", recommendation=each("suggestions[]", "desc")),
        references=call(_documentation, "$.metadata.rulesMeta", "ruleId"),
        secret=when(
            call(_is_secret, "ruleId"),
            secret(type="ruleId", value=matching("message", r"""["']([^"']{4,})["']\s*$""")),
        ),
        suppressions=each(
            "suppressions[]", suppression(kind="kind", status=const("accepted"), justification="justification")
        ),
        tags=("messageId",),
    )


SPEC = ScannerSpec(
    name="eslint",
    title="ESLint",
    kinds=(Kind.SAST, Kind.QUALITY, Kind.SECRET),
    homepage="https://eslint.org",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="eslint-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].filePath", "[].messages"),
                any_of=("[].errorCount", "[].warningCount", "[].messages[].ruleId", "[].messages[].severity"),
                lacks=("[].sourceContentType", "[].sourceContent", "[].messages[].docsUrl"),
                weight=1,
            ),
            scan=ScanMap(failure=call(_unparsed, "$")),
            maps=(_messages("[].messages[]"), _messages("[].suppressedMessages[]", ObservationStatus.SUPPRESSED)),
        ),
        Format(
            name="eslint-json-with-metadata",
            container="json",
            detect=JsonShape(root="object", has=("results",), any_of=("metadata.rulesMeta", "results[].filePath")),
            scan=ScanMap(failure=call(_unparsed, "$")),
            maps=(
                _messages("results[].messages[]"),
                _messages("results[].suppressedMessages[]", ObservationStatus.SUPPRESSED),
            ),
        ),
    ),
)
