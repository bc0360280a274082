"""Nuclei: looks for vulnerabilities by templates."""

from typing import Any
from urllib.parse import urlsplit

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    code,
    const,
    epss,
    first,
    fix,
    host,
    join,
    matching,
    rating,
    split,
    template,
    url,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
nuclei -u https://shop.acme.io -jsonl -o nuclei.jsonl      # or -json-export nuclei.json
sluice push nuclei.jsonl --scanner nuclei --asset url:https://shop.acme.io
```
Name the scanner: a run without findings leaves an empty file behind. With `-matcher-status` templates that did not
match are told, too; they count as passed.
"""

_MATCHER = '"matcher-name" | matcher_name | "extractor-name" | extractor_name'


def _kind(sort: Any, tags: Any) -> Kind:
    said = {part.strip() for part in tags.split(",")} if isinstance(tags, str) else set(tags or ())
    if sort == "file":
        return Kind.SECRET if said & {"token", "keys", "secret", "exposure"} else Kind.SAST
    if sort in {"network", "tcp", "ssl", "dns"}:
        return Kind.HOST
    return Kind.DAST


def _address(matched: Any, sort: Any) -> str | None:
    found = words(matched) or ""
    return found if "://" in found and sort != "file" else None


def _machine(matched: Any, asked: Any) -> str | None:
    found = words(matched) or words(asked)
    if found is None:
        return None
    try:
        return urlsplit(found if "://" in found else f"//{found}").hostname
    except ValueError:
        return found


def _port(matched: Any) -> int | None:
    found = words(matched) or ""
    try:
        return urlsplit(found if "://" in found else f"//{found}").port
    except ValueError:
        return None


def _matched(said: Any) -> ObservationStatus:
    return ObservationStatus.PASSED if said is False else ObservationStatus.OPEN


_RESULTS = (
    *("[].template-id", "[].templateID", "[].template", "[].template-path", "[].template-url"),
    *("[].matched-at", "[].matched", "[].matcher-status"),
)
_TEMPLATES = ("[].template-id", "[].templateID", "[].template")
_AT = '"matched-at" | matched | path'
_FILE = code(
    path=matching(_AT, r"^(.+?)(?::\d+)*$"),
    start_line=first('"matched-line"[0] | "matched-line"', matching(_AT, r"^[^:]+:(\d+)")),
)
_NAME = 'info.name | name | "template-id" | templateID | template'
_RESULT = Map(
    each="[]",
    where=first("info", '"template-id" | templateID | template'),
    kind=call(_kind, "type", "info.tags | tags"),
    rule_id=join('"template-id" | templateID | template', _MATCHER, sep=":"),
    rule_name="info.name | name",
    title=join(_NAME, when(_MATCHER, template(f"({{{_MATCHER}}})")), sep=" "),
    description=join("info.description | description", "info.impact", sep="\n\n"),
    severity="info.severity | severity",
    status=call(_matched, '"matcher-status"'),
    identifiers=(
        'info.classification."cve-id"',
        '"template-id" | templateID | template',
    ),
    cwes='info.classification."cwe-id"',
    location=first(
        when(
            call(_address, '"matched-at" | matched | url', "type"),
            url(
                url='"matched-at" | matched | url',
                method="fuzzing_method",
                parameter="fuzzing_parameter",
                parameter_in="fuzzing_position",
            ),
        ),
        when(call(lambda sort: sort == "file", "type"), _FILE),
        host(
            host=call(_machine, '"matched-at" | matched', "host"),
            ip="ip",
            port=call(_port, '"matched-at" | matched'),
            service="scheme",
        ),
    ),
    related_locations=when("ip", host(host=call(_machine, "host", "ip"), ip="ip", port="port")),
    ratings=(
        rating(
            const("nuclei"),
            vector='info.classification."cvss-metrics"',
            score='info.classification."cvss-score"',
        ),
        epss('info.classification."epss-score"', 'info.classification."epss-percentile"'),
    ),
    fix=fix(recommendation="info.remediation"),
    references=("info.reference | reference", '"template-url"'),
    evidence={
        "match": join('"extracted-results"[]', "extracted_results[]"),
        "request": "request",
        "response": "response",
    },
    first_detected_at="timestamp",
    tags=split("info.tags | tags"),
    # the command shows the credentials that the request hides
    ignore=('"template-encoded"', '"template-path"', '"curl-command"', "path", "url"),
)

SPEC = ScannerSpec(
    name="nuclei",
    title="Nuclei",
    kinds=(Kind.DAST, Kind.HOST),
    homepage="https://docs.projectdiscovery.io/tools/nuclei",
    setup=_SETUP,
    trivial={"": CLEAN, "[]": CLEAN, "{}": CLEAN, "null": CLEAN},
    misses={
        "components: *": "the name of a matcher is a part of the rule, no package",
    },
    formats=(
        Format(
            name="nuclei-json",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].info",), any_of=_RESULTS, weight=2),
            maps=(_RESULT,),
        ),
        Format(
            name="nuclei-json-flat",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].template", "[].matched"), any_of=("[].severity", "[].name", "[].type"), lacks=("[].info",)
            ),
            maps=(_RESULT,),
        ),
        Format(
            name="nuclei-json-nameless",
            container=("json", "jsonl"),
            detect=JsonShape(
                any_of=("[].template-id", "[].templateID"),
                has=("[].host",),
                lacks=("[].info",),
                weight=1,
            ),
            maps=(_RESULT,),
        ),
    ),
)
