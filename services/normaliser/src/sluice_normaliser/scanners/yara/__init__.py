"""YARA: finds malware and other patterns in files."""

import re
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
    code,
    construct,
    each,
    first,
    join,
    peek,
    template,
)
from sluice_normaliser.kit.shapes import arr
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_SETUP = """
```sh
yara -w -r rules.yar /srv > yara.txt
sluice push yara.txt --asset host:web-1 --scanner yara
```
`-m` (metadata: its `severity` and `description` are used), `-g` (tags) and `-s` (strings) do, too, and so does
`yr scan --output-format json` of YARA-X. No match writes nothing, so name the scanner.
"""
_PATH = r"(?:[./]|[A-Za-z]:\\|[\w@-][\w.@-]*(?:/|\.\w))[^\n]*"
_LISTS = r'(?:\[(?:"(?:[^"\\\n]|\\.)*+"|[^"\]\n])*+\] ){0,4}'
"""Tags and metadata in brackets; a text in quotes may hold brackets of its own."""

_MATCH = re.compile(rf"^(?:\w+:)?(?P<rule>[A-Za-z_]\w*) (?P<more>{_LISTS})(?P<path>{_PATH})$")
_LINE = (
    rf"(?:\w+:)?(?:[A-Za-z_]\w* {_LISTS}(?:[./]|[A-Za-z]:\\)"
    rf"|[A-Za-z]\w*_\w* {_LISTS}[\w@-][\w.@-]*(?:/|\.\w))[^\n]*(?:\n|\Z)"
)
"""A match; one of a path without a dot or slash before it is only told apart by the underscore of its rule."""

_ASIDE = r"(?:error|warning)(?: scanning|:) [^\n]*(?:\n|\Z)"
"""What YARA says of files that it cannot read, and of slow rules, where both streams go into one file."""

_BLANK = r"[ \t\r]*\n"
_WHOLE = (
    rf"\A(?:{_BLANK})*+(?:{_ASIDE}(?:{_BLANK})*+)*+"
    rf"(?:{_LINE}(?:0x[0-9a-f]+:[^\n]*(?:\n|\Z)|{_ASIDE}|{_BLANK})*+)++\Z"
)
_STRING = re.compile(r"^0x[0-9a-f]+:(?:\d+:)?\$")
_META = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\]]+))')
_LIST = re.compile(r'\[((?:"(?:[^"\\\n]|\\.)*+"|[^"\]\n])*+)\] ')


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each rule that matches a file."""
    matches: list[tuple[re.Match[str], list[str]]] = []
    for line in str(document).splitlines():
        if _STRING.match(line) and matches:
            matches[-1][1].append(line)
        elif (found := _MATCH.match(line)) is not None:
            matches.append((found, []))
    for found, strings in matches:
        meta = {name: quoted or bare for name, quoted, bare in _META.findall(found["more"])}
        tags = [tag for part in _LIST.findall(found["more"]) if "=" not in part for tag in part.split(",") if tag]
        yield reading.observe(
            kind=Kind.MALWARE,
            rule_id=found["rule"],
            title=meta.pop("description", None) or found["rule"].replace("_", " "),
            severity=meta.pop("severity", None),
            references=[meta.pop("reference", None)],
            location=construct(CodeLocation, {"path": found["path"]}),
            evidence={"strings": "\n".join(strings)},
            tags=tags,
            unmapped={"meta": meta} if meta else {},
        )


def _meta(name: str) -> Any:
    """Return what finds an entry of the metadata: an object, or a list of pairs."""

    def find(meta: Any) -> Any:
        pairs = meta.items() if isinstance(meta, dict) else [each for each in arr(meta) if isinstance(each, list)]
        value = next((pair[1] for pair in pairs if len(pair) > 1 and str(pair[0]).lower() == name), None)
        return next(iter(value.values()), None) if isinstance(value, dict) else value

    return call(find, peek("meta"))


def _match(path: str, rule: str, file: str) -> Map:
    """Return the map of a match as YARA-X writes it."""
    return Map(
        each=path,
        kind=Kind.MALWARE,
        rule_id=rule,
        title=first(_meta("description"), call(lambda name: str(name).replace("_", " "), rule)),
        severity=_meta("severity"),
        references=_meta("reference"),
        location=code(path=file),
        evidence={"strings": join(each("strings[]", template("{offset}:{identifier}: {match}")), sep="\n")},
        tags=("tags[]", "namespace"),
        ignore=("strings",),
    )


SPEC = ScannerSpec(
    name="yara",
    title="YARA",
    kinds=(Kind.MALWARE,),
    homepage="https://virustotal.github.io/yara/",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="yara-text",
            container="text",
            detect=TextShape(patterns=(_WHOLE,)),
            parse=_read,
        ),
        Format(
            name="yara-x-json",
            container="json",
            detect=JsonShape(root="object", has=("matches[].rule", "matches[].file"), lacks=("descriptor",)),
            scan=ScanMap(version="version"),
            maps=(_match("matches[]", "rule", "file"),),
        ),
        Format(
            name="yara-x-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("matches",), only=("matches", "version"), lacks=("matches[]",), weight=-1
            ),
            scan=ScanMap(version="version"),
            maps=(_match("matches[]", "rule", "file"),),
        ),
        Format(
            name="yara-x-ndjson",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].path", "[].rules"), any_of=("[].rules[].identifier",)),
            maps=(_match("[].rules[]", "identifier", "^.path"),),
        ),
    ),
)
