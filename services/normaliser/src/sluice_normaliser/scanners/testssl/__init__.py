"""testssl.sh: protocols, ciphers, certificates and known flaws of TLS services."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Group,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    host,
    matching,
    split,
    status,
    template,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
testssl.sh --jsonfile-pretty testssl.json https://shop.acme.io      # or --jsonfile, --csvfile
sluice push testssl.json --asset url:https://shop.acme.io
```
What is `OK` is kept as passed, what is `INFO` as informational. A target that cannot be reached makes the scan fail.
"""

_STATUSES = {
    "OK": ObservationStatus.PASSED,
    "INFO": ObservationStatus.INFORMATIONAL,
    "DEBUG": ObservationStatus.INFORMATIONAL,
}
_SECTIONS = (
    "pretest",
    "singleCipher",
    "protocols",
    "grease",
    "ciphers",
    "serverPreferences",
    "pfs",
    "fs",
    "serverDefaults",
    "headerResponse",
    "vulnerabilities",
    "cipherTests",
    "browserSimulations",
    "rating",
    "clientProblem",
)


def _name(target: Any) -> str | None:
    return (words(target) or "").partition("/")[0] or None


def _ip(target: Any) -> str | None:
    return (words(target) or "").partition("/")[2] or None


def _fatal(severity: Any, finding: Any) -> str | None:
    return words(finding) or "no reason given" if words(severity) == "FATAL" else None


def _fatal_of(records: Any) -> str | None:
    found = (_fatal(each.get("severity"), each.get("finding")) for each in objs(records))
    return next((reason for reason in found if reason), None)


def _is_record(value: Any) -> bool:
    return "id" in obj(value) or "finding" in obj(value)


def _records(path: str, name: Any, ip: Any, port: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=Kind.HOST,
        rule_id="id",
        title=template("{id}: {finding}"),
        message="finding",
        severity="severity",
        status=status("severity", _STATUSES),
        identifiers=(split("cve", " "),),
        cwes=split("cwe", " "),
        location=host(host=name, ip=ip, port=port, protocol=const("tcp")),
        evidence={"hint": "hint"},
        **more,
    )


SPEC = ScannerSpec(
    name="testssl",
    title="testssl.sh",
    kinds=(Kind.HOST,),
    aliases=("testssl_sh",),
    homepage="https://testssl.sh",
    setup=_SETUP,
    differences={"*": "one observation for each line; the reference leaves out what is OK and splits lines by CVE"},
    formats=(
        Format(
            name="testssl-csv",
            container="csv",
            detect=CsvShape(columns=("id", "severity", "finding"), any_of=("fqdn/ip", "port", "cve", "cwe"), weight=2),
            scan=ScanMap(failure=call(_fatal, "severity", "finding")),
            maps=(_records(".", call(_name, "fqdn/ip"), call(_ip, "fqdn/ip"), "port"),),
        ),
        Format(
            name="testssl-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].id", "[].severity", "[].finding"),
                any_of=("[].ip", "[].port", "[].cve", "[].cwe"),
            ),
            scan=ScanMap(failure=call(_fatal_of, "$")),
            maps=(_records("[]", call(_name, "ip"), call(_ip, "ip"), "port"),),
        ),
        Format(
            name="testssl-json-pretty",
            container="json",
            detect=JsonShape(
                root="object",
                has=("scanResult",),
                any_of=("Invocation", "startTime", *(f"scanResult[].{section}" for section in _SECTIONS)),
                weight=1,
            ),
            scan=ScanMap(
                version=matching("version", r"^\s*([\w.]+)"),
                scanned_at="startTime",
                failure=call(_fatal_of, "scanResult[]"),
            ),
            maps=(
                Group(
                    each="scanResult[]",
                    maps=(_records("*[]", "^^.targetHost | ^^.ip", "^^.ip", "^^.port", where=call(_is_record, ".")),),
                ),
                Map(
                    each="scanResult[]",
                    where=call(lambda identifier, target: bool(identifier) and not target, "id", "targetHost"),
                    kind=Kind.HOST,
                    rule_id="id",
                    title="finding",
                    message="finding",
                    severity="severity",
                    status=status("severity", _STATUSES),
                ),
            ),
        ),
    ),
)
