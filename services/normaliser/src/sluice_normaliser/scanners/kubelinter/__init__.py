"""KubeLinter: checks Kubernetes manifests and Helm charts."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, call, const, fix, matching, resource
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind, Severity

_SETUP = """
```sh
kube-linter lint --format json manifests/ > kubelinter.json
sluice push kubelinter.json --asset repo:github.com/acme/shop
```
KubeLinter ends with status 1 when it found something. It grades nothing, so everything it reports is medium. Objects
that are exempted by an annotation are not in the report.
"""


def _described(check: Any, checks: Any) -> str | None:
    """Return what the report says about a check in its list of those that ran."""
    return next((words(each.get("description")) for each in objs(checks) if each.get("name") == check), None)


def _address(namespace: Any, kind: Any, name: Any) -> str | None:
    parts = [found for each in (namespace, kind, name) if (found := words(each))]
    return "/".join(parts) or None


def _type(group: Any, version: Any, kind: Any) -> str | None:
    parts = [found for each in (group, version, kind) if (found := words(each))]
    return "/".join(parts) or None


_OBJECT = "Object.K8sObject"
_KIND = f"{_OBJECT}.GroupVersionKind"

SPEC = ScannerSpec(
    name="kubelinter",
    title="KubeLinter",
    kinds=(Kind.IAC,),
    homepage="https://docs.kubelinter.io",
    setup=_SETUP,
    aliases=("kube-linter", "kube_linter"),
    formats=(
        Format(
            name="kubelinter-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Reports",),
                any_of=("Checks", "Summary.KubeLinterVersion", "Summary.ChecksStatus", "Reports[].Check"),
                weight=1,
            ),
            scan=ScanMap(version="Summary.KubeLinterVersion", scanned_at="Summary.CheckEndTime"),
            maps=(
                Map(
                    each="Reports[]",
                    kind=Kind.IAC,
                    rule_id="Check",
                    title="Diagnostic.Message",
                    message="Diagnostic.Message",
                    description=call(_described, "Check", "$.Checks"),
                    severity=Severity.MEDIUM,
                    location=resource(
                        resource=call(_address, f"{_OBJECT}.Namespace", f"{_KIND}.Kind", f"{_OBJECT}.Name"),
                        name=f"{_OBJECT}.Name",
                        resource_type=call(_type, f"{_KIND}.Group", f"{_KIND}.Version", f"{_KIND}.Kind"),
                        provider=const("kubernetes"),
                        namespace=f"{_OBJECT}.Namespace",
                        path="Object.Metadata.FilePath",
                    ),
                    fix=fix(recommendation="Remediation"),
                    references=matching("Remediation", r"(https?://\S+)"),
                ),
            ),
        ),
    ),
)
