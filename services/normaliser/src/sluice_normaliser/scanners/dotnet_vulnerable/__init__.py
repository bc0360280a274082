"""dotnet list package --vulnerable: known vulnerabilities of NuGet packages."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    const,
    package,
    template,
)
from sluice_normaliser.kit.shapes import objs
from sluice_normaliser.scanners.dotnet_vulnerable.text import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
dotnet list package --vulnerable --include-transitive --format json > dotnet.json
sluice push dotnet.json --asset repo:github.com/acme/shop
```
The table that is printed without `--format json` does, too.
"""


def _map(packages: str, *, direct: bool) -> Map:
    return Map(
        each=f"projects[].frameworks[].{packages}[].vulnerabilities[]",
        kind=Kind.SCA,
        rule_id="advisoryurl | advisoryUrl",
        title=template("{^.id} {^.resolvedVersion}: {advisoryurl|advisoryUrl}"),
        severity="severity",
        identifiers="advisoryurl | advisoryUrl",
        location=package(
            name="^.id",
            version="^.resolvedVersion",
            ecosystem=const("nuget"),
            path="^^^.path",
            direct=const(direct),
        ),
        references="advisoryurl | advisoryUrl",
        tags="^^.framework",
    )


def _problems(listed: Any) -> str | None:
    told = [str(one.get("text") or one.get("message")) for one in objs(listed) if one.get("level") == "error"]
    return "; ".join(told) or None


_SCAN = ScanMap(failure=call(_problems, "problems"))
_MAPS = (_map("topLevelPackages", direct=True), _map("transitivePackages", direct=False))

SPEC = ScannerSpec(
    name="dotnet_vulnerable",
    title="dotnet list package --vulnerable",
    kinds=(Kind.SCA,),
    aliases=("dotnet-list-package",),
    homepage="https://learn.microsoft.com/dotnet/core/tools/dotnet-package-list",
    setup=_SETUP,
    formats=(
        Format(
            name="dotnet-list-package-json-1",
            container="json",
            detect=JsonShape(root="object", has=("projects",), match={"parameters": "--vulnerable"}),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="dotnet-list-package-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=(
                    "projects[].frameworks[].topLevelPackages[].vulnerabilities",
                    "projects[].frameworks[].transitivePackages[].vulnerabilities",
                ),
            ),
            scan=_SCAN,
            maps=_MAPS,
        ),
        Format(
            name="dotnet-list-package-text",
            container="text",
            detect=TextShape(patterns=(r"(?i)project `[^`\n]+` has (?:the following|no) vulnerable packages",)),
            parse=read,
        ),
    ),
)
