"""SonarQube and SonarCloud: issues and security hotspots, from the API and from the sonar-report tool."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, TextShape, ZipShape, call
from sluice_normaliser.scanners._notices import notice
from sluice_normaliser.scanners.sonarqube.containers import read_html, read_pages, read_zip
from sluice_normaliser.scanners.sonarqube.maps import IN_API, IN_REPORT, errors, is_whole, webhook
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -u "$SONAR_TOKEN:" "$SONAR_URL/api/issues/search?componentKeys=shop&types=VULNERABILITY&ps=500" -o issues.json
curl -u "$SONAR_TOKEN:" "$SONAR_URL/api/hotspots/search?projectKey=shop&ps=500" -o hotspots.json
zip sonar.zip issues.json hotspots.json; sluice push sonar.zip --asset repo:github.com/acme/shop --scanner sonarqube
```
Get all pages (in a ZIP, or one after the other in one file): a page that says that there are more resolves nothing.
The reports of `sonar-report` (JSON, HTML) are read, too. SonarQube's webhook tells only of the quality gate; let it
start the job that pushes.
"""

SPEC = ScannerSpec(
    name="sonarqube",
    title="SonarQube",
    kinds=(Kind.SAST, Kind.QUALITY, Kind.SECRET),
    aliases=("sonarcloud", "sonar", "api_sonarqube"),
    homepage="https://docs.sonarsource.com",
    setup=_SETUP,
    misses={
        "paths: keyfoot*": "the made-up key of a component is no path: the report gives its path beside it",
        "lines: keyfoot*": "the made-up key of a component is no path: the report gives its path beside it",
        "severities: critical": "CRITICAL comes after BLOCKER, and is HIGH in the newer scale of SonarQube",
    },
    formats=(
        Format(
            name="sonarqube-issues",
            container="json",
            detect=JsonShape(
                root="object",
                has=("issues", "components"),
                any_of=("paging", "effortTotal", "issues[].rule"),
                lacks=("sonarBaseURL",),
            ),
            scan=ScanMap(complete=call(is_whole, "paging", "total", "issues", "hotspots")),
            maps=IN_API,
        ),
        Format(
            name="sonarqube-hotspots",
            container="json",
            detect=JsonShape(root="object", has=("hotspots", "components"), any_of=("paging", "hotspots[].ruleKey")),
            scan=ScanMap(complete=call(is_whole, "paging", "total", "issues", "hotspots")),
            maps=IN_API,
        ),
        *(
            Format(
                name=f"sonarqube-{listed}-by-{rule}",
                container="json",
                detect=JsonShape(
                    root="object",
                    has=(f"{listed}[].{rule}", f"{listed}[].component"),
                    lacks=("sonarBaseURL", "sonarComponent"),
                    weight=-1,
                ),
                scan=ScanMap(complete=call(is_whole, "paging", "total", "issues", "hotspots")),
                maps=IN_API,
            )
            for listed, rule in (("issues", "rule"), ("hotspots", "ruleKey"), ("hotspots", "vulnerabilityProbability"))
        ),
        Format(
            name="sonarqube-pages",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].paging",),
                any_of=("[].issues[].component", "[].hotspots[].component"),
                weight=-1,
            ),
            scans=read_pages,
        ),
        Format(
            name="sonarqube-list",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].key",),
                any_of=("[].rule", "[].ruleKey"),
                match={"[].component": r"^[^:]+:"},
            ),
            scans=read_pages,
        ),
        Format(
            name="sonarqube-refused",
            container="json",
            detect=JsonShape(
                root="object",
                has=("errors[].msg",),
                lacks=("issues", "hotspots", "data", "results", "errors[].message"),
            ),
            scan=ScanMap(refuse=call(errors, "errors")),
            maps=IN_API,
        ),
        Format(
            name="sonar-report-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("issues",),
                any_of=("sonarBaseURL", "sonarComponent", "hotspotKeys", "onlyDetectedRules"),
                weight=2,
            ),
            scan=ScanMap(scanned_at="date"),
            maps=IN_REPORT,
        ),
        Format(
            name="sonar-report-html",
            container="html",
            detect=TextShape(patterns=(r"<(?:title|h1)[^>]*>\s*SonarQube [^<]{0,60}Report",)),
            parse=read_html,
        ),
        notice(
            "sonarqube-webhook",
            JsonShape(root="object", has=("serverUrl", "status", "project.key"), any_of=("taskId", "qualityGate")),
            webhook,
        ),
        Format(name="sonarqube-zip", container="zip", detect=ZipShape(members=("*.json",), weight=-1), scans=read_zip),
        Format(
            name="sonarqube-zip-empty", container="zip", detect=ZipShape(members=("*/",), weight=-2), scans=read_zip
        ),
    ),
)
