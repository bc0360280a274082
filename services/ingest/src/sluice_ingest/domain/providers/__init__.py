"""The providers of webhooks. A provider is one file here and one line in the table."""

from sluice_ingest.domain.providers.base import Delivery, Provider
from sluice_ingest.domain.providers.generic import GenericProvider

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in (GenericProvider(),)}

__all__ = ["PROVIDERS", "Delivery", "Provider"]
