"""An asset's row, from what the catalogue says."""

from uuid import UUID

from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import TRIAGE
from sluice_risk_index.storage.assets import AssetRecord


def asset_record(rules: Rules, asset_id: UUID, key: str) -> AssetRecord:
    """Return what is to be kept of the asset that is called so now."""
    asset = rules.catalogue.asset(key)
    team = asset.owner or TRIAGE
    return AssetRecord(
        asset_id=asset_id,
        key=key,
        title=asset.title,
        team=team,
        tier=rules.tier_of(asset, team),
        criticality=asset.criticality.value,
        exposure=asset.exposure.value,
        environment=asset.environment,
        data_class=asset.data_class,
        tags=list(asset.tags),
    )
