"""GitHub secret scanning: alerts about leaked secrets, from REST and webhooks."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    first,
    lookup,
    resource,
    secret,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.filepath import below_root
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.values import Said
from sluice_normaliser.scanners._github import NOISE, failed, in_repository
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
gh api --paginate '/repos/acme/shop/secret-scanning/alerts?per_page=100' > secrets.json
sluice push secrets.json --scanner github_secrets_detection_report --asset repo:github.com/acme/shop
```
Of a secret only a keyed digest is stored; `&hide_secret=true` keeps it out of the file, too. GitHub pushes by itself,
too: point a webhook with the events *Secret scanning alerts* and *Secret scanning alert locations* at
`/v1/webhooks/github/NAME`.
"""

_RESOLUTIONS = {
    "false_positive": ObservationStatus.NOT_APPLICABLE,
    "wont_fix": ObservationStatus.SUPPRESSED,
    "used_in_tests": ObservationStatus.SUPPRESSED,
    "revoked": ObservationStatus.FIXED,
    "pattern_deleted": ObservationStatus.NOT_APPLICABLE,
    "pattern_edited": ObservationStatus.NOT_APPLICABLE,
    "hidden_by_config": ObservationStatus.SUPPRESSED,
}
_VALIDITY = {"active": True, "inactive": False}
_WHERE_ELSE = (
    *("issue_title_url", "issue_body_url", "issue_comment_url", "discussion_title_url", "discussion_body_url"),
    *("discussion_comment_url", "pull_request_title_url", "pull_request_body_url", "pull_request_comment_url"),
    *("pull_request_review_url", "pull_request_review_comment_url", "page_url"),
)


def _status(state: Any, resolution: Any) -> Said:
    told, why = words(state), words(resolution)
    if why:
        return Said(_RESOLUTIONS.get(why, ObservationStatus.FIXED), why)
    return Said(ObservationStatus.FIXED if told == "resolved" else ObservationStatus.OPEN, told)


def _tags(leaked: Any, several: Any, bypassed: Any) -> list[str]:
    said = {"publicly_leaked": leaked, "multi_repo": several, "push_protection_bypassed": bypassed}
    return [name for name, holds in said.items() if holds is True]


def _file(path: Any) -> str | None:
    return below_root(words(path))


def _alert(path: str, place: str) -> Map:
    elsewhere = " | ".join(f"{place}.{name}" for name in _WHERE_ELSE)
    return Map(
        each=path,
        kind=Kind.SECRET,
        rule_id="secret_type",
        rule_name="secret_type_display_name",
        title=first(template("{secret_type_display_name} is leaked"), template("{secret_type} is leaked")),
        status=call(_status, "state", "resolution"),
        location=first(
            code(
                path=call(_file, f"{place}.path"),
                start_line=f"{place}.start_line",
                start_column=f"{place}.start_column",
                end_line=f"{place}.end_line",
                end_column=f"{place}.end_column",
                commit=f"{place}.commit_sha",
            ),
            resource(resource=elsewhere, provider=const("github")),
        ),
        secret=secret(
            value="secret",
            type="secret_type",
            verified=lookup("validity", _VALIDITY),
            commit=f"{place}.commit_sha",
        ),
        references=("html_url", f"{place}.html_url"),
        suppressions=when(
            "resolution",
            suppression(
                kind=const("external"),
                status=const("accepted"),
                justification=template("{resolution} {resolution_comment}"),
                author="resolved_by.login",
            ),
        ),
        fingerprints={"github_alert": "html_url | url"},
        first_detected_at="created_at",
        tags=call(_tags, "publicly_leaked", "multi_repo", "push_protection_bypassed"),
        ignore=(*NOISE, "locations_url", "push_protection_bypass_request_reviewer", f"{place}.blob_url"),
        then=in_repository,
    )


SPEC = ScannerSpec(
    name="github_secrets_detection_report",
    title="GitHub secret scanning",
    kinds=(Kind.SECRET,),
    aliases=("github_secret_scanning",),
    homepage="https://docs.github.com/code-security/secret-scanning",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="secret-scanning-rest",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[][].secret_type",),
                any_of=("[][].resolution", "[][].locations_url", "[][].secret_type_display_name"),
                lacks=("[][].action",),
                weight=2,
            ),
            maps=(_alert("[][]", "first_location_detected"),),
        ),
        Format(
            name="secret-scanning-webhook",
            container="json",
            detect=JsonShape(root="object", has=("action", "alert.secret_type"), lacks=("location",), weight=1),
            scan=ScanMap(complete=False),
            maps=(_alert("alert", "first_location_detected"),),
        ),
        Format(
            name="secret-scanning-location-webhook",
            container="json",
            detect=JsonShape(root="object", has=("action", "alert.secret_type", "location.details"), weight=1),
            scan=ScanMap(complete=False),
            maps=(_alert("alert", "$.location.details"),),
        ),
        failed("secret-scanning"),
    ),
)
