"""What is known of an asset by evidence, where its findings are assessed."""

from dataclasses import dataclass

from sluice_risk_index.domain.codeowners import Codeowners
from sluice_risk_index.domain.vex.statements import Statements

NOTHING_SAID = Statements()


@dataclass(frozen=True, slots=True)
class AssetEvidence:
    """CODEOWNERS that were pushed for the asset, with the digest of their text, and what VEX says."""

    codeowners: Codeowners | None = None
    digest: str = ""
    statements: Statements = NOTHING_SAID


NO_EVIDENCE = AssetEvidence()
