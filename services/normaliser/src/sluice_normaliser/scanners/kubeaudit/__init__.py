"""kubeaudit: audits Kubernetes clusters and manifests."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    first,
    resource,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
kubeaudit all --format json > kubeaudit.jsonl        # or with -f manifest.yaml
sluice push kubeaudit.jsonl --asset k8s:prod --scanner kubeaudit
```
Name the scanner: a run without results leaves an empty file behind. Results that a label allows count as suppressed.
"""

_FAILED = frozenset({"fatal", "panic"})


def _failure(lines: Any) -> str | None:
    told = [
        words(line.get("error")) or words(line.get("msg"))
        for line in objs(lines)
        if words(line.get("level")) in _FAILED
    ]
    return "; ".join(each for each in told if each) or None


def _is_allowed(name: Any, reason: Any) -> bool:
    """Return whether a label allows what was found; such results are named ``…Allowed``."""
    return bool(reason) or (words(name) or "").endswith("Allowed")


def _address(namespace: Any, kind: Any, name: Any, container: Any) -> str | None:
    parts = [found for each in (namespace, kind, name, container) if (found := words(each))]
    return "/".join(parts) or None


_REASON = "Metadata.OverrideReason | OverrideReason"
_NAMESPACE = "ResourceNamespace | Namespace"
_TYPE, _NAME = "ResourceKind | KubeType", "ResourceName | Name"  # as they are named since 0.10, and before

SPEC = ScannerSpec(
    name="kubeaudit",
    title="kubeaudit",
    kinds=(Kind.IAC,),
    homepage="https://github.com/Shopify/kubeaudit",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="kubeaudit-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", any_of=("[].AuditResultName", "[].ResourceApiVersion", "[].KubeType"), weight=2
            ),
            scan=ScanMap(failure=call(_failure, ".")),
            maps=(
                Map(
                    each="[]",
                    where=first("AuditResultName", "ResourceName", "KubeType"),
                    kind=Kind.IAC,
                    rule_id="AuditResultName | msg",
                    title="msg",
                    message="msg",
                    severity=by("level", "levels"),
                    status=when(call(_is_allowed, "AuditResultName", _REASON), const(ObservationStatus.SUPPRESSED)),
                    location=resource(
                        resource=call(_address, _NAMESPACE, _TYPE, _NAME, "Container"),
                        name=_NAME,
                        resource_type=_TYPE,
                        provider=const("kubernetes"),
                        namespace=_NAMESPACE,
                        path="FilePath | Metadata.FilePath",
                    ),
                    suppressions=when(
                        call(_is_allowed, "AuditResultName", _REASON),
                        suppression(kind=const("in_source"), status=const("accepted"), justification=_REASON),
                    ),
                    last_detected_at="time",
                ),
            ),
        ),
    ),
)
