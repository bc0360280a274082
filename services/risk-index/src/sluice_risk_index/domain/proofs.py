"""Evidence that a practice ran: bills of materials, and in-toto attestations. What is signed is not verified here."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.vex.reading import read_json
from sluice_risk_index.domain.vex.shapes import obj, objs, words
from sluice_shared.contracts.events import EvidenceType, RejectReason

_PRACTICES = (
    (re.compile(r"slsa\.dev/(provenance|verification_summary)"), "provenance"),
    (re.compile(r"spdx\.dev/|cyclonedx\.org/bom"), "sbom"),
    (re.compile(r"test-result"), "test"),
    (re.compile(r"vuln"), "vulnerability_scan"),
    (re.compile(r"scai|link"), "supply_chain"),
)
OTHER_PRACTICE = "attestation"
"""Practice of attestations of a kind that is not listed above; the set is closed, because it is a metric's label."""
_SPDX_TAG = re.compile(rb"^SPDXVersion:\s*SPDX-", re.MULTILINE)
_PACKAGE_TAG = re.compile(rb"^PackageName:", re.MULTILINE)
_CYCLONEDX_XML = re.compile(rb"<bom\b[^>]*cyclonedx\.org/schema/bom")
_COMPONENT_XML = re.compile(rb"<component\b")
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Proof:
    """What was done (``practice``), in which form it is proved, and how much it lists."""

    practice: str
    form: str
    entries: int


def read_proof(kind: EvidenceType, body: bytes) -> Proof:
    """Return what the body proves. Raises EvidenceRefusedError."""
    return _sbom(body) if kind is EvidenceType.SBOM else _attestation(body)


def _sbom(body: bytes) -> Proof:
    if _SPDX_TAG.search(body[:_HEAD]):
        return Proof("sbom", "spdx", len(_PACKAGE_TAG.findall(body)))
    if _CYCLONEDX_XML.search(body[:_HEAD]):
        return Proof("sbom", "cyclonedx", len(_COMPONENT_XML.findall(body)))
    document = obj(read_json(body))
    if document.get("bomFormat") == "CycloneDX":
        return Proof("sbom", "cyclonedx", len(objs(document.get("components"))))
    if "spdxVersion" in document:
        return Proof("sbom", "spdx", len(objs(document.get("packages"))))
    if "spdx" in str(document.get("@context", "")):
        graph = objs(document.get("@graph"))
        packages = [item for item in graph if str(item.get("type", "")).endswith("Package")]
        return Proof("sbom", "spdx", len(packages))
    raise EvidenceRefusedError(RejectReason.UNKNOWN_FORMAT, "this is no bill of materials: send CycloneDX or SPDX")


def _attestation(body: bytes) -> Proof:
    lines = [line for line in body.splitlines() if line.strip()]
    # A bundle has a line for each attestation; the first says what was done.
    document = obj(read_json(body if len(lines) < 2 or not lines[0].rstrip().endswith(b"}") else lines[0]))  # noqa: PLR2004
    statement = _statement(document)
    predicate = words(statement.get("predicateType"))
    subjects = objs(statement.get("subject"))
    if predicate is None or not subjects:
        raise EvidenceRefusedError(
            RejectReason.SCHEMA,
            "this is no in-toto statement: it needs predicateType and a subject, plain or in a DSSE envelope",
        )
    practice = next((name for pattern, name in _PRACTICES if pattern.search(predicate)), OTHER_PRACTICE)
    return Proof(practice, predicate[:200], len(subjects))


def _statement(document: dict[str, Any]) -> dict[str, Any]:
    envelope = obj(document.get("dsseEnvelope")) or document
    payload = envelope.get("payload")
    if not isinstance(payload, str):
        return document
    try:
        return obj(read_json(base64.b64decode(payload, validate=True)))
    except binascii.Error as error:
        raise EvidenceRefusedError(RejectReason.MALFORMED, f"the envelope's payload is no Base64: {error}") from error
