"""Channels: one file for each way to reach people. A file is found by itself; its name is the channel's.

Each holds the model of its options, an async ``deliver`` and a ``CHANNEL`` that names both. Files that begin with ``_``
and ``kit`` are what channels share. A file that cannot be imported, or says nothing of itself, stops the start.
"""

import pkgutil
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from sluice_notifier.channels.kit import Channel

_SHARED = frozenset({"kit"})


@cache
def registry() -> MappingProxyType[str, Channel[Any]]:
    """Return the channels by name. Raises TypeError or ImportError when a file here is no channel."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    return MappingProxyType({name: _load(name) for name in names if name not in _SHARED})


def _load(name: str) -> Channel[Any]:
    channel = getattr(import_module(f"{__name__}.{name}"), "CHANNEL", None)
    if not isinstance(channel, Channel):
        raise TypeError(f"channels/{name}.py has no CHANNEL; say CHANNEL = Channel(options=…, deliver=deliver)")
    return channel
