"""What may go wrong when Sluice runs its own servers."""


class EmbeddedError(Exception):
    """An embedded server cannot be had; the message says why and what to do about it."""
