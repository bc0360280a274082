"""Hydra: logins whose passwords were guessed."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    TextShape,
    call,
    const,
    host,
    matching,
    secret,
    template,
)
from sluice_normaliser.kit.coerce import boolean, strings
from sluice_shared.contracts.finding import Kind, Observation, Severity

_SETUP = """
```sh
hydra -L users -P passwords -b jsonv1 -o hydra.json ssh://192.0.2.1
sluice push hydra.json --asset host:192.0.2.1
```
The text that Hydra writes without `-b` does, too. A password that was found is never stored.
"""
_FOUND = (
    r"^\[(?P<port>\d+)\]\[(?P<service>[\w.-]+)\] +host: (?P<host>\S+)"
    r"(?: +(?:login|misc): (?P<login>.*?))?(?: +password: (?P<password>.*?))?[ \t\r]*$"
)
_LINE = re.compile(_FOUND, re.MULTILINE)
_TEXT = ScanMap(
    version=matching(".", r"^# Hydra (v\S+)"), scanned_at=matching(".", r"^# Hydra .* run at (\d\S+ [\d:]+)")
)


def _failed(success: Any, messages: Any) -> str | None:
    """Return what Hydra says went wrong; messages of a run that succeeded are warnings."""
    return ("; ".join(strings(messages)) or "Hydra did not succeed") if boolean(success) is False else None


_GUESSED = Map(
    each="results[]",
    kind=Kind.HOST,
    rule_id=const("weak-credentials"),
    title=template("Guessed the password of {login} on {host}:{port} ({service})"),
    severity=Severity.HIGH,
    cwes=const(521),
    location=host(host="host", port="port", service="service"),
    secret=secret(value="password", type=const("password"), verified=True),
    tags="service",
)
_COMPILED = _GUESSED.compile()


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each login of the text."""
    results = [found.groupdict() for found in _LINE.finditer(str(document))]
    yield from _COMPILED.run((None, {"results": results}), reading)


SPEC = ScannerSpec(
    name="hydra",
    title="THC Hydra",
    kinds=(Kind.HOST,),
    homepage="https://github.com/vanhauser-thc/thc-hydra",
    setup=_SETUP,
    formats=(
        Format(
            name="hydra-json-1",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=("generator.jsonoutputversion", "generator.software", "quantityfound"),
            ),
            scan=ScanMap(
                version="generator.version",
                scanned_at="generator.built",
                failure=call(_failed, "success", "errormessages"),
            ),
            maps=(_GUESSED,),
        ),
        Format(
            name="hydra-text",
            container="text",
            detect=TextShape(patterns=(_FOUND,)),
            scan=_TEXT,
            parse=_read,
        ),
        Format(
            name="hydra-text-nothing",
            container="text",
            detect=TextShape(patterns=(r"^# Hydra v\S+ run at ",)),
            scan=_TEXT,
            parse=_read,
        ),
    ),
)
