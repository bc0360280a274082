"""What can go wrong in asking the risk index; the transport makes problem documents of it."""

from collections.abc import Sequence
from uuid import UUID

from sluice_risk_index.domain.exception_rules import Fault


class UnknownAssetError(Exception):
    """No scan of this asset has been indexed, or the caller may not see it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class BadExceptionError(Exception):
    """An exception cannot be one as it is; ``faults`` say what is wrong and what to write instead."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


class KnownExceptionError(Exception):
    """There is, or was, an exception of this id, in ``file`` when it is one of the configuration folder."""

    def __init__(self, name: str, file: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.file = file


class NoExceptionError(Exception):
    """No exception by API has this id, or it was ended; ``file`` is where one of this id stands in the folder."""

    def __init__(self, name: str, file: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.file = file


class ForeignExceptionError(Exception):
    """The caller may speak for these assets only, and the exception is about more."""

    def __init__(self, name: str, assets: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.assets = assets


class UnknownFindingError(Exception):
    """There is no such finding, or the caller may not see it."""

    def __init__(self, finding_id: str) -> None:
        super().__init__(finding_id)
        self.finding_id = finding_id


class UnknownPreviewError(Exception):
    """There is no such preview (any more), or it is of another filter."""


class OutdatedPreviewError(Exception):
    """Some findings of a preview do not meet its filter any more: ``gone`` are their ids, ``added`` how many do now."""

    def __init__(self, gone: list[UUID], added: int) -> None:
        super().__init__(f"{len(gone)} gone, {added} added")
        self.gone = gone
        self.added = added


class UnknownGroupError(Exception):
    """Nothing was ever measured of this asset, team or programme, or the caller may not see the whole of it."""

    def __init__(self, level: str, name: str) -> None:
        super().__init__(f"{level} {name}")
        self.level = level
        self.name = name
