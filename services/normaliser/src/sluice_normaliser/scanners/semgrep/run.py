"""What Semgrep says about its own run."""

from typing import Any

_SHOWN = 5
_OF_RULES = ("semgreperror", "rule parse error", "invalid rule", "invalidrule", "patternparseerror", "unknown language")


def _grave(errors: Any) -> list[str]:
    told: list[str] = []
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict) and str(error.get("level", "error")).lower() == "error":
            kind, message = error.get("type"), error.get("message") or error.get("long_msg")
            name = kind if isinstance(kind, str) else kind[0] if isinstance(kind, list) and kind else "error"
            told.append(f"{name}: {message or error.get('path') or ''}".strip(": "))
    return told


def failure(errors: Any) -> str | None:
    """Return Semgrep's errors of the level ``error`` in words; warnings, such as a file parsed in part, are none."""
    told = _grave(errors)
    return f"{len(told)} errors: " + "; ".join(told[:_SHOWN]) if told else None


def nothing_scanned(results: Any, errors: Any, scanned: Any) -> str | None:
    """Return the errors of a run that looked at no file, or had no valid rules: it would pass for a clean one."""
    told = _grave(errors)
    useless = not scanned or any(each.lower().startswith(_OF_RULES) for each in told)
    return "; ".join(told[:_SHOWN]) if told and not results and useless else None
