"""What scanners of infrastructure as code check in common: the table of controls, and what a problem is about.

The table is ``controls.yaml`` beside this package's code. A problem whose rule is not in it has no control: by rules of
their own, scanners do not meet.
"""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sluice_shared.config import load_yaml
from sluice_shared.contracts.finding import CodeLocation, Observation, ResourceLocation

_TABLE = Path(__file__).parent.parent / "controls.yaml"
"""Part of the code, so that it may be read here; once, when the first problem is identified."""

_LIKE_TRIVY = frozenset({"trivy", "trivy_operator"})
_TRIVY_ID = re.compile(r"(?:AVD-)?([A-Z]+)-?0*(\d+)")
_TERRAFORM = re.compile(r"(?:[\w\[\]\"'-]+\.)*[a-z0-9]+_\w+\.[\w\[\]\"'-]+")
_API_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d+)?|[a-z][a-z0-9.-]*/v\d+(?:(?:alpha|beta)\d+)?")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?")
_KINDS = (
    "Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job", "CronJob",
)  # fmt: skip
_CHECKOV_OBJECT = re.compile(r"({})\.([a-z0-9-]+)\.([a-z0-9.-]+)".format("|".join(_KINDS)))
_OBJECT = re.compile(r"(?:(.*)/)?({})/([^/]+)".format("|".join(_KINDS)))


class Subject(StrEnum):
    """What one problem of a control is about."""

    RESOURCE = "resource"
    KUBERNETES = "kubernetes"
    FILE = "file"
    LINE = "line"


class Control(NamedTuple):
    """A control by its name, and what its problems are about."""

    name: str
    subject: Subject


@cache
def controls() -> dict[tuple[str, str], Control]:
    """Return the control of each (scanner, rule). Raises ValueError when the table gives a rule to two controls."""
    table: dict[tuple[str, str], Control] = {}
    for row in load_yaml(_TABLE).value:
        control = Control(row["control"], Subject(row["subject"]))
        for scanner, rules in row["rules"].items():
            for rule in rules:
                if table.setdefault((scanner, rule), control) is not control:
                    raise ValueError(f"{scanner}'s rule {rule} is given to two controls: {control.name} is the second")
    return table


def control_subject(observation: Observation) -> tuple[str, str, str] | None:
    """Return the control, the path ("" where there is none) and the subject of a problem, the same for every scanner.

    None where the table does not have the rule, or the problem does not say clearly what it is about.
    """
    control = controls().get(_rule(observation))
    location = observation.location
    if control is None or not isinstance(location, CodeLocation | ResourceLocation):
        return None
    path = (location.path or "").replace("\\", "/").removeprefix("./").lstrip("/")
    subject: str | None
    match control.subject:
        case Subject.FILE:
            subject = "" if path else None
        case Subject.LINE:
            subject = str(location.start_line) if path and location.start_line else None
        case Subject.RESOURCE:
            subject = _declared(location) if path else None
        case Subject.KUBERNETES:
            subject = _object(location)
            if isinstance(location, ResourceLocation) and location.resource.endswith(path):
                # In a cluster some scanners give the object where others give a file.
                path = ""
    return None if subject is None else (control.name, path, subject)


def _rule(observation: Observation) -> tuple[str, str]:
    """Return scanner and rule as the table has them."""
    if observation.scanner not in _LIKE_TRIVY:
        return observation.scanner, observation.rule_id
    # Some versions give a check's long name as its id, and its number beside it.
    named = [observation.rule_id, *(i.value for i in observation.identifiers if i.type == "avd")]
    found = next(filter(None, map(_TRIVY_ID.fullmatch, named)), None)
    return "trivy", f"{found[1]}-{found[2]}" if found else observation.rule_id


def _declared(location: CodeLocation | ResourceLocation) -> str | None:
    if not isinstance(location, ResourceLocation) or not _TERRAFORM.fullmatch(location.resource):
        return None
    return location.resource


def _object(location: CodeLocation | ResourceLocation) -> str | None:
    """Return ``namespace/Kind/name`` of ``Deployment.default.web``, ``apps/v1/shop/Deployment/web`` and the like."""
    if not isinstance(location, ResourceLocation):
        return None
    if found := _CHECKOV_OBJECT.fullmatch(location.resource):
        kind, namespace, name = found.groups()
    elif found := _OBJECT.fullmatch(location.resource):
        before, kind, name = found.groups()
        namespace = location.namespace or _namespace(before or "")
    else:
        return None
    return f"{namespace or 'default'}/{kind}/{name}" if _NAME.fullmatch(name) else None


def _namespace(before: str) -> str:
    """Return what comes before kind and name, but for a version of the API."""
    last = before.rpartition("/")[2]
    return "" if _API_VERSION.fullmatch(before) or _API_VERSION.fullmatch(last) else last
