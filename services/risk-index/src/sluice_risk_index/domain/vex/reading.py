"""Reads VEX documents: OpenVEX, CSAF and CycloneDX, each in JSON."""

from typing import Any

import orjson

from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.vex import csaf, cyclonedx, openvex
from sluice_risk_index.domain.vex.document import MAX_STATEMENTS, VexDocument
from sluice_shared.contracts.events import RejectReason

_FORMS = (openvex, csaf, cyclonedx)


def read_vex(body: bytes) -> VexDocument:
    """Return what the document says. Raises EvidenceRefusedError."""
    document = read_json(body)
    form = next((form for form in _FORMS if isinstance(document, dict) and form.recognises(document)), None)
    if form is None:
        raise EvidenceRefusedError(
            RejectReason.UNKNOWN_FORMAT,
            "this is no VEX document that is known: send OpenVEX, CSAF or CycloneDX, in JSON",
        )
    read: VexDocument = form.read(document)
    if sum(len(stated.identifiers) for stated in read.stated) > MAX_STATEMENTS:
        raise EvidenceRefusedError(
            RejectReason.TOO_LARGE, f"the document has more than {MAX_STATEMENTS} statements: split it by product"
        )
    return read


def read_json(body: bytes) -> Any:
    """Return the JSON in a body. Raises EvidenceRefusedError."""
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise EvidenceRefusedError(
            RejectReason.MALFORMED, f"line {error.lineno}, column {error.colno}: this is no JSON ({error.msg})"
        ) from error
