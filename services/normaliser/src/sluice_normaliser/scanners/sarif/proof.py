"""What proves a SARIF result, and what would end it: exchanges, call stacks, fixes."""

from typing import Any

from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.reading import evidence_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners.sarif.locations import Places
from sluice_shared.contracts.finding import Evidence, Fix


def evidence_in(result: dict[str, Any], places: Places) -> list[Evidence]:
    """Return the exchange and the call stacks of a result as evidence."""
    found: list[Evidence] = []
    for kind, key in (("request", "webRequest"), ("response", "webResponse")):
        exchange = _exchange(obj(result.get(key)))
        if exchange:
            found.append(evidence_of(kind, exchange))
    for stack in objs(result.get("stacks")):
        frames = places.stack(stack)
        if frames:
            found.append(evidence_of("stack", frames))
    details = _details(obj(result.get("message")))
    if details:
        found.append(evidence_of("http" if "```http" in details else "details", details))
    return found


def _details(message: dict[str, Any]) -> str | None:
    """Return the Markdown of a message that says more than its one line of text: a trace, a sample exchange."""
    markdown, said = words(message.get("markdown")), words(message.get("text"))
    if markdown is None or said is None or message.get("arguments") or "\n" in said or "\n" not in markdown:
        return None
    return markdown


def fix_of(result: dict[str, Any], help_text: str | None, places: Places) -> Fix | None:
    """Return what a result's fixes (§3.55) and its rule's help say would end it."""
    fixes = objs(result.get("fixes"))
    if not fixes and help_text is None:
        return None
    told = [words(obj(each.get("description")).get("text")) for each in fixes]
    patches = [patch for each in fixes if (patch := _patch(each, places))]
    recommendation = "\n\n".join(each for each in [*told, help_text] if each) or None
    return construct(
        Fix,
        {
            "recommendation": recommendation,
            "patch": "\n\n".join(patches) or None,
            "available": True if fixes else None,
        },
    )


def _patch(fix: dict[str, Any], places: Places) -> str | None:
    """Return the replacements of a fix as text: which span of which file becomes what."""
    parts: list[str] = []
    for change in objs(fix.get("artifactChanges") or fix.get("fileChanges")):
        path, _ = places.file(change.get("artifactLocation") or change.get("fileLocation"))
        for replacement in objs(change.get("replacements")):
            region = obj(replacement.get("deletedRegion"))
            start, end = region.get("startLine"), region.get("endLine")
            span = f"{start}-{end}" if end and end != start else f"{start}"
            if start is None:
                span = f"characters {region.get('charOffset')}+{region.get('charLength', 0)}"
            columns = (
                f" columns {region['startColumn']}-{region.get('endColumn', '')}" if "startColumn" in region else ""
            )
            inserted = text(obj(replacement.get("insertedContent")).get("text")) or ""
            parts.append(f"--- {path}:{span}{columns}\n{inserted}")
    return "\n".join(parts) or None


def _exchange(given: dict[str, Any]) -> str | None:
    """Return a ``webRequest`` or ``webResponse`` (§3.46, §3.47) as it went over the wire."""
    if not given:
        return None
    protocol = "/".join(part for key in ("protocol", "version") if (part := words(given.get(key))))
    if "statusCode" in given or "reasonPhrase" in given:
        first = f"{protocol or 'HTTP'} {given.get('statusCode', '')} {given.get('reasonPhrase', '')}".strip()
    else:
        first = f"{given.get('method', '')} {given.get('target', '')} {protocol}".strip()
    headers = [f"{name}: {text(value) or ''}" for name, value in obj(given.get("headers")).items()]
    body = _body(given.get("body"))
    return "\n".join([first, *headers]) + (f"\n\n{body}" if body else "")


def _body(value: Any) -> str | None:
    """Return the text of an ``artifactContent`` (§3.3)."""
    return text(obj(value).get("text")) or text(obj(value).get("binary"))
