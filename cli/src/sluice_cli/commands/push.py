"""``sluice push``: send a report, and wait for what it came to when asked."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from sluice_cli import client
from sluice_cli.errors import CommandError, UsageError
from sluice_cli.output import console, print_fields, print_json
from sluice_shared.contracts.events import EvidenceType

ATTEMPTS = 4
WAIT_STEP = 20


def push(
    file: Annotated[Path, typer.Argument(help="The report, as the scanner wrote it; may be gzip or zstd")],
    asset: Annotated[str, typer.Option(help="Asset key, for example repo:github.com/acme/shop")],
    ref: Annotated[str | None, typer.Option(help="Branch, tag or environment")] = None,
    commit: Annotated[str | None, typer.Option(help="Commit that was scanned")] = None,
    scanner: Annotated[str | None, typer.Option(help="Scanner name; recognised from the content when left out")] = None,
    category: Annotated[str | None, typer.Option(help="Keeps apart scans of one tool over parts of an asset")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="The scan saw only a part: it resolves nothing")] = False,
    scanned_at: Annotated[str | None, typer.Option(help="When it was scanned, ISO 8601")] = None,
    evidence: Annotated[
        EvidenceType | None, typer.Option(help="It is no report, but evidence about the asset, of this type")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is indexed or rejected")] = False,
    timeout: Annotated[float, typer.Option(help="Longest wait, in seconds")] = 300.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Push a scanner's report, or evidence. Exit status 1 when it is rejected, 3 when no server took it."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    parameters = {"asset": asset, "ref": ref, "commit": commit, "filename": file.name}
    if evidence is None:
        path, made = "/v1/reports", "scanned_at"
        parameters |= {"scanner": scanner, "category": category, "complete": "false" if partial else None}
    elif scanner or category or partial:
        raise UsageError("--scanner, --category and --partial are about reports: leave them out with --evidence")
    else:
        path, made = "/v1/evidence", "made_at"
        parameters |= {"type": evidence.value}
    parameters |= {made: _time(scanned_at)}
    with client.ingest() as ingest:
        accepted = _send(ingest, path, body, {k: v for k, v in parameters.items() if v is not None})
        result = _await(ingest, accepted["status_url"], timeout) if wait else accepted
    if json:
        keys = (_id_name(result), "status", "counts", "reason") if wait else tuple(result)
        print_json({key: result.get(key) for key in keys})
    else:
        _print(result)
    if result.get("status") in {"rejected", "stuck"}:
        raise typer.Exit(1)


def _send(ingest: client.Client, path: str, body: bytes, parameters: dict[str, str]) -> Any:
    """Send once, and again when no answer came: the idempotency key makes the repetition harmless."""
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/octet-stream", **_encoding(body)}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return ingest.request("POST", path, params=parameters, content=body, headers=headers).json()
        except CommandError as error:
            away = "does not answer" in str(error) or "answered 503" in str(error)
            if attempt == ATTEMPTS or not away:
                raise
            time.sleep(2 ** (attempt - 1))
    raise AssertionError


def _encoding(body: bytes) -> dict[str, str]:
    if body[:2] == b"\x1f\x8b":
        return {"Content-Encoding": "gzip"}
    if body[:4] == b"\x28\xb5\x2f\xfd":
        return {"Content-Encoding": "zstd"}
    return {}


def _await(ingest: client.Client, path: str, timeout: float) -> Any:
    end = time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        report = ingest.get(path, wait=max(0, min(WAIT_STEP, int(left))))
        if report["status"] != "accepted":
            return report
        if left <= 0:
            raise CommandError(f"{path} is still under way after {timeout:.0f} s; it will not be lost")
        time.sleep(0.05)


def _time(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--scanned-at {text!r} is no time: write for example 2026-01-31T09:30:00Z") from None
    return text


def _print(result: Any) -> None:
    counts = result.get("counts") or {}
    reason = result.get("reason") or {}
    if "status" not in result:
        console.print(f"accepted as {result[_id_name(result)]}; see {result['status_url']}", markup=False)
        return
    print_fields(
        {
            _id_name(result).removesuffix("_id"): result[_id_name(result)],
            "status": result["status"],
            "scanner": result.get("scanner"),
            **{name: counts[name] for name in ("entries", "unused", "observations", "findings") if name in counts},
            **{
                name: counts[name]
                for name in ("new", "reopened", "resolved", "updated", "unchanged")
                if counts.get(name)
            },
            "reason": reason.get("code"),
            "detail": reason.get("detail"),
        }
    )


def _id_name(result: Any) -> str:
    return "evidence_id" if "evidence_id" in result else "report_id"
