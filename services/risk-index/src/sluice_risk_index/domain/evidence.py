"""Evidence about an asset beside its scans: who owns its paths, and what VEX says of it."""

from sluice_shared.contracts.events import RejectReason


class EvidenceRefusedError(ValueError):
    """The evidence can never be taken; ``detail`` says what is wrong and what to do."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
