"""From one mapping file to the spec of its scanner."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScannerSpec, XmlShape
from sluice_normaliser.kit.rules import Rule
from sluice_normaliser.mappings.maps import Maps
from sluice_normaliser.mappings.model import Detect, FormatFile, MappingFile
from sluice_normaliser.mappings.problems import At, Problems
from sluice_shared.config import ConfigError, Document, parse
from sluice_shared.contracts.finding import Kind

_SHAPES: dict[str, tuple[type[Rule], frozenset[str]]] = {
    "json": (JsonShape, frozenset({"root", "has", "any_of", "lacks", "only", "match", "weight"})),
    "xml": (XmlShape, frozenset({"root", "namespace", "has", "any_of", "lacks", "match", "weight"})),
    "csv": (CsvShape, frozenset({"columns", "any_of", "lacks", "weight"})),
}
_JSON_ROOTS = ("object", "array", "any")


def build(document: Document) -> ScannerSpec:
    """Return the spec; raise ConfigError with every mistake of the file."""
    given = parse(document, MappingFile)
    problems = Problems(document)
    formats = [_format(given, each, ("formats", number), problems) for number, each in enumerate(given.formats)]
    names = [each.name for each in formats]
    for number, name in enumerate(names):
        if name in names[:number]:
            problems.add(("formats", number), f"two formats are named {name}", "give each a `name` of its own")
    if problems.found:
        raise ConfigError(problems.found)
    return ScannerSpec(
        name=given.name,
        title=given.title,
        kinds=tuple(given.kinds) or _kinds(given),
        formats=tuple(formats),
        setup=given.setup,
        scanner=given.scanner or "",
        aliases=tuple(given.aliases),
        homepage=given.homepage,
        trivial={str(body): meaning for body, meaning in given.trivial.items()},
        counts_passed=given.counts_passed,
    )


def _format(given: MappingFile, each: FormatFile, at: At, problems: Problems) -> Format:
    families = {"json" if container == "jsonl" else container for container in each.containers}
    if len(families) != 1:
        problems.add((*at, "container"), "only json and jsonl share a format", "write a format for each container")
    family = min(families)
    if each.records is not None and family != "xml":
        problems.add((*at, "records"), "only XML is read by records", "write the path as `each` of the map", key=True)
    maps = Maps(problems)
    found = tuple(maps.read(one, (*at, "maps", number)) for number, one in enumerate(each.maps))
    return Format(
        name=each.name or f"{given.name}-{each.containers[0]}",
        container=each.containers,
        detect=_detect(each.detect, family, (*at, "detect"), problems),
        maps=found,
        scan=maps.scan(each.scan, (*at, "scan")),
        records=each.records,
    )


def _detect(given: Detect, family: str, at: At, problems: Problems) -> Rule:
    shape, known = _SHAPES[family]
    written = given.model_dump(exclude_unset=True)
    for name in written:
        if name not in known:
            problems.add((*at, name), f"{family} is not recognised by {name}", f"there are {', '.join(sorted(known))}")
    if family == "json" and given.root not in {None, *_JSON_ROOTS}:
        problems.add((*at, "root"), f"there is no root {given.root}", f"write one of {', '.join(_JSON_ROOTS)}")
    if family == "xml" and not given.root:
        problems.add(at, "XML is recognised by its root element", "write root: with its name")
    if family == "csv" and not given.columns:
        problems.add(at, "CSV is recognised by its columns", "write columns: with names that no other report has")
    if family == "json" and not (given.has or given.any_of or given.match or given.only):
        problems.add(at, "any JSON would be taken for this", "write has: with paths that only this report has")
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in written.items() if name in known
    }
    if family == "xml":
        fields.setdefault("root", ".*")
    if family == "csv":
        fields.setdefault("columns", ())
    return shape(**fields)


def _kinds(given: MappingFile) -> tuple[Kind, ...]:
    """Return the kinds that the maps name outright."""
    found = {one.get("kind") for each in given.formats for one in each.maps}
    return tuple(kind for kind in Kind if kind.value in {word for word in found if isinstance(word, str)})
