"""YARA: finds malware and other patterns in files."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import CLEAN, Format, Reading, ScannerSpec, TextShape, construct
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_SETUP = """
```sh
yara -w -r rules.yar /srv > yara.txt
sluice push yara.txt --asset host:web-1 --scanner yara
```
`-m` (metadata: its `severity` and `description` are used), `-g` (tags) and `-s` (strings) do, too. No match writes
nothing, so name the scanner.
"""
_MATCH = re.compile(
    r"^(?:default:)?(?P<rule>[A-Za-z_]\w*) (?P<more>(?:\[[^\n]*?\] )*)(?P<path>(?:[./]|[A-Za-z]:\\)[^\n]*)$"
)
_STRING = re.compile(r"^0x[0-9a-f]+:(?:\d+:)?\$")
_META = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\]]+))')
_LIST = re.compile(r"\[([^\n]*?)\] ")


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
            detect=TextShape(
                patterns=(
                    (
                        r"\A(?:(?:default:)?[A-Za-z_]\w* (?:\[[^\n]*\] )*(?:[./]|[A-Za-z]:\\)[^\n]*\n?"
                        r"(?:0x[0-9a-f]+:[^\n]*\n?)*)+\Z"
                    ),
                )
            ),
            parse=_read,
        ),
    ),
)
