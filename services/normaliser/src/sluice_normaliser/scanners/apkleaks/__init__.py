"""APKLeaks: finds addresses and secrets in Android packages."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, resource, secret, when
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
apkleaks -f shop.apk --json -o apkleaks.json
sluice push apkleaks.json --asset mobile:shop
```
"""
_NO_SECRETS = frozenset({"LinkFinder", "IP_Address", "Mailto", "Firebase", "Amazon_AWS_S3_Bucket"})


def _leak(name: Any) -> bool:
    return text(name) not in _NO_SECRETS


def _public(name: Any) -> bool:
    return not _leak(name)


def _kind(name: Any) -> Kind:
    return Kind.SECRET if _leak(name) else Kind.MOBILE


SPEC = ScannerSpec(
    name="apkleaks",
    title="APKLeaks",
    kinds=(Kind.SECRET, Kind.MOBILE),
    homepage="https://github.com/dwisiswant0/apkleaks",
    setup=_SETUP,
    formats=(
        Format(
            name="apkleaks-json",
            container="json",
            detect=JsonShape(
                root="object", has=("results",), any_of=("package", "results[].matches"), only=("package", "results")
            ),
            maps=(
                Map(
                    each="results[]",
                    kind=call(_kind, "name"),
                    rule_id="name",
                    title="name",
                    location=resource(resource="$.package"),
                    secret=when(call(_leak, "name"), secret(value="matches", type="name")),
                    evidence={"matches": when(call(_public, "name"), "matches")},
                ),
            ),
        ),
    ),
)
