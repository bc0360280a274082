"""Mend (once WhiteSource): vulnerabilities, and broken policies, of a project's libraries."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.mend.maps import ALERTS, FINDINGS, LISTED, POLICIES, VULNERABILITIES, is_last_page
from sluice_shared.contracts.finding import Kind

_SETUP = """
The findings of a project from the platform's API 3.0, or what the Unified Agent and the old API write:
```sh
curl -H "Authorization: Bearer $JWT" \\
  "https://api-saas.mend.io/api/v3.0/projects/$PROJECT/dependencies/findings/security?limit=10000" > mend.json
sluice push mend.json --asset repo:github.com/acme/shop
```
A page that has a next one counts as a part of the scan. What was ignored in Mend counts as suppressed.
"""

SPEC = ScannerSpec(
    name="mend",
    title="Mend",
    kinds=(Kind.SCA, Kind.LICENCE),
    aliases=("whitesource", "mend-sca"),
    homepage="https://www.mend.io",
    setup=_SETUP,
    formats=(
        Format(
            name="mend-platform-json-3",
            container="json",
            detect=JsonShape(
                root="object",
                has=("response",),
                any_of=("supportToken", "response[].findingInfo", "response[].component"),
                weight=1,
            ),
            scan=ScanMap(
                category="response[0].project.name", complete=call(is_last_page, "additionalData.paging.next")
            ),
            maps=(FINDINGS,),
        ),
        Format(
            name="mend-project-json",
            container="json",
            detect=JsonShape(
                root="object", has=("libraries",), any_of=("projectVitals", "libraries[].keyUuid"), weight=1
            ),
            scan=ScanMap(scanned_at="projectVitals.lastUpdatedDate", category="projectVitals.name"),
            maps=(VULNERABILITIES, POLICIES),
        ),
        Format(
            name="mend-libraries-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("libraries[].vulnerabilities",),
                any_of=("libraries[].artifactId", "libraries[].sha1", "libraries[].policyViolations"),
                lacks=("projectVitals",),
            ),
            maps=(VULNERABILITIES, POLICIES),
        ),
        Format(
            name="mend-vulnerabilities-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].library",),
                any_of=(
                    "vulnerabilities[].topFix",
                    "vulnerabilities[].scoreMetadataVector",
                    "vulnerabilities[].project",
                    "vulnerabilities[].cvss3_severity",
                ),
            ),
            maps=(LISTED,),
        ),
        Format(
            name="mend-alerts-json",
            container="json",
            detect=JsonShape(root="object", has=("alerts[].vulnerability", "alerts[].library")),
            maps=(ALERTS,),
        ),
        Format(
            name="mend-vulnerabilities-json-none",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                only=("vulnerabilities",),
                lacks=("vulnerabilities[]",),
                weight=4.0,
            ),
            maps=(LISTED,),
        ),
    ),
)
