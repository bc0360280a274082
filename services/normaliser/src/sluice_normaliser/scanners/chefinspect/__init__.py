"""Chef InSpec: controls of compliance profiles."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Grade,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    compliance,
    grade,
    host,
    join,
    status,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
inspec exec profile --reporter json-automate | jq -c '.profiles[].controls[]' > controls.log
sluice push controls.log --asset host:node-1
```
One control is one line; controls that hold are kept as such.
"""


def _impact(impact: Any) -> Grade:
    """Return the severity of an impact between 0 and 1, as InSpec reads it in words."""
    bands = ((0.9, "critical"), (0.7, "high"), (0.4, "medium"), (0.01, "low"), (0.0, "none"))
    known = isinstance(impact, int | float) and not isinstance(impact, bool)
    word = next((name for least, name in bands if known and impact >= least), "unknown")
    return grade(word)._replace(raw=None if impact is None else str(impact))


SPEC = ScannerSpec(
    name="chefinspect",
    title="Chef InSpec",
    kinds=(Kind.COMPLIANCE,),
    homepage="https://docs.chef.io/inspec/",
    setup=_SETUP,
    formats=(
        Format(
            name="chef-inspec-controls-jsonl",
            container=("jsonl", "json"),
            detect=JsonShape(has=("[].impact", "[].control_tags", "[].results[].code_desc", "[].profile")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.COMPLIANCE,
                    rule_id="id",
                    title="title | id",
                    description="description",
                    severity=call(_impact, "impact"),
                    status=status(
                        "status", {"passed": ObservationStatus.PASSED, "skipped": ObservationStatus.NOT_APPLICABLE}
                    ),
                    location=host(host="platform.target_id", os=template("{platform.name} {platform.release}")),
                    compliance=compliance(
                        standard="profile.name", control="id", title="profile.title", status="status"
                    ),
                    evidence={
                        "output": join("results[].code_desc", sep="\n"),
                        "message": join("results[].message", sep="\n"),
                    },
                    last_detected_at="results[0].start_time",
                    tags=("application_group", "zone", "environment"),
                ),
            ),
        ),
    ),
)
