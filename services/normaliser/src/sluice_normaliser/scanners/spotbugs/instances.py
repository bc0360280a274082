"""Bug instances, with what the report says about their patterns."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.filepath import clean_path
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.text import plain
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_LINK = re.compile(r"""href\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)
_SECURITY = frozenset({"SECURITY", "MALICIOUS_CODE"})
_WORDS = {"normal": "medium", "exp": "low", "experimental": "low", "ignore": "info"}
_USED_OF_FILE = frozenset({"@type", "@priority", "@category", "@message", "@lineNumber"})
_USED = frozenset(
    {"@type", "@priority", "@abbrev", "@category", "@instanceHash", "@cweid", "ShortMessage", "LongMessage"}
    | {"@instanceOccurrenceNum", "@instanceOccurrenceMax", "SourceLine", "Class", "Method", "Field"}
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each bug instance, in their order."""
    root = obj(document)
    patterns = {words(each.get("@type")): each for each in map(obj, items_of(root.get("BugPattern")))}
    codes = {words(each.get("@abbrev")): each for each in map(obj, items_of(root.get("BugCode")))}
    for each in map(obj, items_of(root.get("BugInstance"))):
        pattern, code = patterns.get(words(each.get("@type")), {}), codes.get(words(each.get("@abbrev")), {})
        yield _observation(each, pattern, code, reading)
    for file in map(obj, items_of(root.get("file"))):
        for each in map(obj, items_of(file.get("BugInstance"))):
            yield _of_file(each, words(file.get("@classname")), reading)


def _of_file(each: dict[str, Any], name: str | None, reading: Reading) -> Observation:
    """Return the observation of a bug as the Maven plugin writes it for its site: below its class, graded in words."""
    category, said = words(each.get("@category")), words(each.get("@priority"))
    first, _, last = (words(each.get("@lineNumber")) or "").partition("-")
    path = _path_of({"@classname": name})
    place = {"path": path, "start_line": _number(first), "end_line": _number(last), "symbol": name}
    return reading.observe(
        kind=Kind.SAST if category in _SECURITY else Kind.QUALITY,
        rule_id=words(each.get("@type")),
        message=words(each.get("@message")),
        title=words(each.get("@message")),
        severity=grade(_WORDS.get((said or "").lower(), said), "spotbugs")._replace(raw=said),
        location=construct(CodeLocation, {**place, "symbol_kind": "class"}) if path else None,
        tags=[category] if category else [],
        unmapped={key: value for key, value in each.items() if key not in _USED_OF_FILE and value not in ("", None)},
    )


def _observation(each: dict[str, Any], pattern: dict[str, Any], code: dict[str, Any], reading: Reading) -> Observation:
    category = words(each.get("@category")) or words(pattern.get("@category"))
    details = words(pattern.get("Details"))
    lines = [obj(line) for line in items_of(each.get("SourceLine"))]
    main = next((line for line in lines if line.get("@primary") == "true"), lines[0] if lines else {})
    return reading.observe(
        kind=Kind.SAST if category in _SECURITY else Kind.QUALITY,
        rule_id=words(each.get("@type")),
        rule_name=words(pattern.get("ShortDescription")),
        title=words(each.get("ShortMessage")) or words(pattern.get("ShortDescription")),
        description=plain(details).strip() if details else None,
        message=words(each.get("LongMessage")),
        severity=grade(words(each.get("@priority")), "spotbugs"),
        cwes=[words(each.get("@cweid")), words(pattern.get("@cweid")), words(code.get("@cweid"))],
        location=_place(main, each) or _place(_of(each, "Method"), each) or _place(_of(each, "Class"), each),
        related_locations=[place for line in lines if line is not main and (place := _place(line, each))],
        references=_LINK.findall(details) if details else None,
        fingerprints={"spotbugs": found} if (found := words(each.get("@instanceHash"))) else None,
        tags=[tag for tag in (category, words(each.get("@abbrev"))) if tag],
        unmapped={key: value for key, value in each.items() if key not in _USED and value not in ("", None)},
    )


def _first(each: dict[str, Any], name: str) -> dict[str, Any]:
    found = [obj(item) for item in items_of(each.get(name))]
    return next((item for item in found if item.get("@primary") == "true"), found[0] if found else {})


def _of(each: dict[str, Any], name: str) -> dict[str, Any]:
    return obj(_first(each, name).get("SourceLine"))


def _symbol(each: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the method, field or class that has the bug, with its kind."""
    for name in ("Method", "Field"):
        found = _first(each, name)
        member, owner = words(found.get("@name")), words(found.get("@classname"))
        if member:
            return f"{owner}.{member}" if owner else member, name.lower()
    owner = words(_first(each, "Class").get("@classname"))
    return owner, "class" if owner else None


def _place(line: dict[str, Any], each: dict[str, Any]) -> CodeLocation | None:
    path = words(line.get("@relSourcepath")) or words(line.get("@sourcepath")) or _path_of(line)
    if path is None:
        return None
    symbol, kind = _symbol(each)
    return construct(
        CodeLocation,
        {
            "path": clean_path(path),
            "start_line": _number(line.get("@start")),
            "end_line": _number(line.get("@end")),
            "symbol": symbol,
            "symbol_kind": kind,
            "message": words(line.get("Message")) or words(line.get("@role")),
        },
    )


def _path_of(line: dict[str, Any]) -> str | None:
    """Return the path that a class's name gives where the compiler left the source file out."""
    name, file = words(line.get("@classname")), words(line.get("@sourcefile"))
    if name is None:
        return file
    folder, _, last = name.replace(".", "/").rpartition("/")
    own = file or f"{last.split('$')[0]}.java"
    return f"{folder}/{own}" if folder else own


def _number(value: Any) -> int | None:
    found = words(value)
    return int(found) if found and found.isdigit() and found != "0" else None
