"""Xeol: software past its end of life."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, const, fix, image, package, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
xeol registry.acme.io/shop:1.4 -o json > xeol.json
sluice push xeol.json --asset image:registry.acme.io/shop
```
Xeol grades nothing.
"""

_MATCH = Map(
    each="matches[]",
    kind=Kind.SCA,
    rule_id=template("eol:{Cycle.ProductName}:{Cycle.ReleaseCycle}"),
    rule_name=const("End of life"),
    title=template("{artifact.name|Package.Name} {artifact.version} is past its end of life ({Cycle.Eol})"),
    location=package(
        name="artifact.name | Package.Name",
        version="artifact.version | Package.Version",
        purl="artifact.purl | Package.PURL",
        cpe="artifact.cpes[0]",
        ecosystem="artifact.type",
        path="artifact.locations[0].path",
        image=image(
            name="$.source.target.userInput",
            digest="$.source.target.manifestDigest",
            image_id="$.source.target.imageID",
            layer_digest="artifact.locations[0].layerID",
        ),
    ),
    fix=fix(recommendation=template("Upgrade to a supported release, such as {Cycle.LatestRelease}")),
    references="Cycle.ProductPermalink",
    tags="artifact.language",
)

SPEC = ScannerSpec(
    name="xeol",
    title="Xeol",
    kinds=(Kind.SCA, Kind.CONTAINER),
    homepage="https://github.com/xeol-io/xeol",
    setup=_SETUP,
    formats=(
        Format(
            name="xeol-json",
            container="json",
            detect=JsonShape(root="object", has=("matches",), match={"descriptor.name": "^xeol$"}, weight=1),
            scan=ScanMap(version="descriptor.version"),
            maps=(_MATCH,),
        ),
        Format(
            name="xeol-json-matches",
            container="json",
            detect=JsonShape(root="object", has=("matches[].Cycle",), weight=3),
            scan=ScanMap(version="descriptor.version"),
            maps=(_MATCH,),
        ),
    ),
)
