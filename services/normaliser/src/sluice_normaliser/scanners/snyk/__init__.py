"""Snyk: vulnerabilities and licences of dependencies and images, and misconfigurations, from its command line."""

from typing import Any

from sluice_normaliser.kit import FAILED, Format, Group, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.scanners._notices import notice
from sluice_normaliser.scanners.sarif.log import read
from sluice_normaliser.scanners.snyk.maps import (
    AGGREGATED_ISSUES,
    BINARIES,
    MISCONFIGURATIONS,
    NEW_ISSUES,
    OF_API,
    OF_APPLICATIONS,
    OF_PROJECT,
    REMOVED_ISSUES,
    UNMANAGED,
)
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
snyk test --all-projects --json-file-output=snyk.json        # or: snyk container test IMAGE, snyk iac test
sluice push snyk.json --asset repo:github.com/acme/shop
```
Snyk ends with status 1 when it found something, and with 2 or 3 when it failed. Its webhook (`project_snapshot`) can be
pointed at `/v1/webhooks/snyk/NAME`: each delivery tells of the new and the removed issues of one project.
"""


def _errors(projects: Any) -> str | None:
    listed = projects if isinstance(projects, list) else [projects]
    told = [str(each.get("error")) for each in listed if isinstance(each, dict) and each.get("error")]
    return "; ".join(told[:5]) or None


def _refusal(projects: Any) -> str | None:
    """Return the errors of projects of which none was tested; one of many may stand far down the list."""
    tested = any(isinstance(each, dict) and "vulnerabilities" in each for each in items_of(projects))
    return None if tested else _errors(projects)


SPEC = ScannerSpec(
    name="snyk",
    title="Snyk",
    kinds=(Kind.SCA, Kind.CONTAINER, Kind.LICENCE, Kind.IAC),
    aliases=("snyk_cli", "snyk_open_source", "snyk_container", "snyk_iac"),
    homepage="https://docs.snyk.io/snyk-cli",
    setup=_SETUP,
    trivial={"": FAILED},
    differences={
        "*container*": "problems of the applications within an image, and those that a policy ignores, are kept, too"
    },
    formats=(
        Format(
            name="snyk-json",
            container="json",
            detect=JsonShape(
                has=("[].vulnerabilities",),
                any_of=(
                    *("[].ok", "[].dependencyCount", "[].licensesPolicy", "[].displayTargetFile", "[].isPrivate"),
                    *("[].vulnerabilities[].upgradePath", "[].vulnerabilities[].CVSSv3"),
                    "[].vulnerabilities[].severityWithCritical",
                ),
                weight=1,
            ),
            scan=ScanMap(failure=call(_errors, "$")),
            maps=(Group(each="[]", maps=(*OF_PROJECT, BINARIES, Group(each="applications[]", maps=OF_APPLICATIONS))),),
        ),
        Format(
            name="snyk-json-iac",
            container="json",
            detect=JsonShape(has=("[].infrastructureAsCodeIssues",), weight=2),
            scan=ScanMap(failure=call(_errors, "$")),
            maps=(Group(each="[]", maps=(MISCONFIGURATIONS,)),),
        ),
        Format(
            name="snyk-sarif",  # of any of Snyk's products; the exchange format is for who does not name the scanner
            container="json",
            detect=JsonShape(root="object", has=("runs",), match={"runs[].tool.driver.name": r"^Snyk"}),
            scans=read,
        ),
        Format(
            name="snyk-api-1",
            container="json",
            detect=JsonShape(
                has=("[].issues",),
                any_of=("[].issues.vulnerabilities", "[].issues.licenses"),
                lacks=("[].vulnerabilities",),
                weight=2,
            ),
            maps=(Group(each="[]", maps=OF_API),),
        ),
        Format(
            name="snyk-json-unmanaged",
            container="json",
            detect=JsonShape(has=("[].issues", "[].issuesData"), lacks=("[].vulnerabilities",), weight=2),
            maps=(Group(each="[]", maps=(UNMANAGED,)),),
        ),
        Format(
            name="snyk-api-1-aggregated",
            container="json",
            detect=JsonShape(has=("[].issues[].issueData", "[].issues[].pkgName")),
            maps=(Group(each="[]", maps=(AGGREGATED_ISSUES,)),),
        ),
        Format(
            name="snyk-json-failed",
            container="json",
            detect=JsonShape(
                has=("[].ok", "[].error", "[].path"), lacks=("[].vulnerabilities", "[].infrastructureAsCodeIssues")
            ),
            scan=ScanMap(refuse=call(_refusal, "$"), failure=call(_errors, "$")),
            maps=(Group(each="[]", maps=OF_PROJECT),),
        ),
        Format(
            name="snyk-project-snapshot",
            container="json",
            detect=JsonShape(root="object", has=("project.id", "org.slug", "newIssues", "removedIssues"), weight=2),
            scan=ScanMap(
                complete=False,
                scanned_at="project.lastTestedDate",
                category="project.name",
                ref="project.branch",
            ),
            maps=(NEW_ISSUES, REMOVED_ISSUES),
        ),
        notice(
            "snyk-ping",
            JsonShape(root="object", has=("webhookId",), only=("webhookId",)),
            "this is Snyk's ping, which carries no findings: the webhook is set up, and project_snapshot events follow",
        ),
    ),
)
