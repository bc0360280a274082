"""Writes the contracts for people and for other languages: `python -m sluice_shared.contracts.render docs`.

`docs/asyncapi.json` is an AsyncAPI 3.0 document made from the table of topics; `docs/schemas/` holds a JSON Schema
(2020-12) of every event, of an observation, of a finding's state, and of Sluice findings JSON. With `--check` nothing
is written, and the exit status is 1 when what is there is not what would be written.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sluice_shared.contracts.asyncapi import asyncapi_document
from sluice_shared.contracts.events import DeadLetter, Event, FindingState
from sluice_shared.contracts.finding import Observation
from sluice_shared.contracts.schemas import event_file, json_schema, kebab
from sluice_shared.contracts.sluice_findings import FINDINGS_FILE, SluiceFindings
from sluice_shared.contracts.topics import TOPICS

ELSEWHERE = frozenset({"exception.v1.schema.json"})
"""Schemas of forms that are no contract between services: who owns them writes them."""


def events() -> list[type[Event]]:
    """Return every event that travels, each once, in the order of the table of topics; the dead letter last."""
    return list(dict.fromkeys([*(topic.event for topic in TOPICS), DeadLetter]))


def render() -> dict[str, str]:
    """Return what belongs into the docs folder: text by relative path."""
    documents: dict[str, dict[str, Any]] = {"asyncapi.json": asyncapi_document(events())}
    schemas = {event_file(event): event for event in events()}
    others = {f"{kebab(model.__name__)}.schema.json": model for model in (Observation, FindingState)}
    for file, model in {**schemas, **others, FINDINGS_FILE: SluiceFindings}.items():
        documents[f"schemas/{file}"] = json_schema(model, file)
    return {path: _to_text(document) for path, document in documents.items()}


def drift(folder: Path) -> list[str]:
    """Compare a docs folder with what :func:`render` gives; return a line for each file that differs."""
    wanted = render()
    found = {
        "asyncapi.json",
        *(f"schemas/{path.name}" for path in (folder / "schemas").glob("*.schema.json") if path.name not in ELSEWHERE),
    }
    lines = []
    for path in sorted(wanted.keys() | found):
        if path not in wanted:
            lines.append(f"{folder / path}: no longer generated, remove it")
        elif not (folder / path).is_file():
            lines.append(f"{folder / path}: missing")
        elif (folder / path).read_text(encoding="utf-8") != wanted[path]:
            lines.append(f"{folder / path}: differs from the code")
    return lines


def write(folder: Path) -> list[Path]:
    """Bring a docs folder up to date; return the files that were written or removed."""
    wanted, changed = render(), []
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for path in (folder / "schemas").glob("*.schema.json"):
        if f"schemas/{path.name}" not in wanted and path.name not in ELSEWHERE:
            path.unlink()
            changed.append(path)
    for name, text in wanted.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m sluice_shared.contracts.render", description=__doc__)
    parser.add_argument("folder", type=Path, help="the docs folder")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when something would be written")
    options = parser.parse_args(arguments)
    if not options.check:
        for path in write(options.folder):
            sys.stdout.write(f"{path}\n")
        return 0
    lines = drift(options.folder)
    if lines:
        lines.append("run: python -m sluice_shared.contracts.render docs")
        sys.stderr.write("\n".join(lines) + "\n")
    return 1 if lines else 0


def _to_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
