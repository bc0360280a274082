"""Turns pydantic's errors into what is wrong and what to write instead, for configuration files and for requests."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

_MAX_SHOWN = 60
_EXAMPLES = {
    "int_parsing": "write a whole number, such as 30",
    "int_type": "write a whole number, such as 30",
    "int_from_float": "write a whole number, without a decimal point",
    "float_parsing": "write a number, such as 0.5",
    "float_type": "write a number, such as 0.5",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "string_type": "write text; put it between quotes when it looks like a number or a date",
    "list_type": "write a list: one entry a line, each beginning with '- '",
    "tuple_type": "write a list: one entry a line, each beginning with '- '",
    "set_type": "write a list: one entry a line, each beginning with '- '",
    "dict_type": "write a mapping: lines of 'key: value'",
    "model_type": "write a mapping: lines of 'key: value'",
    "model_attributes_type": "write a mapping: lines of 'key: value'",
    "mapping_type": "write a mapping: lines of 'key: value'",
    "date_parsing": "write a date, such as 2026-03-31",
    "date_from_datetime_parsing": "write a date, such as 2026-03-31",
    "date_type": "write a date, such as 2026-03-31",
    "time_parsing": "write a time of day, such as 22:00",
    "datetime_parsing": "write a time with its zone, such as 2026-03-31T12:00:00Z",
    "datetime_from_date_parsing": "write a time with its zone, such as 2026-03-31T12:00:00Z",
    "datetime_type": "write a time with its zone, such as 2026-03-31T12:00:00Z",
    "timezone_aware": "add the zone: 2026-03-31T12:00:00Z",
    "time_delta_parsing": "write a duration, such as P7D or 12:00:00",
    "uuid_parsing": "write a UUID, such as 6f1c3c0e-2b1a-4a53-9a51-2f1f5c1f9d10",
    "url_parsing": "write a whole URL, such as https://example.org/path",
    "url_scheme": "write a whole URL, such as https://example.org/path",
    "json_invalid": "send valid JSON",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`message` says what is wrong, `hint` what to write; an empty hint means that the message says both."""

    message: str
    hint: str


def explain(error: ErrorDetails | dict[str, Any], *, known: Iterable[str] = ()) -> Explanation:
    """Explain one error of pydantic. `known` are the field names allowed at its place, for suggestions."""
    kind, given = str(error["type"]), error.get("input")
    context: dict[str, Any] = error.get("ctx") or {}
    name = str(error["loc"][-1]) if error.get("loc") else ""
    if kind == "missing":
        return Explanation(f"'{name}' is missing", f"add '{name}'")
    if kind == "extra_forbidden":
        return Explanation(f"'{name}' is not known here", _suggest(name, known))
    if kind in ("enum", "literal_error"):
        return _one_of(given, str(context.get("expected", "")))
    if kind.startswith("union_tag"):
        return _tag(kind, given, context)
    return _other(kind, str(error["msg"]), given, context)


def _tag(kind: str, given: Any, context: dict[str, Any]) -> Explanation:
    tag = str(context.get("discriminator", "type")).strip("'")
    if kind == "union_tag_not_found":
        return Explanation(f"'{tag}' is missing", f"add '{tag}', which says what this is")
    return _one_of(context.get("tag", given), str(context.get("expected_tags", "")), of=f"for '{tag}'")


def _other(kind: str, message: str, given: Any, context: dict[str, Any]) -> Explanation:
    if kind in ("value_error", "assertion_error"):
        text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
        what, _, hint = text.partition("; ")
        return Explanation(what, hint)
    what = message[0].lower() + message[1:]
    what = what.replace("input should", "this should").replace("a valid dictionary", "a mapping")
    return Explanation(f"{what}{_shown(given)}", _EXAMPLES.get(kind, _limit(context)))


def _one_of(given: Any, expected: str, of: str = "") -> Explanation:
    choices = [c.strip().strip("'") for c in expected.replace(" or ", ", ").split(",") if c.strip()]
    close = difflib.get_close_matches(str(given).lower(), choices, n=1)
    hint = f"did you mean '{close[0]}'? One of {', '.join(choices)}" if close else f"write one of {', '.join(choices)}"
    return Explanation(f"'{str(given)[:_MAX_SHOWN]}' is not allowed{' ' + of if of else ''}", hint)


def _suggest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"known here: {', '.join(names)}" if names else "remove it"


def _limit(context: dict[str, Any]) -> str:
    words = {
        "ge": "write {} or more",
        "gt": "write more than {}",
        "le": "write {} or less",
        "lt": "write less than {}",
        "min_length": "at least {} needed",
        "max_length": "at most {} allowed",
        "pattern": "it has to match {}",
    }
    return next((text.format(context[key]) for key, text in words.items() if key in context), "")


def _shown(given: Any) -> str:
    if isinstance(given, str | int | float | bool):
        return f", not {str(given)[:_MAX_SHOWN]!r}" if isinstance(given, str) else f", not {given}"
    return ", not a list" if isinstance(given, list) else ", not a mapping" if isinstance(given, dict) else ""
