"""Falco: suspicious behaviour of processes and containers while they run."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    first,
    host,
    ident,
    image,
    package,
    resource,
    template,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
Set `json_output: true` and, for a push of each alert, `http_output: {enabled: true, url: …}`; or let falcosidekick post
to its `webhook` output. A file of alerts (`file_output`) is read as well:
```sh
sluice push falco.jsonl --asset k8s:prod --scanner falco
```
An alert tells of one event, so it resolves nothing. Priorities *debug* and *informational* are kept as information.
"""
_STAMP = re.compile(r"^\d\d:\d\d:\d\d\.\d+: \w+ ")
_TECHNIQUE = re.compile(r"^T\d{4}(?:\.\d{3})?$")
_QUIET = frozenset({"debug", "informational", "info"})
_AT = "output_fields"
_POD = f'{_AT}."k8s.deployment.name" | {_AT}."k8s.pod.name"'
_NAMESPACE = f'{_AT}."k8s.ns.name"'


def _said(value: Any) -> str | None:
    """Return the words; Falco writes ``<NA>`` where it knows nothing."""
    found = words(value)
    return None if found is None or found in {"<NA>", "null"} else found


def _known(path: str) -> call:
    return call(_said, path)


def _message(output: Any) -> str | None:
    """Return the alert without its time and priority, which stand in fields of their own."""
    return _STAMP.sub("", words(output) or "") or None


def _status(priority: Any) -> Said:
    said = words(priority)
    quiet = (said or "").lower() in _QUIET
    return Said(ObservationStatus.INFORMATIONAL if quiet else ObservationStatus.OPEN, said)


def _techniques(tags: Any) -> list[str]:
    listed = tags if isinstance(tags, list) else []
    return [tag for tag in map(str, listed) if _TECHNIQUE.match(tag)]


def _asset(name: Any) -> str | None:
    found = _said(name)
    return f"host:{found.lower()}" if found else None


def _field(name: str) -> call:
    return _known(f'{_AT}."{name}"')


ALERT = Map(
    each="[]",
    kind=Kind.RUNTIME,
    rule_id="rule",
    rule_name="rule",
    title="rule",
    message=call(_message, "output"),
    severity=by("priority", "syslog"),
    status=call(_status, "priority"),
    identifiers=ident(call(_techniques, "tags"), scheme="mitre"),
    location=first(
        when(
            _known(_POD),
            resource(
                resource=template(f"{{{_NAMESPACE}}}/{{{_POD}}}"),
                resource_type=const("workload"),
                name=_known(_POD),
                provider=const("kubernetes"),
                namespace=_known(_NAMESPACE),
            ),
        ),
        when(
            _field("container.image.repository"),
            package(
                name=_field("container.image.repository"),
                version=_field("container.image.tag"),
                image=image(
                    name=_field("container.image.repository"),
                    tag=_field("container.image.tag"),
                    digest=_field("container.image.digest"),
                ),
            ),
        ),
        host(host=_known("hostname")),
    ),
    related_locations=when(_known(_POD), host(host=_known("hostname"))),
    evidence={"command": _field("proc.cmdline"), "file": _field("fd.name"), "user": _field("user.name")},
    tags=("tags[]", "source"),
    asset=when(_known(_POD), const(None), call(_asset, "hostname")),
    last_detected_at="time",
    ignore=("uuid", "hostname", f'{_AT}."evt.time"'),
)

SPEC = ScannerSpec(
    name="falco",
    title="Falco",
    kinds=(Kind.RUNTIME,),
    aliases=("falcosidekick",),
    homepage="https://falco.org/docs",
    setup=_SETUP,
    formats=(
        Format(
            name="falco-alerts",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].rule", "[].priority", "[].output", "[].time", "[].output_fields")),
            scan=ScanMap(complete=False),
            maps=(ALERT,),
        ),
    ),
)
