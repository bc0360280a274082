"""huskyCI: runs security tests of several languages in CI, and gathers what they find."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners.huskyci.results import observations
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl "$HUSKYCI_CLIENT_API_ADDR/analysis/$RID" > huskyci.json     # or what huskyci-client prints with JSON
sluice push huskyci.json --asset repo:github.com/acme/shop
```
What `#nohusky` marks is kept, as suppressed. An analysis with an error, or with a test that could not run, resolves
nothing.
"""
_LANGUAGES = ("goresults", "pythonresults", "javascriptresults", "rubyresults", "javaresults", "hclresults")


def _failure(status: Any, error: Any, containers: Any) -> str | None:
    """Return what went wrong: in the analysis, or in one of its tests."""
    said = words(error)
    if said:
        return said
    if (words(status) or "finished").lower() != "finished":
        return f"the analysis is {words(status)}"
    failed = [
        words(obj(each.get("securityTest")).get("name")) or "a test"
        for each in objs(containers)
        if "error" in {(words(each.get(key)) or "").lower() for key in ("cResult", "cStatus")}
    ]
    return f"these tests could not run: {', '.join(failed)}" if failed else None


SPEC = ScannerSpec(
    name="huskyci",
    title="huskyCI",
    kinds=(Kind.SAST, Kind.SCA, Kind.SECRET, Kind.IAC),
    homepage="https://github.com/globocom/huskyCI",
    setup=_SETUP,
    formats=(
        Format(
            name="huskyci-analysis-json",
            container="json",
            detect=JsonShape(
                root="object", has=("huskyciresults",), any_of=("RID", "repositoryURL", "containers", "commitAuthors")
            ),
            scan=ScanMap(
                scanned_at="finishedAt | startedAt",
                ref="repositoryBranch",
                failure=call(_failure, "status", "errorFound", "containers"),
            ),
            parse=observations,
        ),
        Format(
            name="huskyci-client-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=(*_LANGUAGES, "csharpresults", "genericresults"),
                has=("summary",),
                lacks=("huskyciresults",),
            ),
            scan=ScanMap(ref="summary.branch"),
            parse=observations,
        ),
    ),
)
