"""httpx: probes web servers."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    join,
    split,
    template,
    url,
    when,
)
from sluice_normaliser.kit.coerce import boolean, text
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
httpx -l hosts.txt -json -tech-detect -o httpx.jsonl
sluice push httpx.jsonl --asset service:shop
```
`-csv` does, too. What answers is listed as informational; where nothing does, the file is empty, so name
the scanner.
"""


def _is_true(failed: Any) -> bool:
    return boolean(failed) is True


def _bare(listed: Any) -> str | None:
    """Return ``[Nginx PHP]``, as Go prints a list, without its brackets."""
    return (text(listed) or "").strip("[] ") or None


def _answer(tags: Any, **more: Any) -> Map:
    """Return the map of an answer; a row of the CSV has the fields of the JSON."""
    return Map(
        kind=Kind.DAST,
        rule_id=const("web-server"),
        title=when(
            call(_is_true, "failed"),
            template("{url} does not answer"),
            when(
                "status_code | status-code",
                join("url", const("answers with"), "status_code | status-code", sep=" "),
                template("{url} answers"),
            ),
        ),
        severity=Severity.INFO,
        status=when(call(_is_true, "failed"), ObservationStatus.NOT_APPLICABLE, ObservationStatus.INFORMATIONAL),
        location=url(url="url", method="method", status_code="status_code | status-code"),
        evidence={"webserver": "webserver", "title": "title", "response": "response"},
        tags=(tags,),
        last_detected_at="timestamp",
        **more,
    )


_OTHERS = ("[].template-id", "[].templateID", "[].template_id", "[].matched-at")
"""What Nuclei writes beside the same names."""

SPEC = ScannerSpec(
    name="httpx",
    title="httpx",
    kinds=(Kind.DAST,),
    homepage="https://github.com/projectdiscovery/httpx",
    setup=_SETUP,
    differences={"*": "what did not answer is kept as not applicable; the reference leaves it out"},
    trivial={"": CLEAN},
    formats=(
        Format(
            name="httpx-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].url", "[].input"),
                any_of=("[].status_code", "[].status-code", "[].webserver", "[].scheme", "[].failed"),
                lacks=_OTHERS,
            ),
            maps=(_answer("tech | technologies", each="[]"),),
        ),
        Format(
            name="httpx-jsonl-cut",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].url",),
                any_of=("[].webserver", "[].content-length", "[].content_length", "[].status-code", "[].failed"),
                lacks=_OTHERS,
            ),
            maps=(_answer("tech | technologies", each="[]"),),
        ),
        Format(
            name="httpx-csv",
            container="csv",
            detect=CsvShape(columns=("url", "webserver"), any_of=("input", "scheme", "status_code", "status-code")),
            maps=(_answer(split(call(_bare, "tech | technologies"), " ")),),
        ),
    ),
)
