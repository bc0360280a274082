"""ZAP (Zed Attack Proxy): finds problems in running web applications and APIs."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.zap.maps import LISTED, alerts
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
zap-baseline.py -t https://shop.acme.io -J zap.json       # or -x zap.xml; zap-full-scan.py and zap-api-scan.py likewise
sluice push zap.json --asset url:https://shop.acme.io
```
The list of alerts of the API (`/JSON/core/view/alerts/`) is read as well. The templates *Traditional JSON/XML Report
with Requests and Responses* of the report add-on show the exchanges, too. Credentials in them are hidden.
"""

_OLD_XML = call(lambda instances: not instances, "instances.instance")
_OLD_JSON = call(lambda instances: not instances, "instances")

SPEC = ScannerSpec(
    name="zap",
    title="ZAP",
    kinds=(Kind.DAST,),
    aliases=("owasp_zap", "zaproxy"),
    homepage="https://www.zaproxy.org",
    setup=_SETUP,
    differences={"*": "one observation for each instance of an alert; an alert without instances is one"},
    formats=(
        Format(
            name="zap-xml",
            container="xml",
            detect=XmlShape(root="OWASPZAPReport"),
            scan=ScanMap(name="@programName", version="@version", scanned_at="@generated"),
            maps=(
                alerts("site[].alerts.alertitem[].instances.instance[]", "^."),
                alerts("site[].alerts.alertitem[]", "", where=_OLD_XML, ignore=("count", "sourceid", "instances")),
            ),
        ),
        Format(
            name="zap-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("site",),
                any_of=("@version", "@generated", "@programName", "site[].alerts"),
                lacks=("vulnerabilities",),
                weight=1,
            ),
            scan=ScanMap(name="@programName", version="@version", scanned_at="created | @generated"),
            maps=(
                alerts("site[].alerts[].instances[]", "^.", separator="-"),
                alerts("site[].alerts[]", "", where=_OLD_JSON, ignore=("count", "sourceid", "instances")),
            ),
        ),
        Format(
            name="zap-api-alerts",
            container="json",
            detect=JsonShape(
                root="object",
                has=("alerts",),
                any_of=("alerts[].pluginId", "alerts[].wascid", "alerts[].alertRef"),
                weight=1,
            ),
            maps=(LISTED,),
        ),
    ),
)
