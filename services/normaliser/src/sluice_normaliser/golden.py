"""Golden files: for every sample of every scanner, everything that parsing it gives.

``python -m sluice_normaliser.golden [NAME…]`` writes them, ``--check`` compares and exits with 1 when one differs.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sluice_normaliser import scanners
from sluice_normaliser.kit import ParseContext, ParsedReport, ReportError, detect, parse_report, registry
from sluice_normaliser.kit.body import Body

KEY = b"golden"
"""Keys the digests of secrets in golden files, and nothing else."""

_ROOT = Path(scanners.__file__).parent


def folder(name: str) -> Path:
    """Return a scanner's folder."""
    return _ROOT / name


def samples(name: str) -> list[Path]:
    """Return the samples of a scanner, sorted by name."""
    return sorted(path for path in (folder(name) / "samples").glob("*") if path.is_file() and path.name[0] != ".")


def golden_path(sample: Path) -> Path:
    """Return where the golden file of a sample is."""
    return sample.parent.parent / "golden" / f"{sample.name}.json"


def context(sample: Path, name: str) -> ParseContext:
    """Return how a sample is parsed: recognised from its content, except where it has none."""
    body = Body(sample.read_bytes())
    named = name if body.trivial is not None or body.is_hollow else None
    return ParseContext(secret_key=KEY, filename=sample.name, scanner=named)


def outcome(sample: Path, name: str) -> dict[str, Any]:
    """Return everything that parsing a sample gives, as JSON: the report, or the error."""
    try:
        return as_json(parse_report(sample.read_bytes(), context(sample, name)))
    except ReportError as error:
        return {"error": {"code": error.reason.value, "detail": error.detail}}


def as_json(report: ParsedReport) -> dict[str, Any]:
    """Return a report as JSON, without fields that hold nothing."""
    return {
        "format": report.format,
        "scanner": report.scanner,
        "scans": [
            _without_nothing(
                {
                    "scanner": scan.scanner,
                    "scanner_name": scan.scanner_name,
                    "scanner_version": scan.scanner_version,
                    "category": scan.category,
                    "scanned_at": scan.scanned_at.isoformat() if scan.scanned_at else None,
                    "complete": scan.complete,
                    "successful": scan.successful,
                    "failure": scan.failure,
                    "commit": scan.commit,
                    "ref": scan.ref,
                }
            )
            | {"observations": [_without_nothing(each.model_dump(mode="json")) for each in scan.observations]}
            for scan in report.scans
        ],
    }


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_nothing(item) for key, item in value.items() if item is not None and item not in ("", [], {})
        }
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value


def render(found: dict[str, Any]) -> str:
    """Return the text of a golden file."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def stale(name: str) -> Iterator[tuple[Path, str, str]]:
    """Yield each golden file that differs from what its sample gives now, with the old and the new text."""
    wanted = {golden_path(sample): sample for sample in samples(name)}
    for path in sorted({*wanted, *(folder(name) / "golden").glob("*.json")}):
        old = path.read_text("utf-8") if path.exists() else ""
        new = render(outcome(wanted[path], name)) if path in wanted else ""
        if old != new:
            yield path, old, new


def misread(name: str) -> Iterator[str]:
    """Yield what is wrong with how the samples of a scanner are recognised."""
    for sample in samples(name):
        body = sample.read_bytes()
        if Body(body).trivial is not None or Body(body).is_hollow:
            continue
        try:
            seen = detect(body, sample.name)
        except ReportError as error:
            yield f"{name}/{sample.name} is not recognised: {error.detail}"
        else:
            if seen != name:
                yield f"{name}/{sample.name} is taken for {seen}"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the golden files; return the exit status."""
    parser = argparse.ArgumentParser(prog="golden", description="Writes or checks the golden files of scanners.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="scanners (all when none is named)")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when a file differs")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - set(registry()))
    if unknown:
        parser.error(f"no such scanner: {', '.join(unknown)}")
    wrong = 0
    for name in given.names or registry():
        for message in misread(name):
            wrong += 1
            sys.stdout.write(f"{message}\n")
        for path, old, new in stale(name):
            wrong += given.check
            _settle(path, old, new, check=given.check)
    return 1 if wrong else 0


def _settle(path: Path, old: str, new: str, *, check: bool) -> None:
    shown = path.relative_to(_ROOT)
    if check:
        lines = difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{shown} (golden)", f"{shown} (now)", lineterm=""
        )
        sys.stdout.write("\n".join(list(lines)[:60]) + "\n")
    elif new:
        path.parent.mkdir(exist_ok=True)
        path.write_text(new, "utf-8")
        sys.stdout.write(f"wrote {shown}\n")
    else:
        path.unlink()
        sys.stdout.write(f"removed {shown}, which has no sample\n")


if __name__ == "__main__":
    sys.exit(main())
