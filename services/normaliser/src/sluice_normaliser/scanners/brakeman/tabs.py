"""The report between tabs, which Brakeman writes for Jenkins: file, line, type, category, message, confidence."""

import re
from collections.abc import Iterator

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.identifiers import identifiers
from sluice_shared.contracts.finding import CodeLocation, Confidence, Kind, Observation

CONFIDENCE = {"High": Confidence.HIGH, "Medium": Confidence.MEDIUM, "Weak": Confidence.LOW}
TABS = re.compile(
    r"^(?P<file>[^\t\n]*)\t(?P<line>\d+)\t(?P<type>[^\t\n]+)\t(?P<part>General|Controller|Model|Template)\t"
    r"(?P<message>[^\t]*)\t(?P<confidence>High|Medium|Weak)\r?$"
)


def read(document: str, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each line."""
    for found in re.finditer(TABS.pattern, document, re.MULTILINE):
        place = {"path": found["file"], "start_line": found["line"] if found["line"] != "0" else None}
        yield reading.observe(
            kind=Kind.SAST,
            rule_id=found["type"],
            title=found["message"],
            message=found["message"],
            confidence=CONFIDENCE[found["confidence"]],
            identifiers=identifiers(found["message"]),
            location=construct(CodeLocation, place) if found["file"] else None,
            tags=[found["part"]],
        )
