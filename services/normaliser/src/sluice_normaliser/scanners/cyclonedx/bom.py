"""A bill of materials as a whole: which tool made it, what it lists, and its vulnerabilities."""

from typing import Any

from sluice_normaliser.kit import ParsedScan, Reading
from sluice_normaliser.kit.reading import slug
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.scanners.cyclonedx.components import Components
from sluice_normaliser.scanners.cyclonedx.markup import as_json
from sluice_normaliser.scanners.cyclonedx.vulnerabilities import Vulnerabilities
from sluice_normaliser.scanners.sarif.tools import tool_of
from sluice_shared.contracts.finding import Kind

_SPELLINGS = {"retire": "retirejs", "retire_js": "retirejs", "owasp_dependency_track": "dependency_track"}


def read_xml(document: Any, reading: Reading) -> list[ParsedScan]:
    """Return the scan of a bill of materials in XML, of any version and with the vulnerability extension 1.0."""
    return read(as_json(document), reading)


def read(document: Any, reading: Reading) -> list[ParsedScan]:
    """Return the scan of a bill of materials; one without vulnerabilities is an inventory and shows nothing."""
    metadata = obj(document.get("metadata"))
    tool = _tool(metadata)
    if tool:
        name = words(tool.get("name")) or words(tool.get("vendor")) or ""
        known = slug(name)
        reading.scanner = _SPELLINGS.get(known) or tool_of(name).scanner
        reading.scanner_name = name
        reading.scanner_version = words(tool.get("version"))
    scan = reading.scan(scanned_at=parse_time(metadata.get("timestamp")))
    components = Components(document)
    vulnerabilities = Vulnerabilities(components, reading)
    listed = [*objs(document.get("vulnerabilities")), *components.own_vulnerabilities()]
    scan.observations = [each for vulnerability in listed for each in vulnerabilities.observe(vulnerability)]
    return [scan]


def _tool(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the tool that made the document: the first that is known to look for vulnerabilities, else the first."""
    tools = metadata.get("tools")
    listed = objs(tools) or [*objs(obj(tools).get("components")), *objs(obj(tools).get("services"))]
    named = [tool for tool in listed if words(tool.get("name")) or words(tool.get("vendor"))]
    scanners = (tool for tool in named if tool_of(words(tool.get("name")) or "").kind is not Kind.SAST)
    return next(scanners, named[0] if named else {})
