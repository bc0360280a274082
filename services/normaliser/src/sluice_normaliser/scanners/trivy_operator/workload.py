"""Where it is: the workload a report is about, its image, and the package."""

from typing import Any

from sluice_normaliser.kit import construct
from sluice_normaliser.kit.packages import complete, versions
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import ImageRef, Location, PackageLocation, ResourceLocation

_LABEL = "trivy-operator.resource."


class Workload:
    """The workload that a report's labels name: ``default/ReplicaSet/shop-5d4f8``."""

    def __init__(self, document: dict[str, Any]) -> None:
        metadata = obj(document.get("metadata"))
        labels, notes = obj(metadata.get("labels")), obj(metadata.get("annotations"))
        owner = next(iter(objs(metadata.get("ownerReferences"))), {})
        self.report = words(metadata.get("name"))
        self.kind = words(labels.get(f"{_LABEL}kind")) or words(owner.get("kind"))
        # a name that is too long for a label stands in an annotation
        self.name = (
            words(notes.get(f"{_LABEL}name")) or words(labels.get(f"{_LABEL}name")) or words(owner.get("name"))
        ) or self.report
        self.namespace = words(labels.get(f"{_LABEL}namespace")) or words(metadata.get("namespace"))
        self.container = words(labels.get("trivy-operator.container.name"))

    @property
    def resource(self) -> ResourceLocation | None:
        """The workload as a place."""
        parts = [part for part in (self.namespace, self.kind, self.name, self.container) if part]
        if not parts:
            return None
        return construct(
            ResourceLocation,
            {
                "resource": "/".join(parts),
                "resource_type": self.kind,
                "name": self.name,
                "provider": "kubernetes",
                "namespace": self.namespace,
            },
        )

    @property
    def places(self) -> list[Location]:
        """The workload as a list of places."""
        return [self.resource] if self.resource else []


def image_of(report: dict[str, Any]) -> ImageRef | None:
    """Return the image that a report is about."""
    artifact, system = obj(report.get("artifact")), obj(report.get("os"))
    repository, server = words(artifact.get("repository")), words(obj(report.get("registry")).get("server"))
    if repository is None:
        return None
    registry = "docker.io" if server == "index.docker.io" else server
    return construct(
        ImageRef,
        {
            "name": f"{registry}/{repository}" if registry else repository,
            "tag": words(artifact.get("tag")),
            "digest": words(artifact.get("digest")),
            "os": " ".join(str(system[key]) for key in ("family", "name") if system.get(key)) or None,
        },
    )


def package_of(each: dict[str, Any], report: dict[str, Any], *, of_system: bool) -> PackageLocation | None:
    """Return the package of a vulnerability; one of the system has the distribution's ecosystem."""
    family = words(obj(report.get("os")).get("family"))
    given = {
        "name": words(each.get("resource")),
        "version": words(each.get("installedVersion")),
        "purl": words(each.get("packagePURL")) or words(each.get("pkgPURL")),
        "ecosystem": words(each.get("packageType")) or (family if of_system else None),
        "fixed_versions": versions(each.get("fixedVersion")),
        "path": words(each.get("packagePath")) or (None if of_system else words(each.get("target"))),
        "image": image_of(report),
    }
    done = complete({key: value for key, value in given.items() if value})
    return construct(PackageLocation, done) if done else None
