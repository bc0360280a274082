"""What the notifier is told, on top of what every service is told."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from sluice_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the notifier."""

    service: ClassVar[str] = "notifier"

    delivery_max_age_hours: float = Field(
        default=24.0, gt=0, description="Hours that a delivery is tried at most, from its first attempt on"
    )
    deliveries_at_once: int = Field(default=4, ge=1, le=64, description="Messages to one receiver at the same time")
    delivery_timeout: float = Field(
        default=90.0, gt=0, description="Seconds that one attempt may take with all its requests"
    )
    delivery_sweep_seconds: float = Field(default=1.0, gt=0, description="Seconds between looks for due deliveries")
    ticket_check_seconds: float = Field(
        default=300.0, gt=0, description="Seconds between two looks at a ticket, to see whether somebody closed it"
    )
    allow_private_targets: bool = Field(
        default=False, description="Allow every receiver to be inside private networks; for demonstrations and tests"
    )

    @property
    def delivery_max_age(self) -> timedelta:
        """How long a delivery is tried."""
        return timedelta(hours=self.delivery_max_age_hours)
