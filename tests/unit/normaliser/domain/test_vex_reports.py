"""Which reports are VEX documents, and so evidence besides."""

import json

import pytest

from sluice_normaliser.domain.prepare import prepare
from sluice_normaliser.kit import ParseContext, parse_report


def bill(**analysis):
    vulnerability = {"id": "CVE-2024-1", "affects": [{"ref": "pkg:npm/left-pad@1.3.0"}], **analysis}
    tools = [{"vendor": "Aqua", "name": "trivy", "version": "0.50"}]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {"tools": tools},
        "vulnerabilities": [vulnerability],
    }


OPENVEX = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "statements": []}


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        (bill(), False),
        (bill(analysis={"state": "not_affected"}), True),
        (OPENVEX, True),
        ({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}, False),
    ],
)
def test_a_document_that_says_whether_vulnerabilities_matter_is_vex(document, is_one):
    prepared = prepare(parse_report(json.dumps(document).encode(), ParseContext(b"a key for tests")))
    assert [scan.vex for scan in prepared.scans] == [is_one]
