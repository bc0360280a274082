"""yarn audit: known vulnerabilities of the packages in a lock file, by Yarn 1 and by Yarn 2 and later."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    const,
    each,
    ident,
    join,
    package,
)
from sluice_normaliser.kit.containers import json
from sluice_normaliser.kit.shapes import objs, words
from sluice_normaliser.scanners._npm import advisories, ghsa_of
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
yarn audit --json > yarn-audit.jsonl                             # Yarn 1
yarn npm audit --all --recursive --json > yarn-audit.jsonl       # Yarn 2 and later
sluice push yarn-audit.jsonl --asset repo:github.com/acme/shop --scanner yarn_audit
```
Yarn 1 writes a line for every way from the project to a vulnerable package; each is an observation of its own.
"""


def _errors(document: Any) -> str | None:
    told = [words(line.get("data")) for line in objs(document) if line.get("type") == "error"]
    return "; ".join(filter(None, told)) or None


def _nothing_else(document: Any) -> str | None:
    """Return the errors of a run that shows neither advisories nor a summary."""
    shown = any(line.get("type") in {"auditAdvisory", "auditSummary"} or "children" in line for line in objs(document))
    return None if shown else _errors(document)


def _rule(id_: Any, url: Any) -> str | None:
    return ghsa_of(url, id_)


def _number(id_: Any) -> str | None:
    """Return an advisory's number; a deprecation has a text in its place, which names no vulnerability."""
    return words(id_) if str(id_).isdecimal() else None


_SUGGESTIONS = Map(
    each="[].children",
    kind=Kind.SCA,
    rule_id=call(_rule, "ID", "URL"),
    title="Issue",
    severity="Severity",
    identifiers=("URL", ident(call(_number, "ID"), scheme="npm")),
    location=package(
        name="^.value",
        version="Tree Versions[0]",
        ecosystem=const("npm"),
        affected_range="Vulnerable Versions",
        path=const("yarn.lock"),
        dependency_path="Dependents[0]",
    ),
    related_locations=each(
        "Tree Versions[]",
        package(name="^^.value", version=".", ecosystem=const("npm"), path=const("yarn.lock")),
        where="#key",
    ),
    references="URL",
)

_ADVISORIES = advisories(
    "[].data.advisory", path="^.data.resolution.path", dev="^.data.resolution.dev", manifest="yarn.lock"
)
_COMPILED = _ADVISORIES.compile()


def _read_log(text: str, reading: Reading) -> Iterator[Observation]:
    """Yield the advisories among the other lines of a log, such as those of ``yarn run``."""
    lines = [json.load(line.encode()) for line in text.splitlines() if line.startswith("{")]
    yield from _COMPILED.run((None, lines), reading)


SPEC = ScannerSpec(
    name="yarn_audit",
    title="yarn audit",
    kinds=(Kind.SCA,),
    homepage="https://yarnpkg.com/cli/npm/audit",
    setup=_SETUP,
    aliases=("yarn", "yarn_npm_audit"),
    trivial={"": CLEAN},
    formats=(
        Format(
            name="yarn-audit-jsonl-1",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", match={"[].type": "^(auditAdvisory|auditSummary)$"}),
            scan=ScanMap(failure=call(_errors, ".")),
            maps=(_ADVISORIES,),
        ),
        Format(
            name="yarn-audit-jsonl-4",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                any_of=("[].children.Vulnerable Versions", "[].children.Tree Versions", "[].children.Issue"),
                weight=1,
            ),
            scan=ScanMap(failure=call(_errors, ".")),
            maps=(_SUGGESTIONS,),
        ),
        Format(
            name="yarn-audit-jsonl-nothing",
            container="jsonl",
            detect=JsonShape(
                root="array", has=("[].type", "[].data"), match={"[].type": "^(error|warning|info)$"}, weight=-2
            ),
            scan=ScanMap(refuse=call(_nothing_else, ".")),
            maps=(_SUGGESTIONS,),
        ),
        Format(
            name="yarn-audit-error",
            container="json",
            detect=JsonShape(root="object", has=("error.summary",), any_of=("error.code", "error.detail"), weight=-2),
            scan=ScanMap(refuse=join("error.code", "error.summary", "error.detail", sep=": ")),
            maps=(_SUGGESTIONS,),
        ),
        Format(
            name="yarn-audit-json-2",
            container="json",
            detect=JsonShape(
                root="object",
                has=("actions", "advisories", "muted", "metadata"),
                lacks=("runId", "advisories.*.findings[].dev"),
            ),
            maps=(advisories("advisories.*", manifest="yarn.lock"),),
        ),
        Format(
            name="yarn-audit-json-2-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories",),
                any_of=("advisories.*.module_name", "metadata.vulnerabilities"),
                weight=-6,
            ),
            maps=(advisories("advisories.*", manifest="yarn.lock"),),
        ),
        Format(
            name="yarn-audit-log",
            container="text",
            detect=TextShape(patterns=(r'^\{"type": ?"audit(?:Advisory|Summary)"',)),
            parse=_read_log,
        ),
        Format(
            name="yarn-audit-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("advisories",),
                lacks=("advisories.*",),
                only=("advisories", "actions", "muted", "metadata"),
                weight=-7,
            ),
            maps=(_SUGGESTIONS,),
        ),
    ),
)
