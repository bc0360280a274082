"""MobSF: mobile apps; its report and scorecard of a static analysis, mobsfscan over source code, and QARK."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    ScanMap,
    ScannerSpec,
    call,
)
from sluice_normaliser.kit.shapes import arr, obj, words
from sluice_normaliser.scanners import _qark
from sluice_normaliser.scanners._sonar_issues import sonar_formats
from sluice_normaliser.scanners.mobsf.report import REPORT_MAPS
from sluice_normaliser.scanners.mobsf.scorecard import APPSEC_MAPS, SCORECARD_MAPS
from sluice_normaliser.scanners.mobsf.source import SOURCE_MAPS
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -H "Authorization: $KEY" --data "hash=$HASH" https://mobsf.acme.io/api/v1/report_json > mobsf.json
sluice push mobsf.json --asset mobile:com.acme.shop
mobsfscan --json -o mobsfscan.json . ; sluice push mobsfscan.json --asset repo:github.com/acme/shop
```
Findings of the report belong to the app, with the files they were found in beside them. Permissions that are not
dangerous, trackers and used APIs are kept as information. The scorecard (`/api/v1/scorecard`) is read where it comes
alone; inside a report it repeats what stands there.
"""


def _told(errors: Any) -> str | None:
    found = [words(obj(each).get("message")) or words(each) or str(each) for each in arr(errors)]
    return f"{len(found)} errors: " + "; ".join(found[:5]) if found else None


def _useless(errors: Any, results: Any) -> str | None:
    return _told(errors) if not results else None


_SECTIONS = ("code_analysis", "binary_analysis", "manifest_analysis", "certificate_analysis", "macho_analysis")

SPEC = ScannerSpec(
    name="mobsf",
    title="MobSF",
    kinds=(Kind.MOBILE, Kind.SAST, Kind.SECRET, Kind.MALWARE, Kind.COMPLIANCE),
    homepage="https://mobsf.github.io/docs",
    setup=_SETUP,
    aliases=("mobsfscan", "mobsf_scorecard"),
    trivial={"[]": CLEAN},
    differences={
        "report2.json": "one observation for each record; the reference merges records of one title and file. It is "
        "QARK's own report, so it is recognised as QARK's where nobody names MobSF",
        "dvba_4_0_7_android_one.json": "a whole report, of which the reference reads only the scorecard, "
        "which was cut to one entry; all its sections are read",
    },
    formats=(
        Format(
            name="mobsf-report-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("md5", "sha256", "size", "version"),
                any_of=_SECTIONS,
                lacks=("runs",),
            ),
            scan=ScanMap(version="version", scanned_at="timestamp"),
            maps=REPORT_MAPS,
        ),
        Format(
            name="mobsf-report-json-cut",
            container="json",
            detect=JsonShape(root="object", any_of=_SECTIONS, lacks=("runs",)),
            scan=ScanMap(version="version", scanned_at="timestamp"),
            maps=REPORT_MAPS,
        ),
        Format(
            name="mobsf-appsec-json",
            container="json",
            detect=JsonShape(root="object", has=("appsec",), lacks=("runs", *_SECTIONS)),
            scan=ScanMap(version="version", scanned_at="timestamp"),
            maps=APPSEC_MAPS,
        ),
        Format(
            name="mobsf-scorecard-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("high", "security_score"),
                any_of=("warning", "info", "secure", "hotspot"),
                lacks=("runs",),
                weight=3,
            ),
            maps=SCORECARD_MAPS,
        ),
        Format(
            name="mobsfscan-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=("mobsfscan_version", "results.*.metadata.masvs", 'results.*.metadata."owasp-mobile"'),
            ),
            scan=ScanMap(
                version="mobsfscan_version", failure=call(_told, "errors"), refuse=call(_useless, "errors", "results")
            ),
            maps=SOURCE_MAPS,
        ),
        Format(
            name="qark-json",
            container="json",
            detect=JsonShape(root="array", has=_qark.HAS, weight=-3),
            maps=(_qark.FINDING,),
        ),
        *sonar_formats("mobsfscan", r"^mobsfscan$", Kind.MOBILE),
    ),
)
