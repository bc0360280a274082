"""What GitHub's alerts of every kind have in common."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, Reading, ScanMap, template
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, Observation

NOISE = ("repository", "dismissed_by", "resolved_by", "url", "assignees", "push_protection_bypassed_by")
"""What stands in alerts and says nothing about the problem."""


def in_repository(observation: Observation, record: Any, reading: Reading) -> Observation:
    """Name the repository of an alert as its asset, when a list for an organisation holds alerts of several."""
    repository = obj(obj(record).get("repository"))
    address = words(repository.get("html_url"))
    name = words(repository.get("full_name"))
    if address and name:
        host = address.partition("://")[2].partition("/")[0]
        asset = f"repo:{host}/{name}".lower()
        if reading.context.asset is not None and reading.context.asset.lower() != asset:
            observation.asset = asset
    return observation


def failed(name: str) -> Format:
    """Return the format of GitHub's answer when it refuses to list alerts."""
    return Format(
        name=f"{name}-refused",
        container="json",
        detect=JsonShape(
            root="object",
            has=("message",),
            match={"documentation_url": r"^https://docs\.github\.com/"},
            lacks=("alert",),
        ),
        scan=ScanMap(refuse=template("GitHub answered {message} {status}")),
        maps=(Map(each="alerts[]", kind=Kind.OTHER),),
    )
