"""What can go wrong in asking the risk index; the transport makes problem documents of it."""

from uuid import UUID


class UnknownAssetError(Exception):
    """No scan of this asset has been indexed, or the caller may not see it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


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
