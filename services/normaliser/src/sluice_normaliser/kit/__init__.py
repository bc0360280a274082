"""The scanner kit: everything a scanner's folder is written with, and the parsing of reports.

The rest of the normaliser needs ``parse_report``, ``detect``, ``registry`` and the types they take and give; a
scanner's folder needs the map's vocabulary. How to add a scanner is told in ``docs/adding-a-scanner.md``.
"""

from sluice_normaliser.kit.assets import host_asset, image_key, several_assets
from sluice_normaliser.kit.blocks import (
    code,
    compliance,
    evidence,
    fix,
    host,
    image,
    licence,
    package,
    reference,
    resource,
    step,
    suppression,
    url,
    vex,
)
from sluice_normaliser.kit.containers.archive import Archive
from sluice_normaliser.kit.expressions import (
    MapError,
    call,
    const,
    each,
    first,
    join,
    lookup,
    peek,
    sections,
    template,
    when,
)
from sluice_normaliser.kit.fields import model as construct
from sluice_normaliser.kit.filepath import clean_path
from sluice_normaliser.kit.functions import matching, one_based, plain, split, timestamp
from sluice_normaliser.kit.images import ImageName, image_name
from sluice_normaliser.kit.links import references, urls_in
from sluice_normaliser.kit.mapping import Group, Map
from sluice_normaliser.kit.model import ParseContext, ParsedReport, ParsedScan, ReportError
from sluice_normaliser.kit.path import PathSyntaxError
from sluice_normaliser.kit.reading import Reading
from sluice_normaliser.kit.registry import RegistryError, declare, registry
from sluice_normaliser.kit.report import detect, parse_report
from sluice_normaliser.kit.rules import CsvShape, JsonShape, SheetShape, TextShape, XmlShape, ZipShape
from sluice_normaliser.kit.scanmap import ScanMap
from sluice_normaliser.kit.severity import Grade, grade
from sluice_normaliser.kit.spec import CLEAN, FAILED, Format, ScannerSpec
from sluice_normaliser.kit.values import RawSecret, Said, by, epss, ident, rating, secret, status

__all__ = [
    "CLEAN",
    "FAILED",
    "Archive",
    "CsvShape",
    "Format",
    "Grade",
    "Group",
    "ImageName",
    "JsonShape",
    "Map",
    "MapError",
    "ParseContext",
    "ParsedReport",
    "ParsedScan",
    "PathSyntaxError",
    "RawSecret",
    "Reading",
    "RegistryError",
    "ReportError",
    "Said",
    "ScanMap",
    "ScannerSpec",
    "SheetShape",
    "TextShape",
    "XmlShape",
    "ZipShape",
    "by",
    "call",
    "clean_path",
    "code",
    "compliance",
    "const",
    "construct",
    "declare",
    "detect",
    "each",
    "epss",
    "evidence",
    "first",
    "fix",
    "grade",
    "host",
    "host_asset",
    "ident",
    "image",
    "image_key",
    "image_name",
    "join",
    "licence",
    "lookup",
    "matching",
    "one_based",
    "package",
    "parse_report",
    "peek",
    "plain",
    "rating",
    "reference",
    "references",
    "registry",
    "resource",
    "secret",
    "sections",
    "several_assets",
    "split",
    "status",
    "step",
    "suppression",
    "template",
    "timestamp",
    "url",
    "urls_in",
    "vex",
    "when",
]
