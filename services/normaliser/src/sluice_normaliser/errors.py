"""Errors of the normaliser.

A report is refused by a ReportError alone, with a reason from :class:`sluice_shared.contracts.events.RejectReason`.
"""

from uuid import UUID

from sluice_normaliser.domain.algorithms import UnknownAlgorithmError
from sluice_normaliser.kit import ReportError

__all__ = [
    "IdentityConflictError",
    "NoSuchAssetError",
    "NoSuchFindingError",
    "NothingToPlanError",
    "RenameConflictError",
    "ReportError",
    "UnknownAlgorithmError",
]


class NoSuchFindingError(Exception):
    """No finding has this id."""

    def __init__(self, finding_id: UUID) -> None:
        super().__init__(f"no finding has the id {finding_id}")


class NoSuchAssetError(Exception):
    """No asset is known by this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no report has spoken of an asset '{key}'")


class NothingToPlanError(Exception):
    """The change of algorithms that is to be planned changes nothing."""


class IdentityConflictError(Exception):
    """Findings cannot be split or merged in this way; the message says why."""


class RenameConflictError(Exception):
    """An asset cannot be renamed in this way; the message says why."""
