"""Retire.js: JavaScript libraries with known vulnerabilities, in files and in node modules."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    Group,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    ident,
    package,
    template,
)
from sluice_normaliser.kit.packages import build_purl, read_purl
from sluice_normaliser.kit.reading import slug
from sluice_normaliser.kit.shapes import arr, obj, words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
retire --path . --outputformat json --outputpath retire.json
sluice push retire.json --asset repo:github.com/acme/shop
```
Retire.js ends with status 13 when it found something. A run that could not fetch its repository of vulnerabilities
writes its errors into an otherwise clean report; such a report is refused.
"""

_NAMES = ("CVE", "githubID", "retid", "osvdb", "issue", "bug", "PR", "commit", "tenable", "release")
_SHOWN = 5


def _rule(identifiers: Any, component: Any) -> str | None:
    """Return the first name a vulnerability has; those without any are told apart by what they say."""
    given = obj(identifiers)
    for name in _NAMES:
        listed = given.get(name) if isinstance(given.get(name), list) else [given.get(name)]
        found = next((each for each in map(words, arr(listed)) if each), None)
        if found:
            return found if name in {"CVE", "githubID"} else f"retire-{words(component) or 'unknown'}-{name}-{found}"
    summary = words(given.get("summary"))
    return slug(f"retire {words(component) or ''} {summary}") if summary else None


def _purl(base: Any, name: Any, component: Any, version: Any) -> str | None:
    known, release = read_purl(words(base) or ""), words(version)
    if known is not None and known.ecosystem and release:
        return build_purl(known.ecosystem, known.name, release, known.namespace)
    named = words(name) or words(component)
    return build_purl("npm", named, release) if named else None


def _fixed(below: Any) -> str | None:
    """Return the first version that is not vulnerable; ``2.999.999`` stands for "none of this line"."""
    bound = words(below)
    return None if bound is None or ".999" in bound else bound


def _range(least: Any, above: Any, below: Any, most: Any) -> str | None:
    bounds = ((">=", least), (">", above), ("<", below), ("<=", most))
    return " ".join(f"{sign}{bound}" for sign, raw in bounds if (bound := words(raw))) or None


def _chain(parent: Any, component: Any, version: Any) -> list[str]:
    """Return the way from the project to a node module; each says which module asks for it."""
    chain = [f"{words(component)}@{words(version)}"]
    above = obj(parent)
    while above and len(chain) < 100:  # noqa: PLR2004 - no tree is that deep
        chain.append(f"{words(above.get('component'))}@{words(above.get('version'))}")
        above = obj(above.get("parent"))
    return list(reversed(chain)) if len(chain) > 1 else []


def _is_direct(level: Any) -> bool | None:
    return level == 1 if isinstance(level, int) else None


def _told(errors: Any) -> str | None:
    found = [said for each in arr(errors) if (said := words(each))]
    return f"{len(found)} errors: " + "; ".join(found[:_SHOWN]) if found else None


def _useless(errors: Any, data: Any) -> str | None:
    return _told(errors) if not data else None


_VULNERABILITIES = Map(
    each="results[].vulnerabilities[]",
    kind=Kind.SCA,
    rule_id=call(_rule, "identifiers", "^.component"),
    title=template("{^.component} {^.version}: {identifiers.summary}"),
    description="identifiers.summary",
    severity="severity",
    identifiers=("identifiers.CVE", "identifiers.githubID", "info[]", ident("identifiers.retid", scheme="retire")),
    cwes="cwe",
    location=package(
        name="^.component",
        version="^.version",
        ecosystem=const("npm"),
        purl=call(_purl, "^.basePurl", "^.npmname", "^.component", "^.version"),
        affected_range=call(_range, "atOrAbove", "above", "below", "atOrBelow"),
        fixed_versions=call(_fixed, "below"),
        path="^^.file | ^.file",
        dependency_path=call(_chain, "^.parent", "^.component", "^.version"),
        direct=call(_is_direct, "^.level"),
    ),
    references="info",
    tags="^.detection",
)

_TELLING = ("data[].results[].component", "data[].results[].vulnerabilities")
_SCAN = ScanMap(
    version="version",
    scanned_at="start",
    failure=call(_told, "errors"),
    refuse=call(_useless, "errors", "data"),
)

SPEC = ScannerSpec(
    name="retirejs",
    title="Retire.js",
    kinds=(Kind.SCA,),
    homepage="https://retirejs.github.io/retire.js",
    setup=_SETUP,
    aliases=("retire", "retire.js"),
    differences={
        "latest.json": "one observation for each vulnerability of each file; the reference merges equal ones of a file"
    },
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="retirejs-json-2",
            container="json",
            detect=JsonShape(root="object", has=("version", "data"), any_of=("messages", "start"), weight=1),
            scan=_SCAN,
            maps=(Group(each="data[]", maps=(_VULNERABILITIES,)),),
        ),
        Format(
            name="retirejs-json-2-cut",
            container="json",
            detect=JsonShape(root="object", has=("data[].results",), any_of=_TELLING),
            scan=_SCAN,
            maps=(Group(each="data[]", maps=(_VULNERABILITIES,)),),
        ),
        Format(
            name="retirejs-json-1",
            container="json",
            detect=JsonShape(root="array", has=("[].results[].component",)),
            maps=(Group(each="[]", maps=(_VULNERABILITIES,)),),
        ),
    ),
)
