"""Make the demo's reports again: real scanners over published packages and over the small sources in ``src/``.

    python deploy/demo/make_reports.py [--work DIR] [--only PART_OF_A_NAME]

Needs Linux (``unshare``), Python 3.11, pip, npm and node. Nothing is installed outside the work folder. Reports are
written as the scanners print them; what goes into one is decided only by the files and rules that are scanned.
Rounds are made in order, so that a report's own time is later than that of the round before.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import tempfile
from pathlib import Path

from checkouts import assemble, build_image
from scans import Scan, scans
from toolbox import Toolbox

HERE = Path(__file__).parent
REPORTS = HERE / "reports"
MACHINE_PATHS = (Path(tempfile.gettempdir()), Path.home(), HERE.resolve().parents[1])


def make(scan: Scan, toolbox: Toolbox, work: Path) -> None:
    """Write one report, after checking that it names no path of this machine."""
    checkout = assemble(work / "checkouts" / scan.asset, scan.parts, here=HERE, cache=work / "packages")
    if scan.image:
        build_image(checkout)
    content = toolbox.scan(scan.tool, shlex.split(scan.arguments), checkout, scan.accepted)
    text = content.decode()
    json.loads(text)
    leaked = [str(path) for path in (*MACHINE_PATHS, work) if f"{path}/" in text]
    if leaked:
        raise SystemExit(f"{scan.report} names paths of this machine: {', '.join(leaked)}")
    (REPORTS / scan.report).write_bytes(content)
    print(f"{len(content):>8}  {scan.report}")


def main() -> None:
    """Make every report, or those whose name contains ``--only``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "demo-reports")
    parser.add_argument("--only", default="", help="a part of the reports' names")
    given = parser.parse_args()
    if shutil.which("unshare") is None:
        raise SystemExit("unshare is missing: the scanners run in a namespace of their own (util-linux, Linux only)")
    work: Path = given.work.resolve()
    toolbox = Toolbox(work / "tools")
    toolbox.install()
    REPORTS.mkdir(exist_ok=True)
    for version in (1, 2, 3):
        for scan in scans(version, toolbox):
            if given.only in scan.report:
                make(scan, toolbox, work)


if __name__ == "__main__":
    main()
