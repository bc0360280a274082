"""The gate's answer as Markdown, for a comment on a pull request."""

import re

from sluice_risk_index.application.judge_gate import GateReport
from sluice_risk_index.domain.gate import Verdict

MEDIA_TYPE = "text/markdown"
_SIGNS = {Verdict.PASS: "✅ pass", Verdict.WARN: "⚠️ warn", Verdict.FAIL: "❌ fail", Verdict.UNKNOWN: "❔ unknown"}
_ROWS = 50
_LONGEST_CELL = 200
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~@!])")


def as_markdown(report: GateReport) -> str:
    """Write the verdict, its reasons and a table of the new findings; what scanners said is escaped."""
    lines = [
        f"## Sluice gate: {_SIGNS[report.answer.verdict]}",
        "",
        f"{_cell(report.asset)}, `{_code(report.ref)}` against `{_code(report.base)}`, tier {_cell(report.tier)}",
        "",
        *(f"- {_cell(reason)}" for reason in report.answer.reasons),
    ]
    if report.excused:
        excused = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(report.excused.items()))
        lines.append(f"- new, but excused: {excused}")
    if report.findings:
        lines += ["", "| Severity | Finding | Where | Fix | Owner |", "|---|---|---|---|---|"]
        for finding in report.findings[:_ROWS]:
            shown = ("severity", "title", "location", "fix_action", "team")
            lines.append("| " + " | ".join(_cell(finding[name] or "") for name in shown) + " |")
        if len(report.findings) > _ROWS:
            lines += ["", f"and {len(report.findings) - _ROWS} more"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Make text harmless inside a line or a cell: no markup, no mention, no line break."""
    flat = " ".join(text.split())
    if len(flat) > _LONGEST_CELL:
        flat = flat[: _LONGEST_CELL - 1] + "…"
    return _SPECIAL.sub(r"\\\1", flat)


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
