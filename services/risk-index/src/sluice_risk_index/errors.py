"""What can go wrong in asking the risk index; the transport makes problem documents of it."""


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


class UnknownGroupError(Exception):
    """Nothing was ever measured of this asset, team or programme, or the caller may not see the whole of it."""

    def __init__(self, level: str, name: str) -> None:
        super().__init__(f"{level} {name}")
        self.level = level
        self.name = name
