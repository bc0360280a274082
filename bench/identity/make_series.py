"""Make the series of reports beside this file again: packages at successive versions, scanned by Bandit, and the truth.

Usage: python bench/identity/make_series.py --bandit PATH_OF_BANDIT
The truth comes from the sources alone: a result of the old version is the *same* as one of the new when both are of one
rule, and a line-by-line comparison of the file maps the old line, unchanged, to the new one. A line that is gone or
edited makes its result *gone* when the new file has no new result of that rule, else *ambiguous*.
"""

import argparse
import difflib
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = {
    "requests": ("2.25.1", "2.28.2", "2.31.0"),
    "flask": ("1.1.4", "2.0.3", "2.3.3"),
    "paramiko": ("2.7.2", "2.12.0", "3.4.0"),
}


def fetch(package: str, version: str, folder: Path) -> Path:
    """Install the package's own files, without its dependencies, and return the folder of its sources."""
    target = folder / f"{package}-{version}"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(target)]
    subprocess.run([*command, f"{package}=={version}"], check=True)
    return target


def scan(bandit: str, sources: Path, package: str) -> dict[str, Any]:
    """Run Bandit from inside the sources, so that paths are relative."""
    command = [bandit, "-q", "-r", package, "-f", "json"]
    result = subprocess.run(command, cwd=sources, capture_output=True, check=False)
    report: dict[str, Any] = json.loads(result.stdout)
    del report["metrics"]  # counts per file, which no parser reads
    report["metrics"] = {}
    return report


def line_map(old: Path, new: Path) -> dict[int, int]:
    """Return old line → new line of the lines that two versions of a file share."""
    if not new.exists():
        return {}
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (old, new))
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return {b.a + i + 1: b.b + i + 1 for b in blocks for i in range(b.size)}


def truth(old: list[Any], new: list[Any], old_sources: Path, new_sources: Path) -> dict[str, Any]:
    """Compare two lists of results by the sources."""
    places = {}
    for index, result in enumerate(new):
        places.setdefault((result["test_id"], result["filename"], result["line_number"]), []).append(index)
    maps: dict[str, dict[int, int]] = {}
    same, lost = [], []
    for index, result in enumerate(old):
        file = result["filename"]
        if file not in maps:
            maps[file] = line_map(old_sources / file, new_sources / file)
        line = maps[file].get(result["line_number"])
        candidates = places.get((result["test_id"], file, line), [])
        if candidates:
            same.append({"old": index, "new": candidates.pop(0)})
        else:
            lost.append(index)
    known = {pair["new"] for pair in same}
    fresh = [index for index in range(len(new)) if index not in known]
    replaced = {(new[index]["test_id"], new[index]["filename"]) for index in fresh}
    ambiguous = [i for i in lost if (old[i]["test_id"], old[i]["filename"]) in replaced]
    return {
        "old_count": len(old),
        "new_count": len(new),
        "same": same,
        "gone": [{"old": i} for i in lost if i not in ambiguous],
        "ambiguous": [{"old": i} for i in ambiguous],
        "new_findings": [{"new": i} for i in fresh],
    }


def main() -> None:
    """Write reports and truth."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bandit", required=True)
    arguments = parser.parse_args()
    reports, truths = HERE / "bandit", HERE / "truth" / "bandit"
    reports.mkdir(exist_ok=True)
    truths.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for package, versions in PACKAGES.items():
            sources = {version: fetch(package, version, Path(temporary)) for version in versions}
            results = {version: scan(arguments.bandit, sources[version], package) for version in versions}
            for version, report in results.items():
                (reports / f"{package}-{version}.json").write_text(json.dumps(report, indent=1) + "\n")
            for one, other in itertools.pairwise(versions):
                known = truth(results[one]["results"], results[other]["results"], sources[one], sources[other])
                known |= {"old": f"{package}-{one}", "new": f"{package}-{other}"}
                (truths / f"{package}-{one}__{package}-{other}.json").write_text(json.dumps(known) + "\n")


if __name__ == "__main__":
    main()
