"""The gate's answer as Markdown, for a comment on a pull request."""

import re
from collections.abc import Iterator

from sluice_risk_index.application.judge_gate import GateReport
from sluice_risk_index.domain.gate import Verdict
from sluice_risk_index.domain.policy import Counted
from sluice_risk_index.domain.scans import write_age

MEDIA_TYPE = "text/markdown"
_SIGNS = {
    Verdict.PASS: "✅ pass",
    Verdict.WARN: "⚠️ warn",
    Verdict.STALE: "⌛ stale",
    Verdict.MISSING: "❔ missing",
    Verdict.FAIL: "❌ fail",
}
_ROWS = 50
_LONGEST_CELL = 300
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~@!])")


def as_markdown(report: GateReport) -> str:
    """Write the verdict, its reasons, a table of the findings and the scans; what scanners said is escaped."""
    excused = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(report.excused.items()))
    new = "new, but " if report.counted is Counted.NEW else ""
    lines = [
        f"## Sluice gate: {_SIGNS[report.answer.verdict]}",
        "",
        f"{_cell(report.asset)}, `{_code(report.ref)}` against `{_code(report.base)}`, tier {_cell(report.tier)}",
        "",
        *(f"- {_cell(reason)}" for reason in report.answer.reasons),
        *([f"- {new}excused: {excused}"] if excused else []),
        *_findings(report),
        *_scans(report),
    ]
    return "\n".join(lines) + "\n"


def _findings(report: GateReport) -> Iterator[str]:
    if not report.findings:
        return
    yield from ("", "| Severity | Finding | Where | Fix | Owner |", "|---|---|---|---|---|")
    for finding in report.findings[:_ROWS]:
        shown = ("severity", "title", "location", "fix_action", "team")
        yield "| " + " | ".join(_cell(finding[name] or "") for name in shown) + " |"
    left = sum(report.answer.counts.values()) - min(len(report.findings), _ROWS)
    if left > 0:
        yield from ("", f"and {left} more")


def _scans(report: GateReport) -> Iterator[str]:
    known = [practice for practice in report.practices if practice.scan]
    if known:
        said = (
            f"{practice.name} {write_age(report.at - practice.scan.at)} ago by {_cell(practice.scan.scanner)}"
            for practice in known
            if practice.scan
        )
        yield from ("", "Scanned: " + ", ".join(said))


def _cell(text: str) -> str:
    """Make text harmless inside a line or a cell: no markup, no mention, no line break."""
    flat = " ".join(text.split())
    if len(flat) > _LONGEST_CELL:
        flat = flat[: _LONGEST_CELL - 1] + "…"
    return _SPECIAL.sub(r"\\\1", flat)


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
