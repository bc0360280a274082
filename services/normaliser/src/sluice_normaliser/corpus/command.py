"""The command: judges every report of a corpus, prints the table and what it comes to."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sluice_normaliser.corpus.facts import MEASURES
from sluice_normaliser.corpus.judgement import Judgement, judge, remarks
from sluice_normaliser.kit.registry import find

_ENOUGH = 99.0
"""Per cent of recall that is asked for."""


def main(arguments: list[str] | None = None) -> int:
    """Judge a corpus and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="corpus", description="Judges the scanners against a corpus of reports.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--tool", action="append", metavar="NAME", help="only this tool; may be repeated")
    parser.add_argument("--tier", action="append", metavar="TIER", help="only tools of this tier; may be repeated")
    parser.add_argument("--quiet", action="store_true", help="leave out what is missed in single reports")
    given = parser.parse_args(arguments)
    by_tool = _entries(given.folder, given.tool, given.tier)
    write = sys.stdout.write
    heads = (name.rjust(11) for name in ("severities", *MEASURES))
    write(" ".join([f"{'tool':<32}", "rep.", " =n ", *heads]) + "\n")
    missing: list[tuple[str, int]] = []
    judged: list[Judgement] = []
    for tool, entries in sorted(by_tool.items()):
        spec = find(tool)
        if spec is None:
            missing.append((tool, len(entries)))
            continue
        of_tool = [judge(entry, given.folder / "reports", spec) for entry in entries]
        judged += of_tool
        write(_line(tool, of_tool) + "\n")
        for each in of_tool:
            write("".join(f"    {each.file}: {words}\n" for words in remarks(each, quiet=given.quiet)))
    write("".join(f"{words}\n" for words in _summary(judged)))
    if missing:
        names = " ".join(tool for tool, _ in missing)
        write(f"not implemented ({len(missing)} tools, {sum(n for _, n in missing)} reports): {names}\n")
    faults = [each.file for each in judged if (each.wrong or each.detected) and not each.explained]
    if faults:
        write(f"unexplained ({len(faults)}): {' '.join(faults)}\n")
    return 1 if faults else 0


def _entries(folder: Path, tools: list[str] | None, tiers: list[str] | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads((folder / "expectations.json").read_text("utf-8")):
        if (not tools or entry["tool"] in tools) and (not tiers or entry.get("tier") in tiers):
            found.setdefault(entry["tool"], []).append(entry)
    return found


def _line(name: str, judged: list[Judgement]) -> str:
    """Return the line of a tool or a tier in the table; recall is of what the reports say."""
    right, said = (sum(each.severities[i] for each in judged) for i in (0, 1))
    exact = sum(each.exact for each in judged)
    cells = [f"{name:<32}", f"{len(judged):>4}", f"{exact:>4}", f"{right}/{said}".rjust(11)]
    for measure in MEASURES:
        found, asked = _recall(judged, measure)
        cells.append((f"{found}/{asked}" if asked else "-").rjust(11))
    return " ".join(cells)


def _recall(judged: list[Judgement], measure: str) -> tuple[int, int]:
    all_of = [each.recall[measure] for each in judged if measure in each.recall]
    return sum(each.found for each in all_of), sum(each.said for each in all_of)


def _summary(judged: list[Judgement]) -> Iterator[str]:
    """Yield the lines of the tiers, and the figures of each."""
    tiers = sorted({each.tier for each in judged})
    groups = [(f"tier {tier}", [each for each in judged if each.tier == tier]) for tier in tiers]
    groups.append(("all", judged))
    for name, group in groups:
        yield _line(name, group)
    for name, group in groups:
        fair = sum(each.is_fair for each in group)
        figures = [f"{name}: {_share(fair, len(group))} of reports have the expected count or an explained one"]
        for measure in MEASURES:
            found, asked = _recall(group, measure)
            foreign, explained = _no_misses(group, measure)
            beside = "; ".join(
                f"{number} {words}"
                for number, words in ((foreign, "not in the report"), (explained, "explained"))
                if number
            )
            low = " ← below" if asked and found * 100 < _ENOUGH * asked else ""
            figures.append(f"{measure} {_share(found, asked)}{f' ({beside})' if beside else ''}{low}")
        yield "\n    ".join(figures)


def _no_misses(judged: list[Judgement], measure: str) -> tuple[int, int]:
    all_of = [each.recall[measure] for each in judged if measure in each.recall]
    return sum(len(each.foreign) for each in all_of), sum(len(each.explained) for each in all_of)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "none"
