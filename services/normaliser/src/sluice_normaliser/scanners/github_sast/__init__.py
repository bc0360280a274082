"""GitHub code scanning: alerts of CodeQL and of every tool whose SARIF was uploaded, from REST and webhooks."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    by,
    call,
    code,
    const,
    first,
    status,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners._github import NOISE, failed, in_repository
from sluice_normaliser.scanners.sarif.tools import kind_of, tool_of
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_SETUP = """
```sh
gh api --paginate '/repos/acme/shop/code-scanning/alerts?per_page=100' > alerts.json
sluice push alerts.json --scanner github_sast --asset repo:github.com/acme/shop
```
GitHub pushes by itself, too: point a webhook with the event *Code scanning alerts* at `/v1/webhooks/github/NAME`. Where
the SARIF itself can be had (`codeql database analyze --format sarif-latest`), push that: it has the code flows.
"""

_STATES = {
    "open": ObservationStatus.OPEN,
    "dismissed": ObservationStatus.SUPPRESSED,
    "closed": ObservationStatus.SUPPRESSED,
    "fixed": ObservationStatus.FIXED,
}
_ACTIONS = {"fixed": "fixed", "closed_by_user": "dismissed"}


def _kind(tool: Any, rule: Any, name: Any, tags: Any) -> Kind:
    listed = [each for each in tags if isinstance(each, str)] if isinstance(tags, list) else []
    return kind_of(tool_of(words(tool) or ""), words(rule) or "", words(name), listed)


def _state(said: Any, action: Any) -> str | None:
    return words(said) or _ACTIONS.get(words(action) or "")


def _told(value: Any) -> str | None:
    """Return a text; ``None`` and ``null`` in words are none."""
    found = words(value)
    return None if found in {"None", "null"} else found


def _by_tool(observation: Observation, record: Any, reading: Reading) -> Observation:
    tool = obj(obj(record).get("tool"))
    observation.scanner_name = words(tool.get("name"))
    observation.scanner_version = _told(tool.get("version"))
    return in_repository(observation, record, reading)


def _alert(path: str, instance: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=call(_kind, "tool.name", "rule.id", "rule.name", "rule.tags"),
        rule_id="rule.id",
        rule_name="rule.name",
        title=first("rule.description", "rule.name", "rule.id"),
        description="rule.full_description | rule.description",
        message=f"{instance}.message.text",
        severity=[by(call(_told, "rule.security_severity_level")), by("rule.severity", "levels")],
        identifiers=("rule.id", "rule.tags[]"),
        cwes="rule.tags[]",
        location=code(
            path=f"{instance}.location.path",
            start_line=f"{instance}.location.start_line",
            start_column=f"{instance}.location.start_column",
            end_line=f"{instance}.location.end_line",
            end_column=f"{instance}.location.end_column",
            commit=f"{instance}.commit_sha",
        ),
        references=("html_url", "rule.help_uri"),
        suppressions=when(
            call(lambda *said: any(_told(each) for each in said), "dismissed_at", "dismissed_reason", "closed_reason"),
            suppression(
                kind=const("external"),
                status=const("accepted"),
                justification=template("{dismissed_reason} {dismissed_comment}"),
                author="dismissed_by.login",
            ),
        ),
        fingerprints={"github_alert": "html_url"},
        first_detected_at="created_at",
        tags=("rule.tags[]", f"{instance}.classifications[]"),
        ignore=(*NOISE, "instances_url", "tool", f"{instance}.environment"),
        then=_by_tool,
        **more,
    )


_ANALYSES = ("commit_oid", "alert.most_recent_instance", "alert.instances", "alert.instances_url")

SPEC = ScannerSpec(
    name="github_sast",
    title="GitHub code scanning",
    kinds=(Kind.SAST,),
    aliases=("github_code_scanning",),
    homepage="https://docs.github.com/code-security/code-scanning",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="code-scanning-rest",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[][].rule",),
                any_of=("[][].most_recent_instance", "[][].instances_url"),
                lacks=("[][].action",),
                weight=2,
            ),
            maps=(_alert("[][]", "most_recent_instance", status=status("state", _STATES)),),
        ),
        Format(
            name="code-scanning-webhook",
            container="json",
            detect=JsonShape(root="object", has=("action", "alert.rule"), any_of=_ANALYSES, weight=2),
            scan=ScanMap(complete=False, commit="commit_oid", ref="ref"),
            maps=(
                _alert(
                    "alert",
                    "most_recent_instance",
                    where="most_recent_instance",
                    status=status(call(_state, "state", "$.action"), _STATES),
                ),
                _alert(
                    "alert",
                    "instances[0]",
                    where=call(lambda instance: not instance, "most_recent_instance"),
                    status=status(call(_state, "state", "$.action"), _STATES),
                ),
            ),
        ),
        failed("code-scanning"),
    ),
)
