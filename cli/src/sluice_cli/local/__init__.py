"""The embedded platform: real servers and the four services in one data folder, for ``up``, ``demo`` and tests."""

from sluice_cli.local.run import Addresses, Platform

__all__ = ["Addresses", "Platform"]
