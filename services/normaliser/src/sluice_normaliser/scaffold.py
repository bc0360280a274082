"""Starts a scanner: ``python -m sluice_normaliser.scaffold NAME [--container csv|xml]`` writes a working folder.

The folder has a spec, a sample that the spec recognises, and its golden file; change the three together.
"""

import argparse
import re
import sys
from pathlib import Path

from sluice_normaliser import golden
from sluice_normaliser.kit import registry as kit_registry
from sluice_normaliser.kit.registry import compiled_formats, names

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_SPEC = '''"""{title}: TELL IN ONE LINE WHAT IT FINDS."""

from sluice_normaliser.kit import {imports}, code
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
{name} --format {container} --output report.{container}
sluice push report.{container} --asset repo:github.com/acme/shop --scanner {name}
```
"""

SPEC = ScannerSpec(
    name="{name}",
    title="{title}",
    kinds=(Kind.SAST,),
    homepage="https://example.com/{name}",
    setup=_SETUP,
    formats=(
        Format(
            name="{name}-{container}",
            container="{container}",
            detect={detect},
{scan}            maps=(
                Map(
{each}                    kind=Kind.SAST,
                    rule_id="{p}rule",
                    title="{p}title",
                    message="{p}message",
                    severity="{p}severity",
                    identifiers="{p}identifiers",
                    location=code(path="{p}file", start_line="{p}line"),
                ),
            ),
        ),
    ),
)
'''

_RECORD = {
    "rule": "R001",
    "title": "Use of a weak hash",
    "message": "md5 is weak",
    "severity": "high",
    "identifiers": "CWE-328",
    "file": "src/app.py",
    "line": "12",
}


def _pieces(name: str, container: str) -> tuple[dict[str, str], str]:
    """Return what fills the template for a container, and the sample."""
    attributes = " ".join(f'{key}="{value}"' for key, value in _RECORD.items())
    if container == "csv":
        sample = f"{name}_id,{','.join(_RECORD)}\n1,{','.join(_RECORD.values())}\n"
        return {
            "shape": "CsvShape",
            "detect": f'CsvShape(columns=("{name}_id", "rule", "severity", "file"))',
            "p": "",
        }, sample
    if container == "xml":
        sample = f'<?xml version="1.0"?>\n<{name}-report version="1.0">\n  <finding {attributes}/>\n</{name}-report>\n'
        detect = f'XmlShape(root="{name}-report")'
        return {"shape": "XmlShape", "detect": detect, "p": "@", "version": "@version", "each": "finding[]"}, sample
    fields = ", ".join(f'"{key}": "{value}"' for key, value in _RECORD.items())
    sample = f'{{"{name}_version": "1.0",\n "findings": [\n  {{{fields}}}\n ]}}\n'
    detect = f'JsonShape(root="object", has=("{name}_version", "findings"))'
    return (
        {"shape": "JsonShape", "detect": detect, "p": "", "version": f"{name}_version", "each": "findings[]"},
        sample,
    )


def write(name: str, container: str = "json") -> Path:
    """Write the folder of a new scanner and return it.

    Raises ValueError when the name is no module's name, is taken, or the container is unknown.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a scanner: lower-case letters, digits and underscores")
    if container not in {"json", "xml", "csv"}:
        raise ValueError(f"there is no start for {container!r}; take json, xml or csv")
    folder = golden.folder(name)
    if folder.exists() or name in names():
        raise ValueError(f"there is a scanner {name} already")
    pieces, sample = _pieces(name, container)
    version, each = pieces.get("version"), pieces.get("each")
    spec = _SPEC.format(
        title=name.replace("_", " ").capitalize(),
        name=name,
        container=container,
        imports=", ".join(sorted(["Format", "Map", "ScannerSpec", pieces["shape"], *(["ScanMap"] if version else [])])),
        detect=pieces["detect"],
        p=pieces["p"],
        scan=f'            scan=ScanMap(version="{version}"),\n' if version else "",
        each=f'                    each="{each}",\n' if each else "",
    )
    (folder / "samples").mkdir(parents=True)
    (folder / "__init__.py").write_text(spec, "utf-8")
    (folder / "samples" / f"one.{container}").write_text(sample, "utf-8")
    for cached in (kit_registry, compiled_formats, names):
        cached.cache_clear()
    golden.main([name])
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Write a new scanner's folder; return the exit status."""
    parser = argparse.ArgumentParser(prog="scaffold", description="Starts the folder of a new scanner.")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--container", choices=("json", "xml", "csv"), default="json")
    given = parser.parse_args(arguments)
    try:
        folder = write(given.name, given.container)
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(f"{folder}\nNow put real samples into samples/, map them, and run the golden command.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
