"""TruffleHog: finds leaked secrets, and tries whether they work."""

import base64
import binascii
from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    first,
    peek,
    resource,
    secret,
    template,
    timestamp,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
trufflehog git file://. --json > trufflehog.jsonl        # or: github, gitlab, filesystem, docker, s3 …
sluice push trufflehog.jsonl --scanner trufflehog --asset repo:github.com/acme/shop
```
Name the scanner: a run without findings leaves an empty file behind. Of a secret only a keyed digest is stored. Let the
messages on standard error go into the file (`2>&1`), and a scan that failed is told from one that found nothing.
"""

_FORGES = frozenset({"Github", "Gitlab", "Bitbucket", "GithubRealtime"})
_LEVELS = frozenset({"error", "fatal", "panic", "dpanic"})


def _lines(document: Any) -> list[dict[str, Any]]:
    return objs(document if isinstance(document, list) else [document])


def _failure(lines: Any) -> str | None:
    told = [
        ": ".join(part for part in (words(line.get("msg")), words(line.get("error"))) if part)
        for line in _lines(lines)
        if line.get("level") in _LEVELS and "logger" in line
    ]
    return "; ".join(told[:5]) or None


def _refusal(lines: Any) -> str | None:
    return _failure(lines) if not any("SourceMetadata" in line for line in _lines(lines)) else None


def _only(values: Any) -> Any:
    """Return the value of the one source a result has."""
    return values[0] if isinstance(values, list) and values else None


def _is_result(*parts: Any) -> bool:
    """Return False for the messages on standard error, which stand among the results when both go into one file."""
    return any(parts)


def _raw(value: Any, decoder: Any, redacted: Any) -> str | None:
    """Return the secret; before version 3.5, which names its decoder, it was written in Base64."""
    found = text(value)
    if found is None or decoder is not None:
        return found or text(redacted)
    try:
        return base64.b64decode(found, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return found


def _verified(said: Any, error: Any) -> bool | None:
    return None if error and not said else said if isinstance(said, bool) else None


def _place(data: Any) -> str | None:
    """Return what a source without files says that comes closest to an address."""
    inside = obj(next(iter(obj(data).values()), None))
    for name in ("link", "location", "url", "uri", "id", "key", "bucket", "channel_id", "workspace_uuid"):
        if words(inside.get(name)):
            return words(inside[name])
    return None


def _source(data: Any) -> str | None:
    return next(iter(obj(data)), None)


def _of_repository(observation: Observation, record: Any, reading: Reading) -> Observation:
    """Name the repository as the asset where a whole organisation was scanned and this is not the one pushed for."""
    data = obj(obj(obj(record).get("SourceMetadata")).get("Data"))
    name = next(iter(data), "")
    address = words(obj(data.get(name)).get("repository")) or ""
    if name in _FORGES and "://" in address and reading.context.asset is not None:
        asset = f"repo:{address.partition('://')[2].removesuffix('.git').rstrip('/')}".lower()
        if asset != reading.context.asset.lower():
            observation.asset = asset
    return observation


def _data(field: str) -> call:
    return call(_only, f"SourceMetadata.Data.*.{field}")


_RESULT = Map(
    each="[]",
    where=call(_is_result, "SourceMetadata", "DetectorName", "Raw"),
    kind=Kind.SECRET,
    rule_id="DetectorName | DetectorType",
    rule_name="DetectorName",
    title=first(template("{DetectorName} secret"), const("Secret")),
    description="DetectorDescription",
    location=first(
        code(path=_data("file"), start_line=_data("line"), commit=_data("commit")),
        resource(
            resource=call(_place, peek("SourceMetadata.Data")), resource_type=call(_source, peek("SourceMetadata.Data"))
        ),
    ),
    secret=secret(
        value=call(_raw, "Raw", "DecoderName", "Redacted"),
        match="RawV2",
        type="DetectorName",
        verified=call(_verified, "Verified", "VerificationError"),
        commit=_data("commit"),
        email=_data("email"),
        committed_at=_data("timestamp"),
    ),
    references=(_data("link"), "ExtraData.rotation_guide"),
    ignore=("SourceID", "SourceType"),
    then=_of_repository,
)


def _count(found: Any) -> int | None:
    return len(found) if isinstance(found, list) and len(found) > 1 else None


_OLD_RESULT = Map(
    each="[]",
    where="stringsFound",
    kind=Kind.SECRET,
    rule_id="reason",
    title=template("{reason} in {path}"),
    location=code(path="path", commit="commitHash"),
    secret=secret(value="stringsFound[0]", type="reason", commit="commitHash", committed_at="date"),
    occurrence_count=call(_count, "stringsFound"),
    first_detected_at=timestamp("date"),
    ignore=("diff", "printDiff", "stringsFound", "commit"),
)

SPEC = ScannerSpec(
    name="trufflehog",
    title="TruffleHog",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/trufflesecurity/trufflehog",
    setup=_SETUP,
    trivial={"": CLEAN, "[]": CLEAN},
    formats=(
        Format(
            name="trufflehog-3",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].SourceMetadata",),
                any_of=("[].DetectorType", "[].DetectorName", "[].Raw", "[].Redacted", "[].Verified"),
                weight=2,
            ),
            scan=ScanMap(failure=call(_failure, "$")),
            maps=(_RESULT,),
        ),
        Format(
            name="trufflehog-3-placeless",
            container=("json", "jsonl"),
            detect=JsonShape(
                any_of=("[].DetectorName", "[].DetectorType"),
                has=("[].Raw", "[].Verified"),
                lacks=("[].SourceMetadata",),
                weight=1,
            ),
            scan=ScanMap(failure=call(_failure, "$")),
            maps=(_RESULT,),
        ),
        Format(
            name="trufflehog-3-messages",
            container=("json", "jsonl"),
            detect=JsonShape(
                match={"[].logger": "^trufflehog$"}, lacks=("[].SourceMetadata", "[].Raw"), has=("[].level", "[].msg")
            ),
            scan=ScanMap(refuse=call(_refusal, "$"), failure=call(_failure, "$")),
            maps=(_RESULT,),
        ),
        Format(
            name="trufflehog-2",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].stringsFound",),
                any_of=("[].printDiff", "[].branch", "[].commitHash"),
                lacks=("[].old_file_id", "[].parent_commit_hash", "[].linenum", "[].new_line_num"),
                weight=2,
            ),
            maps=(_OLD_RESULT,),
        ),
    ),
)
