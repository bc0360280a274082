"""OWASP Dependency-Check: vulnerabilities of dependencies, matched by what is known of their files."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Group, JsonShape, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.scanners.dependency_check.maps import IN_JSON, IN_XML, ROW
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
dependency-check.sh --scan . --format JSON --format XML --out .      # or the Maven, Gradle and Jenkins plugins
sluice push dependency-check-report.json --asset repo:github.com/acme/shop
```
What a suppression file leaves out is in the report and counts as suppressed. A report that tells of exceptions during
the analysis resolves nothing.
"""


def _exceptions(told: Any) -> str | None:
    """Return the messages of the exceptions during the analysis, of which each may have a cause."""
    listed = told if isinstance(told, list) else [told] if told else []
    found = [_message(each) for each in listed]
    return "; ".join(dict.fromkeys(each for each in found if each)) or None


def _message(exception: Any) -> str | None:
    said = obj(exception)
    inner = obj(said.get("exception")) or said
    return words(inner.get("message")) or words(exception)


SPEC = ScannerSpec(
    name="dependency_check",
    title="OWASP Dependency-Check",
    kinds=(Kind.SCA,),
    aliases=("owasp_dependency_check", "dependencycheck"),
    homepage="https://dependency-check.github.io/DependencyCheck/",
    setup=_SETUP,
    differences={"*": "suppressed vulnerabilities are kept, too"},
    formats=(
        Format(
            name="dependency-check-xml",
            container="xml",
            detect=XmlShape(
                root="analysis",
                namespace=r"(?i)dependency[-_]?check|^$",
                any_of=("dependencies", "scanInfo", "projectInfo"),
            ),
            records="dependencies.dependency",
            scan=ScanMap(
                version="scanInfo.engineVersion",
                scanned_at="projectInfo.reportDate",
                failure=call(_exceptions, "scanInfo.analysisExceptions.exception"),
            ),
            maps=IN_XML,
        ),
        Format(
            name="dependency-check-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("dependencies",),
                any_of=("scanInfo.engineVersion", "reportSchema", "dependencies[].evidenceCollected"),
                weight=2,
            ),
            scan=ScanMap(
                version="scanInfo.engineVersion",
                scanned_at="projectInfo.reportDate",
                failure=call(_exceptions, "scanInfo.analysisExceptions"),
            ),
            maps=(Group(each="dependencies[]", maps=IN_JSON),),
        ),
        Format(
            name="dependency-check-csv",
            container="csv",
            detect=CsvShape(
                columns=("DependencyName",), any_of=("CVE", "DependencyPath", "CPE", "Vulnerability"), weight=2
            ),
            maps=(ROW,),
        ),
    ),
)
