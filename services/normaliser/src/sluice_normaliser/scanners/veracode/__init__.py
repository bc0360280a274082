"""Veracode: static, dynamic, manual and component analysis on its platform, and the pipeline scan."""

from functools import partial

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, XmlShape, call, peek
from sluice_normaliser.scanners.veracode.api import PIPELINE, findings, last_page, pipeline_failure
from sluice_normaliser.scanners.veracode.detailed import COMPONENTS, FLAWS
from sluice_shared.contracts.finding import Kind

_SETUP = """
The detailed report: *Results → Download Report → Detailed XML*, or
```sh
java -jar VeracodeJavaAPI.jar -action detailedreport -buildid $BUILD -outputfilepath veracode.xml
sluice push veracode.xml --asset repo:github.com/acme/shop
```
The answers of the Findings REST API (`/appsec/v2/applications/$GUID/findings`, static, dynamic and SCA) and the
`results.json` of the pipeline scan do, too. A page of several counts as a part of the scan and resolves nothing: ask
for `size=500`, or push the findings of all pages as `{"findings": [...]}`.
"""

_ENVELOPE = ("_embedded", "_links", "page")

SPEC = ScannerSpec(
    name="veracode",
    title="Veracode",
    kinds=(Kind.SAST, Kind.DAST, Kind.SCA),
    homepage="https://www.veracode.com",
    setup=_SETUP,
    formats=(
        Format(
            name="veracode-detailed-xml",
            container="xml",
            detect=XmlShape(root="detailedreport", weight=2),
            scan=ScanMap(
                version="static-analysis.@engine_version | dynamic-analysis.@engine_version",
                scanned_at="@generation_date | @last_update_time",
                category="@app_name",
            ),
            maps=(*FLAWS, COMPONENTS),
        ),
        Format(
            name="veracode-findings-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("_embedded.findings[].scan_type", "_embedded.findings[].finding_details"),
                weight=1,
            ),
            scan=ScanMap(complete=call(last_page, peek("page"))),
            maps=(findings("_embedded.findings[]"),),
        ),
        Format(
            name="veracode-findings-json-none",
            container="json",
            detect=JsonShape(
                root="object",
                has=("page.total_elements", "_links.self"),
                match={"_links.self.href": r"/appsec/v2/applications/"},
                lacks=("_embedded.findings[].scan_type",),
            ),
            scan=ScanMap(complete=call(last_page, peek("page"))),
            maps=(findings("_embedded.findings[]"),),
        ),
        Format(
            name="veracode-findings-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("_embedded.findings",), lacks=("_embedded.findings[]",), only=_ENVELOPE
            ),
            scan=ScanMap(complete=call(last_page, peek("page"))),
            maps=(findings("_embedded.findings[]"),),
        ),
        Format(
            name="veracode-findings-list-json",
            container="json",
            detect=JsonShape(root="object", any_of=("findings[].scan_type", "findings[].finding_details"), weight=1),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="veracode-findings-bare-json",
            container="json",
            detect=JsonShape(root="array", has=("[].finding_details",), weight=1),
            maps=(findings("[]"),),
        ),
        Format(
            name="veracode-findings-list-json-none",
            container="json",
            detect=JsonShape(root="object", has=("findings",), only=("findings",), lacks=("findings[]",), weight=-3.0),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="veracode-pipeline-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings",),
                any_of=("scan_status", "findings[].flaw_match", "findings[].files.source_file"),
                weight=1,
            ),
            scan=ScanMap(
                version="pipeline_scan",
                failure=call(partial(pipeline_failure, shows_nothing=False), "scan_status", "message", "findings"),
                refuse=call(partial(pipeline_failure, shows_nothing=True), "scan_status", "message", "findings"),
            ),
            maps=(PIPELINE,),
        ),
    ),
)
